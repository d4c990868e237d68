#include "frontend/data/npz.h"

#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <set>
#include <vector>

#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"
#include "frontend/data/npy.h"
#include "frontend/data/zip_reader.h"

namespace dlc {
namespace {

constexpr std::string_view kSuffix = ".npy";

/// Goes on to the next array's name ("w" of "w.npy"); false at the end. Fails on a name seen before.
Expected<bool> next_array(ZipReader& zip, const std::string& archive, std::set<std::string>& seen, std::string& name) {
  DLC_ASSIGN_OR_RETURN(const bool more, zip.next());
  if (!more) return false;
  const std::string& member = zip.member();
  if (member.size() <= kSuffix.size() || !member.ends_with(kSuffix))
    return make_error(ErrorCode::kData, "{}: expected members named <array>.npy, found {}", archive,
                      quote_text(member));
  name = member.substr(0, member.size() - kSuffix.size());
  if (!seen.insert(name).second)
    return make_error(ErrorCode::kData, "{}: two members are named {}", archive, quote_text(member));
  return true;
}

Expected<Array> read_member(ZipReader& zip) {
  DLC_ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, zip.open_member());
  return parse_npy(*source);
}

Expected<NamedArrays> read_all(ZipReader zip, const std::string& archive) {
  NamedArrays arrays;
  std::set<std::string> seen;
  std::string name;
  while (true) {
    DLC_ASSIGN_OR_RETURN(const bool more, next_array(zip, archive, seen, name));
    if (!more) return arrays;
    DLC_ASSIGN_OR_RETURN(Array array, read_member(zip));
    arrays.emplace_back(name, std::move(array));
  }
}

/// Where libzip writes an archive: an AtomicFile, by way of the callback of a zip source.
struct Output {
  AtomicFile& file;
  uint64_t position = 0;
  Expected<void> status = Ok{};  // the first error of the file
};

zip_int64_t on_output(void* user, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  auto& out = *static_cast<Output*>(user);
  switch (command) {
    case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT: {
      auto* stat = static_cast<zip_stat_t*>(data);
      zip_stat_init(stat);
      stat->size = 0;  // there is nothing to read yet
      stat->valid = ZIP_STAT_SIZE;
      return sizeof *stat;
    }
    case ZIP_SOURCE_WRITE:
      out.status = out.file.write_at(out.position, {static_cast<const std::byte*>(data), size});
      if (!out.status) return -1;
      out.position += size;
      return static_cast<zip_int64_t>(size);
    case ZIP_SOURCE_SEEK_WRITE: {
      const auto* seek = static_cast<const zip_source_args_seek_t*>(data);
      const uint64_t base = seek->whence == SEEK_CUR ? out.position : seek->whence == SEEK_END ? out.file.size() : 0;
      out.position = base + static_cast<uint64_t>(seek->offset);
      return 0;
    }
    case ZIP_SOURCE_TELL_WRITE: return static_cast<zip_int64_t>(out.position);
    case ZIP_SOURCE_READ: return 0;
    case ZIP_SOURCE_ERROR: {
      if (size < 2 * sizeof(int)) return -1;
      static_cast<int*>(data)[0] = ZIP_ER_WRITE;
      static_cast<int*>(data)[1] = 0;
      return 2 * sizeof(int);
    }
    default: return 0;  // begin, commit, roll back, open, close, free: the AtomicFile's owner does these
  }
}

/// Adds `<name>.npy`. `header` and `array` must live until the archive is closed: libzip reads then.
bool add_member(zip_t* zip, const std::string& name, const std::string& header, const Array& array, bool compress) {
  zip_buffer_fragment_t fragments[2] = {};
  fragments[0].data = reinterpret_cast<zip_uint8_t*>(const_cast<char*>(header.data()));
  fragments[0].length = header.size();
  fragments[1].data = reinterpret_cast<zip_uint8_t*>(const_cast<std::byte*>(array.bytes()));
  fragments[1].length = array.num_bytes();
  zip_source_t* source = zip_source_buffer_fragment(zip, fragments, array.num_bytes() > 0 ? 2 : 1, /*freep=*/0);
  if (source == nullptr) return false;
  const zip_int64_t index = zip_file_add(zip, (name + std::string(kSuffix)).c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  constexpr zip_uint16_t kMidnight = 0, kFirstDay = 1 << 5 | 1;  // of 1980, ZIP's first: equal arrays, equal bytes
  const auto at = static_cast<zip_uint64_t>(index);
  return zip_file_set_dostime(zip, at, kMidnight, kFirstDay, 0) == 0 &&
         zip_set_file_compression(zip, at, compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) == 0;
}

Expected<void> write_archive(Output& output, const std::string& path, const NamedArrays& arrays, bool compress) {
  // libzip makes no archive without members: it removes the file.
  if (arrays.empty()) return output.file.write(std::string("PK\5\6") + std::string(18, '\0'));
  zip_error_t error;
  zip_error_init(&error);
  const auto failed = [&](const char* why) {
    if (!output.status) return std::move(output.status).error();
    return make_error(ErrorCode::kIo, "{}: cannot write the ZIP archive: {}", path, why);
  };
  zip_source_t* sink = zip_source_function_create(on_output, &output, &error);
  zip_t* zip = sink == nullptr ? nullptr : zip_open_from_source(sink, ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (zip == nullptr) {
    if (sink != nullptr) zip_source_free(sink);
    Error result = failed(zip_error_strerror(&error));
    zip_error_fini(&error);
    return result;
  }
  std::vector<std::string> headers;
  for (const auto& entry : arrays) headers.push_back(npy_header(entry.second));
  bool good = true;
  for (size_t i = 0; i < arrays.size(); ++i)
    good = good && add_member(zip, arrays[i].first, headers[i], arrays[i].second, compress);
  if (good && zip_close(zip) == 0) return Ok{};
  Error result = failed(zip_strerror(zip));
  zip_discard(zip);
  return result;
}

}  // namespace

Expected<NamedArrays> read_npz(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(ZipReader zip, ZipReader::open(path));
  return read_all(std::move(zip), path.string());
}

Expected<NamedArrays> parse_npz(std::span<const std::byte> bytes, const std::string& name) {
  DLC_ASSIGN_OR_RETURN(ZipReader zip, ZipReader::open(bytes, name));
  return read_all(std::move(zip), name);
}

Expected<Array> read_npz_array(const FilePath& path, std::string_view name) {
  DLC_ASSIGN_OR_RETURN(ZipReader zip, ZipReader::open(path));
  std::set<std::string> seen;
  std::string found;
  while (true) {
    DLC_ASSIGN_OR_RETURN(const bool more, next_array(zip, path.string(), seen, found));
    if (!more) break;
    if (found == name) return read_member(zip);
  }
  return make_error(ErrorCode::kNotFound, "{}: no array named {}; it has: {}", path.string(), quote_text(name),
                    seen.empty() ? "nothing" : fmt::format("{}", fmt::join(seen, ", ")));
}

Expected<void> write_npz(const FilePath& path, const NamedArrays& arrays, const NpzOptions& options) {
  std::set<std::string_view> seen;
  for (const auto& [name, array] : arrays) {
    Expected<void> usable = check_member_name(path.string(), name + std::string(kSuffix));
    if (usable && name.empty()) usable = make_error(ErrorCode::kData, "{}: an array without a name", path.string());
    if (!usable) {
      usable.error().code = ErrorCode::kInvalidArgument;
      return usable;
    }
    if (!seen.insert(name).second)
      return make_error(ErrorCode::kInvalidArgument, "{}: two arrays are named {}", path.string(), quote_text(name));
  }

  DLC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::create(path));
  Output output{file};
  DLC_RETURN_IF_ERROR(write_archive(output, path.string(), arrays, options.compress));
  return file.commit();
}

}  // namespace dlc
