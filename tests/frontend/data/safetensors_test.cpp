#include "frontend/data/safetensors.h"

#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

/// The header's length, the header, the elements.
std::string safetensors_file(std::string_view header, std::string_view data = {}) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(uint64_t{header.size()} >> (8 * i) & 0xff);
  return file.append(header).append(data);
}

std::string entry(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", dtype, shape, offsets);
}

/// A header of one tensor `a`.
std::string one(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return fmt::format(R"({{"a":{}}})", entry(dtype, shape, offsets));
}

Expected<Safetensors> safetensors_of(const std::string& file) {
  return parse_safetensors(bytes(file), "x.safetensors");
}

TEST(Safetensors, RoundTripsEveryTypeAndShape) {
  const TempDir dir;
  NamedArrays tensors = sample_arrays();
  tensors.emplace_back("größe \"quoted\"\n", Array::scalar<double>(1));
  const Metadata metadata = {{"step", "12"}, {"note", "line\nline \"x\" ä"}};
  ASSERT_TRUE(succeeded(write_safetensors(dir / "x", tensors, metadata)));
  const Expected<Safetensors> back = read_safetensors(dir / "x");
  ASSERT_TRUE(succeeded(back));
  EXPECT_EQ(back->metadata, metadata);
  ASSERT_EQ(back->tensors.size(), tensors.size());
  for (const auto& [name, array] : tensors) {
    const Array* read = find_array(back->tensors, name);
    ASSERT_NE(read, nullptr) << name;
    EXPECT_TRUE(same(*read, array)) << name;
  }
}

TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_safetensors(dir / "x", {{"b", Array::of<uint8_t>({2}, {7, 8})}}, {{"k", "v"}})));
  const std::string header = R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(content_of(dir / "x"), safetensors_file(padded, "\7\10"));
}

TEST(Safetensors, ReadsAnyOrderOfKeysAndEmptyFiles) {
  const std::string header = fmt::format(R"({{"late":{},"early":{},"none":{},"__metadata__":{{}}}}   )",
                                         entry("U8", "2", "4,6"), entry("F32", "", "0,4"), entry("F32", "3,0", "4,4"));
  const Expected<Safetensors> file = safetensors_of(safetensors_file(header, "\0\0\x80\x3f\1\2"_b));
  ASSERT_TRUE(succeeded(file));
  ASSERT_EQ(file->tensors.size(), 3u);
  EXPECT_EQ(file->tensors[0].first, "early");
  EXPECT_EQ(file->tensors[0].second.item<float>(), 1.0f);
  EXPECT_EQ(file->tensors[1].first, "none");
  EXPECT_TRUE(same(file->tensors[2].second, Array::of<uint8_t>({2}, {1, 2})));
  const Expected<Safetensors> empty = safetensors_of(safetensors_file("{}"));
  ASSERT_TRUE(succeeded(empty));
  EXPECT_TRUE(empty->tensors.empty());
}

TEST(Safetensors, WidensNarrowElementsWithoutLoss) {
  const auto read = [](const char* type, const char* shape, const std::string& data) {
    const std::string header = one(type, shape, fmt::format("0,{}", data.size()));
    return value_or_throw(safetensors_of(safetensors_file(header, data))).tensors[0].second;
  };
  EXPECT_TRUE(same(read("I8", "2", "\x80\x7f"_b), Array::of<int32_t>({2}, {-128, 127})));
  EXPECT_TRUE(same(read("I16", "2", "\x00\x80\x02\x01"_b), Array::of<int32_t>({2}, {-32768, 258})));
  EXPECT_TRUE(same(read("U16", "1", "\xff\xff"_b), Array::of<int32_t>({1}, {65535})));
  EXPECT_TRUE(same(read("F16", "3", "\x00\x3c\x01\x00\x00\xc0"_b), Array::of<float>({3}, {1.0f, 0x1p-24f, -2.0f})));
  EXPECT_TRUE(same(read("BF16", "2", "\x80\x3f\x49\x40"_b), Array::of<float>({2}, {1.0f, 3.140625f})));
}

