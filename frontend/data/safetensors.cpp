#include "frontend/data/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"

namespace dlc {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;  // the cap of the reference reader
constexpr std::string_view kMetadataKey = "__metadata__";

struct SafetensorsType {
  std::string_view name;
  DType dtype;
};
constexpr SafetensorsType kSafetensorsTypes[] = {{"BOOL", DType::kBool}, {"U8", DType::kU8},   {"I32", DType::kI32},
                                                 {"I64", DType::kI64},   {"U32", DType::kU32}, {"U64", DType::kU64},
                                                 {"F32", DType::kF32},   {"F64", DType::kF64}};
constexpr std::pair<std::string_view, FileType> kNarrowTypes[] = {{"I8", {kInt32, FileType::Narrow::kI8}},
                                                                  {"I16", {kInt32, FileType::Narrow::kI16}},
                                                                  {"U16", {kInt32, FileType::Narrow::kU16}},
                                                                  {"F16", {kFloat32, FileType::Narrow::kF16}},
                                                                  {"BF16", {kFloat32, FileType::Narrow::kBf16}}};
constexpr std::string_view kForeignTypes[] = {"C64",         "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E5M2FNUZ",
                                              "F8_E4M3FNUZ", "F4",      "F6_E2M3", "F6_E3M2"};

struct Entry {
  std::string name;
  std::string dtype_name;
  Shape shape;
  std::vector<uint64_t> offsets;
  bool has_shape = false;
};

/// Takes the header's JSON event by event. A tree would hide keys that are there twice, and a hostile
/// header could nest it without end; here anything but the three known levels stops the parser.
class HeaderHandler : public nlohmann::json_sax<Json> {
 public:
  std::vector<Entry> entries;
  Metadata metadata;
  /// What stopped the parser.
  std::string problem;

