// Checkpoints: the state of a training as named arrays, in safetensors, so that any tool reads them.
// A folder of them, kept while a training runs: frontend/train/checkpoint_manager.h.
//
//   save_checkpoint("run1.safetensors", {{"w", w}, {"b", b}}, {{"step", "1000"}});
//   Expected<Checkpoint> at = load_checkpoint("run1.safetensors");
#pragma once

#include "frontend/data/safetensors.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct Checkpoint {
  NamedArrays tensors;  ///< by name, in the order saved
  Metadata metadata;    ///< what was passed to save_checkpoint, and the keys of the format

  /// The tensor of that name, or nullptr.
  const Array* find(std::string_view name) const { return find_array(tensors, name); }
};

/// Writes to a temporary file, syncs it and renames it over `path`: whatever happens, `path` is the
/// old checkpoint or the new one. `metadata` must not have the keys "format", "format_version" and
/// "checksum", which are the format's own. Errors: those of write_safetensors.
Expected<void> save_checkpoint(const FilePath& path, const NamedArrays& tensors, const Metadata& metadata = {});

/// Any safetensors file will do, not only our own. Errors: those of read_safetensors; kUnimplemented for
/// a checkpoint of a later version of this format; kData for one whose checksum (CRC-32 of all names,
/// types, shapes, elements and metadata) is missing or does not match.
Expected<Checkpoint> load_checkpoint(const FilePath& path);

/// The same from memory; `name` is what messages call the bytes.
Expected<Checkpoint> parse_checkpoint(std::span<const std::byte> bytes, const std::string& name);

/// Whether the file says that it is a checkpoint of dlc's own: then its checksum was tested.
bool is_own_checkpoint(const Checkpoint& checkpoint);

}  // namespace dlc DLC_PUBLIC
