#include "frontend/data/checkpoint.h"

#include <zlib.h>

#include <algorithm>

#include "frontend/data/elements.h"

namespace dlc {
namespace {

constexpr const char* kFormatKey = "format";
constexpr const char* kVersionKey = "format_version";
constexpr const char* kChecksumKey = "checksum";
constexpr const char* kFormat = "dlc-checkpoint";
constexpr const char* kVersion = "1";

/// CRC-32 of everything that a checkpoint says: what safetensors' own rules leave open to a flipped
/// bit (an element, a name, a type of the same size) changes it. Text goes in with its length, so
/// that no two contents run together to the same bytes.
class Checksum {
 public:
  Checksum(const NamedArrays& tensors, const Metadata& metadata) {
    // By name: a file does not keep the order of empty arrays.
    std::vector<const NamedArrays::value_type*> sorted;
    for (const auto& entry : tensors) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    for (const auto* entry : sorted) {
      add(entry->first);
      add(entry->second.type_str());
      add(bytes_of(entry->second));
    }
    for (const auto& [key, value] : metadata) {
      if (key == kChecksumKey) continue;
      add(key);
      add(value);
    }
  }
  std::string str() const { return fmt::format("crc32:{:08x}", crc_); }

 private:
  void add(std::string_view text) {
    const std::string length = fmt::format("{}:", text.size());
    add(std::as_bytes(std::span(length)));
    add(std::as_bytes(std::span(text)));
  }
  void add(std::span<const std::byte> bytes) {
    crc_ = static_cast<uint32_t>(crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  }

  uint32_t crc_ = 0;
};

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
  const std::string found = Checksum(checkpoint.tensors, checkpoint.metadata).str();
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
  all[kChecksumKey] = Checksum(tensors, all).str();
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
