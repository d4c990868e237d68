// IDX: the format of the MNIST files, big-endian, plain or gzip-compressed.
//
//   Expected<Array> images = read_idx("train-images-idx3-ubyte.gz");   // u8[60000,28,28]
#pragma once

#include <span>
#include <string>

#include "support/array.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Reads unsigned bytes (0x08), i32 (0x0C), f32 (0x0D) and f64 (0x0E); gzip is recognised by its first
/// two bytes, whatever the file's name. Errors: kNotFound, kIo; kData for a damaged file;
/// kUnimplemented for int8 (0x09) and int16 (0x0B), which have no counterpart here.
Expected<Array> read_idx(const FilePath& path);

/// The same from memory; `name` is what messages call the bytes.
Expected<Array> parse_idx(std::span<const std::byte> bytes, const std::string& name);

/// Writes atomically (file_io.h), gzip-compressed if the path ends in ".gz". kInvalidType for element
/// types that IDX lacks (bool, i64, u32, u64); kInvalidShape for a size over 32 bits.
Expected<void> write_idx(const FilePath& path, const Array& array);

}  // namespace dlc DLC_PUBLIC
