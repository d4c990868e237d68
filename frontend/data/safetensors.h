// safetensors: named arrays and a text-to-text map in one file, without code in it. The format of
// checkpoints (checkpoint.h) and of the weights beside graph files.
//
//   Expected<Safetensors> file = read_safetensors("model.safetensors");
//   write_safetensors("copy.safetensors", file->tensors, file->metadata);
//
// Layout: u64 header length, JSON header, elements (huggingface/safetensors, README "Format").
#pragma once

#include <span>
#include <string>

#include "frontend/data/named_arrays.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct Safetensors {
  NamedArrays tensors;  ///< in the order of their elements in the file
  Metadata metadata;    ///< `__metadata__`; empty if the file has none
};

/// Reads strictly: the header has at most 100 MB, no key twice, nothing unknown; the elements are
/// covered without holes or overlap. Types: BOOL, U8, I32, I64, U32, U64, F32, F64; another one
/// is kUnimplemented, naming the entry. Other errors: kNotFound, kIo; kData for a damaged file.
Expected<Safetensors> read_safetensors(const FilePath& path);

/// The same from memory; `name` is what messages call the bytes.
Expected<Safetensors> parse_safetensors(std::span<const std::byte> bytes, std::string name);

/// Writes atomically (file_io.h); elements in the order given, each array aligned to its element
/// size where the order allows (the reference reader asks only for the first). Names and metadata
/// must be UTF-8. kInvalidArgument if a name is empty, "__metadata__", there twice or not UTF-8.
Expected<void> write_safetensors(const FilePath& path, const NamedArrays& tensors, const Metadata& metadata = {});

}  // namespace dlc DLC_PUBLIC
