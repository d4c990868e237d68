#include "frontend/data/idx.h"

#include <zlib.h>

#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

Expected<Array> idx_of(const std::string& file) { return parse_idx(bytes(file), "x.idx"); }

std::string gzipped(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Idx, RoundTripsPlainAndGzip) {
  const TempDir dir;
  for (const auto& [name, array] : sample_arrays()) {
    for (const char* file : {"x.idx", "x.idx.gz"}) {
      const Expected<void> written = write_idx(dir / file, array);
      const DType t = array.dtype();
      if (t != kUInt8 && t != kInt32 && t != kFloat32 && t != kFloat64) {
        EXPECT_TRUE(fails_with(written, ErrorCode::kInvalidType, fmt::format("no element type {}", t)));
        continue;
      }
      ASSERT_TRUE(succeeded(written)) << name;
      const Expected<Array> back = read_idx(dir / file);
      ASSERT_TRUE(succeeded(back)) << name;
      EXPECT_TRUE(same(array, *back)) << name;
    }
  }
  EXPECT_EQ(content_of(dir / "x.idx.gz").substr(0, 2), "\x1f\x8b");
}

TEST(Idx, ReadsTheBytesOfTheFormat) {
  const Expected<Array> a = idx_of("\0\0\x0c\2\0\0\0\1\0\0\0\2\0\0\1\2\xff\xff\xff\xfe"_b);
  ASSERT_TRUE(succeeded(a));
  EXPECT_TRUE(same(*a, Array::of<int32_t>({1, 2}, {258, -2})));
  const Expected<Array> f = idx_of("\0\0\x0d\0\x3f\x80\0\0"_b);
  ASSERT_TRUE(succeeded(f));
  EXPECT_EQ(f->item<float>(), 1.0f);
}

TEST(Idx, WidensNarrowElements) {
  EXPECT_TRUE(same(value_or_throw(idx_of("\0\0\x09\1\0\0\0\2\x80\x7f"_b)), Array::of<int32_t>({2}, {-128, 127})));
  EXPECT_TRUE(same(value_or_throw(idx_of("\0\0\x0b\1\0\0\0\1\x80\x01"_b)), Array::of<int32_t>({1}, {-32767})));
}

TEST(Idx, ReadsGzipMembersLaidEndToEnd) {
  const std::string plain = "\0\0\x08\1\0\0\0\4abcd"_b;
  const Expected<Array> a = idx_of(gzipped(plain.substr(0, 7)) + gzipped("") + gzipped(plain.substr(7)));
  ASSERT_TRUE(succeeded(a));
  EXPECT_TRUE(same(*a, Array::of<uint8_t>({4}, {'a', 'b', 'c', 'd'})));
  EXPECT_TRUE(
      fails_with(idx_of(gzipped(plain) + gzipped(plain)), ErrorCode::kData, "more data follows (after decompression)"));
}

TEST(Idx, BadFilesNameTheirFault) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_idx(dir / "x.gz", Array::of<uint8_t>({5}, {1, 2, 3, 4, 5}))));
  const std::string zipped = content_of(dir / "x.gz");
  std::string bad_crc = zipped, bad_body = zipped;
  bad_crc[zipped.size() - 8] ^= 1;
  bad_body[11] ^= 0x7f;
  std::string many_dims = "\0\0\x08\x80"_b;
  for (int i = 0; i < 128; ++i) many_dims += "\0\0\0\1"_b;
  struct Case {
    std::string file;
    ErrorCode code;
    std::string fragment;
  };
  const auto kData = ErrorCode::kData;
  const Case cases[] = {
      {"", kData, "found only 0 bytes"},
      {"\0\0\x08"_b, kData, "found only 3 bytes"},
      {"\1\0\x08\0x"_b, kData, "it begins with 01 00, expected 00 00"},
      {"PK\3\4....", kData, "not an IDX file"},
      {"\0\0\x0b\0x"_b, kData, "i32[] needs 2 bytes of data, found 1"},
      {"\0\0\x0a\0x"_b, kData, "unknown IDX element type 0x0a"},
      {"\0\0\x08\1\0\0"_b, kData, "expected 4 more bytes, found 2"},
      {"\0\0\x08\1\0\0\0\3ab"_b, kData, "u8[3] needs 3 bytes of data, found 2"},
      {"\0\0\x08\1\0\0\0\3abcd"_b, kData, "1 bytes follow"},
      {"\0\0\x08\1\xff\xff\xff\xff"_b, kData, "needs 4294967295 bytes of data, found 0"},
      {"\0\0\x0e\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"_b, kData, "more bytes than can be addressed"},
      {many_dims + "x", kData, "expected at most 64 dimensions, found 128"},
      {"\x1f\x8b", kData, "the gzip stream ends early"},
      {"\x1f\x8bgarbage follows", kData, "damaged gzip data"},
      {zipped.substr(0, zipped.size() - 1), kData, "the gzip stream ends early"},
      {bad_crc, kData, "incorrect data check"},
      {bad_body, kData, "x.idx"},
      {zipped + "x", kData, "ends early"},
      {zipped + "garbage", kData, "damaged gzip data"},
  };
  for (const Case& c : cases) EXPECT_TRUE(fails_with(idx_of(c.file), c.code, c.fragment)) << quote_text(c.file);
}

TEST(Idx, AGzipCannotClaimMoreThanDeflateCanHold) {
  EXPECT_TRUE(fails_with(idx_of(gzipped("\0\0\x08\1\xff\xff\xff\xff"_b)), ErrorCode::kData,
                         "u8[4294967295] needs 4294967295 bytes of data, found at most"));
  // What it can hold is tried, and missed.
  EXPECT_TRUE(
      fails_with(idx_of(gzipped("\0\0\x08\1\0\0\1\0"_b)), ErrorCode::kData, "expected 256 more bytes, found 0"));
}

TEST(Idx, EveryCutIsAnError) {
  const TempDir dir;
  const Array a = Array::of<float>({2, 2}, {1, 2, 3, 4});
  for (const char* file : {"x.idx", "x.idx.gz"}) {
    ASSERT_TRUE(succeeded(write_idx(dir / file, a)));
    const std::string whole = content_of(dir / file);
    for (size_t n = 0; n < whole.size(); ++n) {
      EXPECT_TRUE(fails_with(idx_of(whole.substr(0, n)), ErrorCode::kData, "x.idx")) << n;
      write_plain(dir / "cut", whole.substr(0, n));
      EXPECT_TRUE(fails_with(read_idx(dir / "cut"), ErrorCode::kData, "cut")) << n;
    }
  }
}

}  // namespace
}  // namespace dlc