TEST(Safetensors, BadFilesNameTheirFault) {
  struct Case {
    std::string header;
    std::string data;
    ErrorCode code;
    std::string fragment;
  };
  const std::string four = "1234";
  const auto kData = ErrorCode::kData, kNo = ErrorCode::kUnimplemented;
  const Case cases[] = {
      {"", "", kData, "expected '{'"},
      {" {}", "", kData, "expected '{', found ' {}'"},
      {"[]", "", kData, "expected '{'"},
      {"{", "", kData, "not valid JSON at byte"},
      {"{}}", "", kData, "not valid JSON"},
      {"{}\0"_b, "", kData, "zero byte"},
      {"{\"a\":\"\xff\"}", "", kData, "not valid JSON"},
      {R"({"a":1})", "", kData, "the number 1 where none belongs"},
      {R"({"a":null})", "", kData, "a null"},
      {R"({"a":[1]})", "", kData, "a list where none belongs"},
      {R"({"a":"x"})", "", kData, "text 'x' where none belongs"},
      {R"({"a":{}})", "", kData, "tensor 'a' lacks one of"},
      {R"({"a":{"dtype":"F32","shape":[1]}})", four, kData, "lacks one of 'dtype', 'shape' and 'data_offsets'"},
      {R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", four, kData, "lacks one of"},
      {R"({"a":{"shape":[1],"data_offsets":[0,4]}})", four, kData, "lacks one of"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", four, kData, "lacks one of"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", four, kData, "the number 8 where none belongs"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", four, kData, "unknown key 'x'"},
      {R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})", four, kData, "'shape' is there twice"},
      {R"({"a":{"dtype":{"x":1}}})", "", kData, "an object where none belongs"},
      {R"({"a":{"shape":[[1]]}})", "", kData, "a list where none belongs"},
      {R"({"a":{"shape":{"x":1}}})", "", kData, "an object where none belongs"},
      {R"({"a":{"dtype":[1]}})", "", kData, "a list where none belongs"},
      {R"({"__metadata__":{"k":1}})", "", kData, "the number 1 where none belongs"},
      {R"({"__metadata__":{"k":"v","k":"w"}})", "", kData, "key 'k' is there twice"},
      {R"({"__metadata__":{"k":{}}})", "", kData, "an object where none belongs"},
      {R"({"__metadata__":"x"})", "", kData, "text 'x' where none belongs"},
      {fmt::format(R"({{"a":{},"a":{}}})", entry("U8", "4", "0,4"), entry("U8", "4", "0,4")), four, kData,
       "key 'a' is there twice"},
      {one("F16", "1", "0,4"), four, kData, "f32[1] of 2 bytes, but its offsets are 0 to 4"},
      {one("F8_E4M3", "4", "0,4"), four, kNo,
       "tensor 'a' has element type F8_E4M3, which is not supported; convert it to F32"},
      {one("float", "1", "0,4"), four, kData, "unknown element type 'float'"},
      {one("F32", "-1", "0,4"), four, kData, "the negative number -1"},
      {one("F32", "1.0", "0,4"), four, kData, "expected an integer of 64 bits"},
      {one("F32", "99999999999999999999", "0,4"), four, kData, "expected an integer of 64 bits"},
      {one("F32", "18446744073709551615", "0,4"), four, kData, "a size over 63 bits"},
      {one("F32", "4294967296,4294967296", "0,0"), "", kData, "more bytes than can be addressed"},
      {one("F32", "0,4294967296,4294967296", "0,0"), "", kData, "more bytes than can be addressed"},
      {one("F32", "1", "4,8"), "12345678", kData, "begins at byte 4, expected 0: there is a hole"},
      {fmt::format(R"({{"a":{},"b":{}}})", entry("U8", "4", "0,4"), entry("U8", "2", "2,4")), four, kData,
       "tensor 'b' begins at byte 2, expected 4: there is an overlap"},
      {one("F32", "1", "0,8"), "12345678", kData, "is f32[1] of 4 bytes, but its offsets are 0 to 8"},
      {one("F32", "1", "0,3"), four, kData, "offsets are 0 to 3"},
      {one("F32", "1", "0,4"), "123", kData, "f32[1] needs 4 bytes of data, found 3"},
      {one("F32", "1", "0,4"), "12345", kData, "1 bytes follow where the data should end"},
      {one("F32", "1000000000", "0,4000000000"), four, kData, "needs 4000000000 bytes of data, found 4"},
      {"{}", "x", kData, "1 bytes follow"},
  };
  for (const Case& c : cases) {
    const Expected<Safetensors> result = safetensors_of(safetensors_file(c.header, c.data));
    EXPECT_TRUE(fails_with(result, c.code, c.fragment)) << quote_text(c.header);
  }
  std::string many = "1";
  for (int i = 0; i < 64; ++i) many += ",1";
  EXPECT_TRUE(
      fails_with(safetensors_of(safetensors_file(one("U8", many, "0,1"), "x")), kData, "more than 64 dimensions"));
  EXPECT_TRUE(fails_with(safetensors_of(safetensors_file(std::string(100'000, '[').replace(0, 5, "{\"a\":"))), kData,
                         "a list"));
  EXPECT_TRUE(fails_with(safetensors_of("1234567"), kData, "found only 7 bytes"));
  EXPECT_TRUE(
      fails_with(safetensors_of("\xff\xff\xff\xff\xff\xff\xff\xff{}"), kData, "claims 18446744073709551615 bytes"));
  EXPECT_TRUE(fails_with(safetensors_of("\x10\0\0\0\0\0\0\0{}"_b), kData, "claims 16 bytes, but 2 follow"));
}

TEST(Safetensors, EveryCutIsAnError) {
  const std::string whole = safetensors_file(one("F32", "2", "0,8"), "12345678");
  ASSERT_TRUE(succeeded(safetensors_of(whole)));
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_TRUE(fails_with(safetensors_of(whole.substr(0, n)), ErrorCode::kData, "x.safetensors")) << n;
}

TEST(Safetensors, RefusesWhatCannotBeWritten) {
  const TempDir dir;
  const Array a = Array::scalar<float>(1);
  const auto write = [&](const std::string& name, const Metadata& metadata = {}) {
    return write_safetensors(dir / "x", {{name, a}}, metadata);
  };
  const auto kCode = ErrorCode::kInvalidArgument;
  EXPECT_TRUE(fails_with(write(""), kCode, "the name is empty"));
  EXPECT_TRUE(fails_with(write("__metadata__"), kCode, "keeps that name for itself"));
  EXPECT_TRUE(fails_with(write("\xff"), kCode, "not valid UTF-8"));
  EXPECT_TRUE(fails_with(write("a", {{"k", "\xc3"}}), kCode, "not valid UTF-8"));
  EXPECT_TRUE(fails_with(write_safetensors(dir / "x", {{"a", a}, {"a", a}}), kCode, "two of that name"));
  EXPECT_EQ(dir.num_files(), 0u);
}

}  // namespace
}  // namespace dlc
