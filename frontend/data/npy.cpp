#include "frontend/data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "frontend/data/byte_source.h"
#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"

namespace dlc {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
// Real headers have about a hundred bytes; NumPy itself refuses more than 10,000 by default.
constexpr uint32_t kMaxNpyHeader = 1 << 16;

struct NpyHeader {
  FileType type = kFloat32;
  ByteOrder order = ByteOrder::kLittle;
  bool fortran_order = false;
  Shape shape;
};

/// Parses the header's text: a Python literal of a dict with exactly the keys descr, fortran_order
/// and shape. Not a Python parser: of strings, tuples and bools it knows what NumPy writes.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Expected<NpyHeader> parse() {
    NpyHeader header;
    bool seen_descr = false, seen_order = false, seen_shape = false;
    if (!accept('{')) return expected("'{'");
    while (!accept('}')) {
      DLC_ASSIGN_OR_RETURN(const std::string_view key, parse_string("a key in quotes or '}'"));
      if (!accept(':')) return expected(fmt::format("':' after key {}", quote_text(key)));
      bool* seen = nullptr;
      if (key == "descr") {
        seen = &seen_descr;
        DLC_RETURN_IF_ERROR(parse_descr(header));
      } else if (key == "fortran_order") {
        seen = &seen_order;
        DLC_ASSIGN_OR_RETURN(header.fortran_order, parse_bool());
      } else if (key == "shape") {
        seen = &seen_shape;
        DLC_ASSIGN_OR_RETURN(header.shape, parse_shape());
      } else {
        return bad(fmt::format("unknown key {}; expected 'descr', 'fortran_order' and 'shape'", quote_text(key)));
      }
      if (*seen) return bad(fmt::format("key {} is there twice", quote_text(key)));
      *seen = true;
      if (!accept(',') && peek() != '}') return expected("',' or '}'");
    }
    if (peek() != '\0' || pos_ != text_.size()) return expected("nothing more after '}'");
    for (const auto& [seen, key] :
         {std::pair(seen_descr, "descr"), std::pair(seen_order, "fortran_order"), std::pair(seen_shape, "shape")})
      if (!seen) return bad(fmt::format("key '{}' is missing", key));
    return header;
  }

 private:
  Error bad(std::string_view what) const {
    return make_error(ErrorCode::kData, "{}: damaged .npy header: {}", name_, what);
  }
  Error expected(std::string_view what) const {
    return bad(fmt::format("expected {} at byte {} of the dict, found {}", what, pos_,
                           pos_ < text_.size() ? quote_text(text_.substr(pos_, 10)) : "its end"));
  }

  /// The next character that is not white space; '\0' at the end.
  char peek() {
    while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\n' || text_[pos_] == '\t')) ++pos_;
    return pos_ < text_.size() ? text_[pos_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c || pos_ >= text_.size()) return false;
    ++pos_;
    return true;
  }

  Expected<std::string_view> parse_string(std::string_view what) {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return expected(what);
    const size_t end = text_.find(quote, pos_ + 1);
    if (end == std::string_view::npos) return expected("a string that ends");
    const std::string_view content = text_.substr(pos_ + 1, end - pos_ - 1);
    if (content.find('\\') != std::string_view::npos) return expected("a string without escapes");
    pos_ = end + 1;
    return content;
  }

  Expected<bool> parse_bool() {
    peek();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>("True", true), {"False", false}}) {
      if (!text_.substr(pos_).starts_with(word)) continue;
      pos_ += word.size();
      return bool{value};
    }
    return expected("True or False");
  }

  Expected<Shape> parse_shape() {
    Shape shape;
    if (!accept('(')) return expected("'(' of the shape");
    while (!accept(')')) {
      peek();
      int64_t size = 0;
      const auto [end, status] = std::from_chars(text_.data() + pos_, text_.data() + text_.size(), size);
      if (status == std::errc::result_out_of_range) return expected("a size that fits 63 bits");
      if (status != std::errc{}) return expected("a size or ')'");
      pos_ = static_cast<size_t>(end - text_.data());
      if (pos_ < text_.size() && text_[pos_] == 'L') ++pos_;  // Python 2 wrote long integers so
      shape.push_back(size);
      if (shape.size() > kMaxFileRank) return expected(fmt::format("at most {} dimensions", kMaxFileRank));
      // (3) is a number in Python, not a tuple of one; (3,) is.
      if (!accept(',') && (shape.size() == 1 || peek() != ')')) return expected("','");
    }
    return shape;
  }

  Expected<void> parse_descr(NpyHeader& header) {
    if (peek() == '[' || peek() == '(')
      return make_error(ErrorCode::kUnimplemented,
                        "{}: a structured element type (records with fields) is not supported; save each field as an "
                        "array of its own",
                        name_);
    DLC_ASSIGN_OR_RETURN(const std::string_view descr, parse_string("an element type in quotes"));
    struct Row {
      std::string_view code;
      FileType type;
    };
    using Narrow = FileType::Narrow;
    static const Row kTypes[] = {{"b1", kBool},
                                 {"u1", kUInt8},
                                 {"i4", kInt32},
                                 {"i8", kInt64},
                                 {"u4", kUInt32},
                                 {"u8", kUInt64},
                                 {"f4", kFloat32},
                                 {"f8", kFloat64},
                                 {"i1", {kInt32, Narrow::kI8}},
                                 {"i2", {kInt32, Narrow::kI16}},
                                 {"u2", {kInt32, Narrow::kU16}},
                                 {"f2", {kFloat32, Narrow::kF16}}};
    if (descr.size() < 2 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
      return bad(fmt::format("expected an element type such as '<f4', found {}", quote_text(descr)));
    const auto row =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const Row& r) { return r.code == descr.substr(1); });
    if (row == std::end(kTypes)) return unsupported(descr);
    header.type = row->type;
    if (descr[0] == '|' && row->type.size() > 1)
      return bad(fmt::format("element type {} needs a byte order, '<' or '>'", quote_text(descr)));
    const bool big = descr[0] == '>' || (descr[0] == '=' && std::endian::native == std::endian::big);
    header.order = big ? ByteOrder::kBig : ByteOrder::kLittle;
    return Ok{};
  }

  Error unsupported(std::string_view descr) const {
    struct Row {
      std::string_view code;  // the kind, or the kind and its size
      std::string_view what;
      std::string_view remedy;
    };
    static constexpr Row kRows[] = {
        {"O", "Python objects", "they are pickles, which run code when loaded; save an array of numbers"},
        {"f", "extended floats", "convert with a.astype(numpy.float64) before saving"},
        {"c", "complex numbers", "save a.real and a.imag as arrays of their own"},
        {"U", "text", "save numbers, e.g. indices into a list of names"},
        {"S", "byte strings", "save numbers, e.g. a.view(numpy.uint8)"},
        {"a", "byte strings", "save numbers, e.g. a.view(numpy.uint8)"},
        {"V", "raw bytes or records", "save a.view(numpy.uint8), or each field as an array of its own"},
        {"M", "dates", "convert with a.astype(numpy.int64) before saving"},
        {"m", "time spans", "convert with a.astype(numpy.int64) before saving"}};
    for (const Row& row : kRows)
      if (descr.substr(1).starts_with(row.code))
        return make_error(ErrorCode::kUnimplemented, "{}: element type {} ({}) is not supported; {}", name_,
                          quote_text(descr), row.what, row.remedy);
    return bad(fmt::format("unknown element type {}", quote_text(descr)));
  }

  std::string_view text_;
  const std::string& name_;
  size_t pos_ = 0;
};

