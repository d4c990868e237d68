#include "frontend/data/checkpoint.h"

#include <algorithm>

#include "frontend/data/checksum.h"
#include "frontend/data/elements.h"

namespace dlc {
namespace {

constexpr const char* kFormatKey = "format";
constexpr const char* kVersionKey = "format_version";
constexpr const char* kChecksumKey = "checksum";
constexpr const char* kFormat = "dlc-checkpoint";
constexpr const char* kVersion = "1";

/// Of everything that a checkpoint says: what safetensors' own rules leave open to a flipped bit (an element, a
/// name, a type of the same size) changes it.
std::string checksum_of(const NamedArrays& tensors, const Metadata& metadata) {
  Checksum sum;
  sum.add(tensors);
  for (const auto& [key, value] : metadata) {
    if (key == kChecksumKey) continue;
    sum.add(key);
    sum.add(value);
  }
  return sum.str();
}

const std::string* find(const Metadata& metadata, const char* key) {
  const auto it = metadata.find(key);
  return it == metadata.end() ? nullptr : &it->second;
}

Expected<Checkpoint> check(Safetensors file, const std::string& name) {
  Checkpoint checkpoint{std::move(file.tensors), std::move(file.metadata)};
  if (!is_own_checkpoint(checkpoint)) return checkpoint;
  const std::string* const version = find(checkpoint.metadata, kVersionKey);
  if (!version || *version != kVersion)
    return make_error(ErrorCode::kUnimplemented, "{}: checkpoint version {} is not supported; expected {}", name,
                      version ? quote_text(*version) : "(none)", kVersion);
  const std::string* const claimed = find(checkpoint.metadata, kChecksumKey);
  if (!claimed) return make_error(ErrorCode::kData, "{}: the checkpoint has no checksum; the file is damaged", name);
  const std::string found = checksum_of(checkpoint.tensors, checkpoint.metadata);
  if (*claimed != found)
    return make_error(ErrorCode::kData, "{}: the checksum is {}, expected {}; the file is damaged", name, found,
                      quote_text(*claimed));
  return checkpoint;
}

}  // namespace

bool is_own_checkpoint(const Checkpoint& checkpoint) {
  const std::string* const format = find(checkpoint.metadata, kFormatKey);
  return format && *format == kFormat;
}

Expected<void> save_checkpoint(const FilePath& path, const NamedArrays& tensors, const Metadata& metadata) {
  for (const char* key : {kFormatKey, kVersionKey, kChecksumKey})
    if (find(metadata, key))
      return make_error(ErrorCode::kInvalidArgument, "{}: the metadata key '{}' is the format's own", path.string(),
                        key);
  Metadata all = metadata;
  all[kFormatKey] = kFormat;
  all[kVersionKey] = kVersion;
  all[kChecksumKey] = checksum_of(tensors, all);
  return write_safetensors(path, tensors, all);
}

Expected<Checkpoint> load_checkpoint(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(Safetensors file, read_safetensors(path));
  return check(std::move(file), path.string());
}

Expected<Checkpoint> parse_checkpoint(std::span<const std::byte> bytes, const std::string& name) {
  DLC_ASSIGN_OR_RETURN(Safetensors file, parse_safetensors(bytes, name));
  return check(std::move(file), name);
}

}  // namespace dlc
