// .npz: NumPy's file of several named arrays, a ZIP of <name>.npy members.
//
//   Expected<NamedArrays> iris = read_npz("iris.npz");          // {"data", f64[150,4]}, {"target", i64[150]}
//   write_npz("out.npz", {{"x", x}, {"y", y}}, {.compress = true});
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "frontend/data/named_arrays.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Every array, in the order of the archive's directory. Members may be stored or deflated, of any
/// size (zip64). Errors: those of read_npy, naming the member; kData for a damaged archive, a
/// checksum that does not match, a member that is no .npy, two of one name or a name that is a path
/// out of the archive; kUnimplemented for encryption and other compression methods.
Expected<NamedArrays> read_npz(const FilePath& path);
/// One array; kNotFound, with the names that are there, if it is missing. Other members are not
/// read, so theirs may be of element types that we do not support.
Expected<Array> read_npz_array(const FilePath& path, std::string_view name);
/// The same as read_npz from memory; `name` is what messages call the bytes.
Expected<NamedArrays> parse_npz(std::span<const std::byte> bytes, const std::string& name);

struct NpzOptions {
  bool compress = false;  ///< deflate the members
};

/// Writes atomically (file_io.h); the same arrays give the same bytes (no time stamps).
/// kInvalidArgument if two arrays have one name or a name cannot be a member's.
Expected<void> write_npz(const FilePath& path, const NamedArrays& arrays, const NpzOptions& options = {});

}  // namespace dlc DLC_PUBLIC