Expected<NpyHeader> read_header(ByteSource& source) {
  std::array<unsigned char, 12> start = {};
  const auto read = [&](size_t from, size_t n) {
    return source.read(std::as_writable_bytes(std::span(start.data() + from, n)));
  };
  if (source.exact_size() && source.max_remaining() < 10)
    return make_error(ErrorCode::kData, "{}: expected a .npy file, found only {} bytes", source.name(),
                      source.max_remaining());
  DLC_RETURN_IF_ERROR(read(0, 10));
  if (std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0)
    return make_error(ErrorCode::kData, "{}: not a .npy file: it does not begin with \\x93NUMPY", source.name());
  const int major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    return make_error(ErrorCode::kUnimplemented, "{}: .npy version {}.{} is not supported; expected 1.0, 2.0 or 3.0",
                      source.name(), major, minor);
  uint32_t length = start[8] | uint32_t{start[9]} << 8;
  if (major > 1) {
    DLC_RETURN_IF_ERROR(read(10, 2));
    length |= uint32_t{start[10]} << 16 | uint32_t{start[11]} << 24;
  }
  if (length > kMaxNpyHeader || length > source.max_remaining())
    return make_error(ErrorCode::kData, "{}: the .npy header claims {} bytes; expected at most {}", source.name(),
                      length, std::min<uint64_t>(kMaxNpyHeader, source.max_remaining()));
  std::string text(length, ' ');
  DLC_RETURN_IF_ERROR(source.read(std::as_writable_bytes(std::span(text.data(), text.size()))));
  return HeaderParser(text, source.name()).parse();
}

