// The element data of array files: from the bytes of a source to an Array, whatever the byte order.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "frontend/data/byte_source.h"
#include "frontend/data/named_arrays.h"
#include "support/array.h"

namespace dlc {

enum class ByteOrder { kLittle, kBig };

/// How an element lies in a file: as an element type of ours, or narrower, as one whose values ours has
/// exactly.
struct FileType {
  enum class Narrow : uint8_t { kNone, kI8, kI16, kU16, kF16, kBf16 };
  DType dtype;
  Narrow narrow = Narrow::kNone;
  constexpr FileType(DType t, Narrow n = Narrow::kNone) : dtype(t), narrow(n) {}  // NOLINT(google-explicit-constructor)
  /// Bytes of one element in the file.
  size_t size() const;
};

/// More dimensions than any library writes (NumPy 2 allows 64).
inline constexpr size_t kMaxFileRank = 64;

/// Reads num_elements(shape) elements, row-major. kData, before anything is allocated, when the shape
/// is no shape (negative sizes, a product over 63 bits, too many dimensions) or needs more bytes
/// than `source` has. Bools other than 0 become 1; narrow elements are widened, without loss.
Expected<Array> read_elements(ByteSource& source, FileType type, const Shape& shape, ByteOrder order);

/// The check alone; returns the bytes that the file needs.
Expected<uint64_t> checked_file_bytes(const std::string& name, FileType type, const Shape& shape);

/// Reverses the bytes of each element of `size` bytes.
void swap_bytes(std::span<std::byte> bytes, size_t size);

/// The elements of `a` as they stand in memory.
inline std::span<const std::byte> bytes_of(const Array& a) { return {a.bytes(), a.num_bytes()}; }

/// Files hold shapes and type names as text; this cuts what a message quotes from one.
std::string quote_text(std::string_view text);

}  // namespace dlc