  bool start_object(size_t) override {
    switch (place_) {
      case Place::kStart: return go(Place::kTop);
      case Place::kTop:
        if (key_ == kMetadataKey) return go(Place::kMetadata);
        entries.emplace_back().name = key_;
        fields_.clear();
        return go(Place::kEntry);
      default: return stop("an object where none belongs");
    }
  }
  bool end_object() override {
    if (place_ != Place::kEntry) return go(place_ == Place::kMetadata ? Place::kTop : Place::kEnd);
    const Entry& e = entries.back();
    if (e.dtype_name.empty() || !e.has_shape || e.offsets.size() != 2)
      return stop(
          fmt::format("tensor {} lacks one of 'dtype', 'shape' and 'data_offsets' (two numbers)", quote_text(e.name)));
    return go(Place::kTop);
  }
  bool key(std::string& k) override {
    key_ = k;
    std::set<std::string>& seen = place_ == Place::kTop        ? names_
                                  : place_ == Place::kMetadata ? metadata_keys_
                                                               : fields_;
    if (!seen.insert(k).second) return stop(fmt::format("key {} is there twice", quote_text(k)));
    if (place_ == Place::kEntry && k != "dtype" && k != "shape" && k != "data_offsets")
      return stop(fmt::format("tensor {} has the unknown key {}", quote_text(entries.back().name), quote_text(k)));
    return true;
  }
  bool string(std::string& s) override {
    if (place_ == Place::kMetadata) return metadata.emplace(key_, s).second;
    if (place_ == Place::kEntry && key_ == "dtype" && !s.empty()) {
      entries.back().dtype_name = s;
      return true;
    }
    return stop(fmt::format("text {} where none belongs", quote_text(s)));
  }
  bool start_array(size_t) override {
    if (place_ != Place::kEntry || key_ == "dtype") return stop("a list where none belongs");
    if (key_ == "shape") entries.back().has_shape = true;
    return go(key_ == "shape" ? Place::kShape : Place::kOffsets);
  }
  bool end_array() override { return go(Place::kEntry); }
  bool number_unsigned(uint64_t n) override {
    if (place_ == Place::kShape) {
      if (n > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return stop(fmt::format("tensor {} has a size over 63 bits", quote_text(entries.back().name)));
      entries.back().shape.push_back(static_cast<int64_t>(n));
      if (entries.back().shape.size() > kMaxFileRank)
        return stop(
            fmt::format("tensor {} has more than {} dimensions", quote_text(entries.back().name), kMaxFileRank));
      return true;
    }
    if (place_ == Place::kOffsets && entries.back().offsets.size() < 2) {
      entries.back().offsets.push_back(n);
      return true;
    }
    return stop(fmt::format("the number {} where none belongs", n));
  }
  bool number_integer(int64_t n) override { return stop(fmt::format("the negative number {}", n)); }
  bool number_float(double, const std::string& text) override {
    return stop(fmt::format("the number {}; expected an integer of 64 bits", quote_text(text)));
  }
  bool null() override { return stop("a null"); }
  bool boolean(bool) override { return stop("a boolean"); }
  bool binary(Json::binary_t&) override { return stop("binary data"); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return stop(fmt::format("not valid JSON at byte {}", position));
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kEntry, kShape, kOffsets, kEnd };

  bool go(Place place) {
    place_ = place;
    return true;
  }
  bool stop(std::string why) {
    problem = std::move(why);
    return false;
  }

  Place place_ = Place::kStart;
  std::string key_;
  std::set<std::string> names_, metadata_keys_, fields_;
};

Error bad_header(const std::string& name, std::string_view why) {
  return make_error(ErrorCode::kData, "{}: bad safetensors header: {}", name, why);
}

Expected<std::string> read_header_text(ByteSource& source) {
  std::array<uint8_t, 8> start = {};
  if (source.max_remaining() < start.size())
    return make_error(ErrorCode::kData, "{}: expected a safetensors file, found only {} bytes", source.name(),
                      source.max_remaining());
  DLC_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(start))));
  uint64_t length = 0;
  for (size_t i = start.size(); i-- > 0;) length = length << 8 | start[i];
  if (length > kMaxSafetensorsHeader)
    return bad_header(source.name(),
                      fmt::format("it claims {} bytes, which none has (at most {}); is this a safetensors file?",
                                  length, kMaxSafetensorsHeader));
  if (length > source.max_remaining())
    return bad_header(source.name(), fmt::format("it claims {} bytes, but {} follow; the file is cut off", length,
                                                 source.max_remaining()));
  std::string text(length, ' ');
  DLC_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(text.data(), text.size()))));
  if (!text.starts_with('{'))
    return bad_header(source.name(), fmt::format("expected '{{', found {}", quote_text(text)));
  // The JSON library takes a zero byte for the end of its input.
  if (text.find('\0') != std::string::npos) return bad_header(source.name(), "it has a zero byte");
  return text;
}

Expected<FileType> type_of_entry(const Entry& e, const std::string& name) {
  for (const SafetensorsType& row : kSafetensorsTypes)
    if (row.name == e.dtype_name) return FileType(row.dtype);
  for (const auto& [type_name, type] : kNarrowTypes)
    if (type_name == e.dtype_name) return FileType(type);
  if (std::find(std::begin(kForeignTypes), std::end(kForeignTypes), e.dtype_name) != std::end(kForeignTypes))
    return make_error(ErrorCode::kUnimplemented,
                      "{}: tensor {} has element type {}, which is not supported; convert it to F32 before saving",
                      name, quote_text(e.name), e.dtype_name);
  return bad_header(
      name, fmt::format("tensor {} has the unknown element type {}", quote_text(e.name), quote_text(e.dtype_name)));
}