/// The array whose elements `a` holds in column-major order, `shape` being its shape.
Array from_fortran_order(const Array& a, const Shape& shape) {
  Array out = Array::uninitialized(a.dtype(), shape);
  const size_t rank = shape.size(), size = size_of(a.dtype());
  if (out.num_elements() == 0) return out;
  std::vector<size_t> strides(rank, size);  // of the source, in bytes
  for (size_t d = 1; d < rank; ++d) strides[d] = strides[d - 1] * static_cast<size_t>(shape[d - 1]);
  std::vector<int64_t> index(rank, 0);
  size_t from = 0;
  for (size_t to = 0; to < out.num_bytes(); to += size) {
    std::memcpy(out.bytes() + to, a.bytes() + from, size);
    for (size_t d = rank; d-- > 0;) {  // the next index in row-major order
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * static_cast<size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return out;
}

const char* descr_of(DType dtype) {
  switch (dtype) {
    case DType::kBool: return "|b1";
    case DType::kU8: return "|u1";
    case DType::kI32: return "<i4";
    case DType::kI64: return "<i8";
    case DType::kU32: return "<u4";
    case DType::kU64: return "<u8";
    case DType::kF32: return "<f4";
    case DType::kF64: return "<f8";
  }
  DLC_UNREACHABLE("dtype {}", dtype);
}

}  // namespace

Expected<Array> parse_npy(ByteSource& source) {
  DLC_ASSIGN_OR_RETURN(const NpyHeader header, read_header(source));
  DLC_ASSIGN_OR_RETURN(Array array, read_elements(source, header.type, header.shape, header.order));
  DLC_RETURN_IF_ERROR(source.finish());
  const bool transpose = header.fortran_order && header.shape.size() > 1;
  return transpose ? from_fortran_order(array, header.shape) : array;
}

Expected<Array> parse_npy(std::span<const std::byte> bytes, std::string name) {
  MemorySource source(bytes, std::move(name));
  return parse_npy(source);
}

Expected<Array> read_npy(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> file, FileSource::open(path));
  return parse_npy(*file);
}

std::string npy_header(const Array& array) {
  std::string shape = "(";
  for (const int64_t size : array.shape()) shape += fmt::format("{}, ", size);
  // NumPy's own spelling: (), (3,), (3, 4).
  if (array.rank() == 1)
    shape.pop_back();
  else if (array.rank() > 1)
    shape.resize(shape.size() - 2);
  shape += ')';
  std::string dict =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr_of(array.dtype()), shape);
  const size_t before_dict = kMagic.size() + 4;
  const size_t padding = 63 - (before_dict + dict.size()) % 64;
  dict.append(padding, ' ').push_back('\n');
  // 64 dimensions of 19 digits stay far below the 65,535 bytes that version 1.0 allows.
  DLC_CHECK(dict.size() <= 0xffff, "an .npy header of {} bytes", dict.size());
  std::string header(kMagic);
  for (const size_t byte : {size_t{1}, size_t{0}, dict.size() & 0xff, dict.size() >> 8})
    header += static_cast<char>(byte);
  return header + dict;
}

Expected<void> write_npy(const FilePath& path, const Array& array) {
  static_assert(std::endian::native == std::endian::little, "writers of array files write memory as it is");
  DLC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::create(path));
  DLC_RETURN_IF_ERROR(file.write(npy_header(array)));
  DLC_RETURN_IF_ERROR(file.write(bytes_of(array)));
  return file.commit();
}

}  // namespace dlc
