// .npy: NumPy's file of one array (numpy.lib.format, versions 1.0, 2.0 and 3.0).
//
//   Expected<Array> x = read_npy("x.npy");
//   Expected<void> done = write_npy("y.npy", *x);
#pragma once

#include <span>
#include <string>

#include "support/array.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

class ByteSource;

/// Reads bool, u1, i4, i8, u4, u8, f4 and f8 of either byte order; Fortran order is transposed, so the
/// result is row-major. Errors: kNotFound, kIo; kData for a damaged file; kUnimplemented for other
/// element types, naming the type and a conversion (object arrays are refused: they are pickles,
/// and loading one runs code).
Expected<Array> read_npy(const FilePath& path);

/// The same from memory; `name` is what messages call the bytes.
Expected<Array> parse_npy(std::span<const std::byte> bytes, std::string name);

/// The same from any source, which must end with the array.
Expected<Array> parse_npy(ByteSource& source);

/// Writes version 1.0, little-endian, row-major, atomically (file_io.h).
Expected<void> write_npy(const FilePath& path, const Array& array);

/// What precedes the elements in the file: a multiple of 64 bytes.
std::string npy_header(const Array& array);

}  // namespace dlc DLC_PUBLIC