/// The elements lie in the order of their offsets, each where the one before ended.
Expected<Safetensors> read_tensors(ByteSource& source, HeaderHandler& header) {
  std::vector<Entry>& entries = header.entries;
  // Empty tensors may share an offset; their names then decide.
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.offsets[0], a.offsets[1], a.name) < std::tie(b.offsets[0], b.offsets[1], b.name);
  });
  Safetensors file;
  file.metadata = std::move(header.metadata);
  uint64_t position = 0;
  for (const Entry& e : entries) {
    DLC_ASSIGN_OR_RETURN(const FileType type, type_of_entry(e, source.name()));
    DLC_ASSIGN_OR_RETURN(
        const uint64_t bytes,
        checked_file_bytes(fmt::format("{}: tensor {}", source.name(), quote_text(e.name)), type, e.shape));
    const uint64_t begin = e.offsets[0], end = e.offsets[1];
    if (begin != position)
      return bad_header(source.name(),
                        fmt::format("tensor {} begins at byte {}, expected {}: there is {}", quote_text(e.name), begin,
                                    position, begin > position ? "a hole" : "an overlap"));
    if (end < begin || end - begin != bytes)
      return bad_header(source.name(),
                        fmt::format("tensor {} is {} of {} bytes, but its offsets are {} to {}", quote_text(e.name),
                                    type_str(type.dtype, e.shape), bytes, begin, end));
    DLC_ASSIGN_OR_RETURN(Array array, read_elements(source, type, e.shape, ByteOrder::kLittle));
    file.tensors.emplace_back(e.name, std::move(array));
    position = end;
  }
  DLC_RETURN_IF_ERROR(source.finish());
  return file;
}

Expected<Safetensors> parse(ByteSource& source) {
  DLC_ASSIGN_OR_RETURN(const std::string text, read_header_text(source));
  HeaderHandler header;
  if (!Json::sax_parse(text, &header)) return bad_header(source.name(), header.problem);
  return read_tensors(source, header);
}

std::string_view type_name(DType dtype) {
  return std::find_if(std::begin(kSafetensorsTypes), std::end(kSafetensorsTypes),
                      [&](const SafetensorsType& r) { return r.dtype == dtype; })
      ->name;
}

}  // namespace

Expected<Safetensors> read_safetensors(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> file, FileSource::open(path));
  return parse(*file);
}

Expected<Safetensors> parse_safetensors(std::span<const std::byte> bytes, std::string name) {
  MemorySource source(bytes, std::move(name));
  return parse(source);
}

Expected<void> write_safetensors(const FilePath& path, const NamedArrays& tensors, const Metadata& metadata) {
  static_assert(std::endian::native == std::endian::little, "writers of array files write memory as it is");
  const auto invalid = [&](std::string_view name, std::string_view why) {
    return make_error(ErrorCode::kInvalidArgument, "{}: cannot name a tensor {}: {}", path.string(), quote_text(name),
                      why);
  };
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[std::string(kMetadataKey)] = metadata;
  std::set<std::string_view> seen;  // searching the ordered JSON object would be linear
  uint64_t offset = 0;
  for (const auto& [name, array] : tensors) {
    if (name.empty()) return invalid(name, "the name is empty");
    if (name == kMetadataKey) return invalid(name, "the format keeps that name for itself");
    if (!seen.insert(name).second) return invalid(name, "there are two of that name");
    if (array.shape().size() > kMaxFileRank)
      return invalid(name, fmt::format("it has more than {} dimensions", kMaxFileRank));
    const uint64_t end = offset + array.num_bytes();
    header.push_back(
        {name, {{"dtype", type_name(array.dtype())}, {"shape", array.shape()}, {"data_offsets", {offset, end}}}});
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {  // the only report of bad UTF-8 that the library makes
    return make_error(ErrorCode::kInvalidArgument, "{}: a tensor's name or the metadata is not valid UTF-8",
                      path.string());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxSafetensorsHeader)
    return make_error(ErrorCode::kResourceExhausted, "{}: the header has {} bytes; expected at most {}", path.string(),
                      text.size(), kMaxSafetensorsHeader);

  DLC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::create(path));
  const uint64_t length = text.size();
  DLC_RETURN_IF_ERROR(file.write(std::as_bytes(std::span(&length, 1))));
  DLC_RETURN_IF_ERROR(file.write(text));
  for (const auto& entry : tensors) DLC_RETURN_IF_ERROR(file.write(bytes_of(entry.second)));
  return file.commit();
}

}  // namespace dlc
