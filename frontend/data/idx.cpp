#include "frontend/data/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"

namespace dlc {
namespace {

struct IdxType {
  uint8_t code;
  DType dtype;
};
constexpr IdxType kIdxTypes[] = {{0x08, DType::kU8}, {0x0C, DType::kI32}, {0x0D, DType::kF32}, {0x0E, DType::kF64}};

Expected<FileType> type_of_code(uint8_t code, const std::string& name) {
  for (const IdxType& row : kIdxTypes)
    if (row.code == code) return FileType(row.dtype);
  if (code == 0x09) return FileType(kInt32, FileType::Narrow::kI8);
  if (code == 0x0B) return FileType(kInt32, FileType::Narrow::kI16);
  return make_error(ErrorCode::kData,
                    "{}: unknown IDX element type 0x{:02x}; expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e", name, code);
}

Expected<Array> parse_plain(ByteSource& source) {
  std::array<uint8_t, 4> magic = {};
  if (source.exact_size() && source.max_remaining() < magic.size())
    return make_error(ErrorCode::kData, "{}: expected an IDX file, found only {} bytes", source.name(),
                      source.max_remaining());
  DLC_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(magic))));
  if (magic[0] != 0 || magic[1] != 0)
    return make_error(ErrorCode::kData, "{}: not an IDX file: it begins with {:02x} {:02x}, expected 00 00",
                      source.name(), magic[0], magic[1]);
  DLC_ASSIGN_OR_RETURN(const FileType type, type_of_code(magic[2], source.name()));
  Shape shape;
  for (int d = 0; d < magic[3]; ++d) {
    std::array<uint8_t, 4> size = {};
    DLC_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(size))));
    shape.push_back(int64_t{size[0]} << 24 | int64_t{size[1]} << 16 | int64_t{size[2]} << 8 | int64_t{size[3]});
  }
  DLC_ASSIGN_OR_RETURN(Array array, read_elements(source, type, shape, ByteOrder::kBig));
  DLC_RETURN_IF_ERROR(source.finish());
  return array;
}

bool is_gzip(std::span<const std::byte> start) {
  return start.size() >= 2 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

Expected<std::vector<std::byte>> gzip(std::span<const std::byte> bytes, const std::string& name) {
  constexpr int kGzipWrapper = 16;
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipWrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return make_error(ErrorCode::kResourceExhausted, "{}: no memory to compress", name);
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()));
  size_t done = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t chunk = std::min<size_t>(bytes.size(), size_t{1} << 30);
    const size_t room = std::min<size_t>(out.size() - done, size_t{1} << 30);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(chunk);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = static_cast<uInt>(room);
    status = deflate(&stream, chunk == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes = bytes.subspan(chunk - stream.avail_in);
    done += room - stream.avail_out;
  }
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return make_error(ErrorCode::kInternal, "{}: zlib error {} in deflate", name, status);
  out.resize(done);
  return out;
}

}  // namespace

Expected<Array> parse_idx(std::span<const std::byte> bytes, const std::string& name) {
  MemorySource source(bytes, name);
  if (!is_gzip(bytes)) return parse_plain(source);
  GzipSource unzipped(source);
  return parse_plain(unzipped);
}

Expected<Array> read_idx(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> file, FileSource::open(path));
  std::array<std::byte, 2> start = {};
  if (file->max_remaining() >= start.size()) DLC_RETURN_IF_ERROR(file->read(start));
  DLC_RETURN_IF_ERROR(file->rewind());
  if (!is_gzip(start)) return parse_plain(*file);
  GzipSource unzipped(*file);
  return parse_plain(unzipped);
}

Expected<void> write_idx(const FilePath& path, const Array& array) {
  const auto row = std::find_if(std::begin(kIdxTypes), std::end(kIdxTypes),
                                [&](const IdxType& r) { return r.dtype == array.dtype(); });
  if (row == std::end(kIdxTypes))
    return make_error(ErrorCode::kInvalidType, "{}: IDX has no element type {}; cast to u8, i32, f32 or f64",
                      path.string(), array.dtype());
  const bool fits = array.rank() <= static_cast<int64_t>(kMaxFileRank) &&
                    std::all_of(array.shape().begin(), array.shape().end(),
                                [](int64_t size) { return size <= int64_t{std::numeric_limits<uint32_t>::max()}; });
  if (!fits)
    return make_error(ErrorCode::kInvalidShape, "{}: IDX holds at most {} dimensions of 32 bits, found {}",
                      path.string(), kMaxFileRank, array.type_str());

  std::vector<std::byte> bytes = {std::byte{0}, std::byte{0}, std::byte{row->code},
                                  static_cast<std::byte>(array.rank())};
  for (const int64_t size : array.shape())
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::byte>(size >> shift & 0xff));
  const size_t header = bytes.size();
  const std::span<const std::byte> data = bytes_of(array);
  bytes.insert(bytes.end(), data.begin(), data.end());
  swap_bytes(std::span(bytes).subspan(header), size_of(array.dtype()));
  if (!path.string().ends_with(".gz")) return write_file_atomic(path, bytes);
  DLC_ASSIGN_OR_RETURN(const std::vector<std::byte> compressed, gzip(bytes, path.string()));
  return write_file_atomic(path, compressed);
}

}  // namespace dlc
