#include "frontend/data/checkpoint.h"

namespace dlc {
namespace {

constexpr const char* kFormatKey = "format";
constexpr const char* kVersionKey = "format_version";
constexpr const char* kFormat = "dlc-checkpoint";
constexpr const char* kVersion = "1";

}  // namespace

Expected<void> save_checkpoint(const std::filesystem::path& path, const NamedArrays& tensors,
                               const Metadata& metadata) {
  Metadata all = metadata;
  for (const auto& [key, value] : {std::pair(kFormatKey, kFormat), std::pair(kVersionKey, kVersion)})
    if (!all.emplace(key, value).second)
      return make_error(ErrorCode::kInvalidArgument, "{}: the metadata key '{}' is the format's own", path.string(),
                        key);
  return write_safetensors(path, tensors, all);
}

Expected<Checkpoint> load_checkpoint(const std::filesystem::path& path) {
  DLC_ASSIGN_OR_RETURN(Safetensors file, read_safetensors(path));
  const auto format = file.metadata.find(kFormatKey), version = file.metadata.find(kVersionKey);
  const bool ours = format != file.metadata.end() && format->second == kFormat;
  if (ours && (version == file.metadata.end() || version->second != kVersion))
    return make_error(ErrorCode::kUnimplemented, "{}: checkpoint version {} is not supported; expected {}",
                      path.string(), version == file.metadata.end() ? "(none)" : quote_text(version->second), kVersion);
  return Checkpoint{std::move(file.tensors), std::move(file.metadata)};
}

}  // namespace dlc
