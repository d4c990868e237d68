// Checksum: CRC-32 of arrays and texts, to notice that they are not what they were. It keeps no secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "frontend/data/named_arrays.h"

namespace dlc {

class Checksum {
 public:
  /// Text goes in with its length, so that no two contents run together to the same bytes.
  void add(std::string_view text);
  void add(std::span<const std::byte> bytes);
  /// Names, types and elements, in the order of names: files do not keep that of empty arrays.
  void add(const NamedArrays& arrays);
  /// "crc32:89abcdef".
  std::string str() const;

 private:
  uint32_t crc_ = 0;
};

}  // namespace dlc
