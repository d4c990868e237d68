#include "frontend/data/checksum.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "frontend/data/elements.h"

namespace dlc {

void Checksum::add(std::string_view text) {
  const std::string length = fmt::format("{}:", text.size());
  add(std::as_bytes(std::span(length)));
  add(std::as_bytes(std::span(text)));
}

void Checksum::add(std::span<const std::byte> bytes) {
  crc_ = static_cast<uint32_t>(crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void Checksum::add(const NamedArrays& arrays) {
  std::vector<const NamedArrays::value_type*> sorted;
  for (const auto& entry : arrays) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* entry : sorted) {
    add(entry->first);
    add(entry->second.type_str());
    add(bytes_of(entry->second));
  }
}

std::string Checksum::str() const { return fmt::format("crc32:{:08x}", crc_); }

}  // namespace dlc
