#include "frontend/data/npy.h"

#include <algorithm>
#include <cmath>

#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

/// A .npy file of version `major`.0 around a header dict.
std::string npy_file(std::string_view dict, std::string_view data = {}, int major = 1) {
  std::string file = "\x93NUMPY"_b + static_cast<char>(major) + '\0';
  const size_t length_bytes = major == 1 ? 2 : 4;
  for (size_t i = 0; i < length_bytes; ++i) file += static_cast<char>(dict.size() >> (8 * i) & 0xff);
  return file.append(dict).append(data);
}

/// The usual header of element type and shape.
std::string npy_dict(std::string_view descr, std::string_view shape, bool fortran = false) {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n", descr, fortran ? "True" : "False",
                     shape);
}

Expected<Array> npy_of(const std::string& file) { return parse_npy(bytes(file), "x.npy"); }

TEST(Npy, RoundTripsEveryTypeAndShape) {
  const TempDir dir;
  for (const auto& [name, array] : sample_arrays()) {
    ASSERT_TRUE(succeeded(write_npy(dir / "x.npy", array))) << name;
    const Expected<Array> back = read_npy(dir / "x.npy");
    ASSERT_TRUE(succeeded(back)) << name;
    EXPECT_TRUE(same(array, *back)) << name;
    EXPECT_EQ(content_of(dir / "x.npy").size() % 64, array.num_bytes() % 64) << "the elements are aligned";
  }
}

TEST(Npy, WritesTheHeaderThatNumPyWrites) {
  EXPECT_EQ(npy_header(Array(kFloat32, {3, 4})),
            "\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"_b +
                std::string(128 - 10 - 59 - 1, ' ') + "\n");
  EXPECT_NE(npy_header(Array(kFloat32, {})).find("'shape': (), }"), std::string::npos);
  EXPECT_NE(npy_header(Array(kBool, {5})).find("'descr': '|b1', 'fortran_order': False, 'shape': (5,), }"),
            std::string::npos);
}

TEST(Npy, ReadsBigEndian) {
  const Expected<Array> i = npy_of(npy_file(npy_dict(">i4", "(2,)"), "\0\0\1\2\xff\xff\xff\xfe"_b));
  ASSERT_TRUE(succeeded(i));
  EXPECT_TRUE(same(*i, Array::of<int32_t>({2}, {258, -2})));
  const Expected<Array> d = npy_of(npy_file(npy_dict(">f8", "()"), "\x40\x09\0\0\0\0\0\0"_b));
  ASSERT_TRUE(succeeded(d));
  EXPECT_EQ(d->item<double>(), 3.125);
}

TEST(Npy, TransposesFortranOrder) {
  const Expected<Array> matrix = npy_of(npy_file(npy_dict("|u1", "(2, 3)", true), "\1\4\2\5\3\6"));
  ASSERT_TRUE(succeeded(matrix));
  EXPECT_TRUE(same(*matrix, Array::of<uint8_t>({2, 3}, {1, 2, 3, 4, 5, 6})));
  // a[i,j,k] lies at i + 2 j + 4 k.
  const Expected<Array> cube = npy_of(npy_file(npy_dict("|u1", "(2, 2, 2)", true), "\0\1\2\3\4\5\6\7"_b));
  ASSERT_TRUE(succeeded(cube));
  EXPECT_TRUE(same(*cube, Array::of<uint8_t>({2, 2, 2}, {0, 4, 2, 6, 1, 5, 3, 7})));
  EXPECT_TRUE(succeeded(npy_of(npy_file(npy_dict("<f4", "(0, 3)", true)))));
}

TEST(Npy, ReadsTheVariantsOfTheHeader) {
  const Array three = Array::of<uint8_t>({3}, {7, 8, 9});
  for (const std::string& file :
       {npy_file("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", "\7\10\11"),
        npy_file("{\"shape\":(3L,),\"fortran_order\":False,\"descr\":\"<u1\"}   \n", "\7\10\11"),
        npy_file(npy_dict("=u1", "( 3 , )"), "\7\10\11"), npy_file(npy_dict("|u1", "(3,)"), "\7\10\11", 2),
        npy_file(npy_dict("|u1", "(3,)"), "\7\10\11", 3)}) {
    const Expected<Array> a = npy_of(file);
    ASSERT_TRUE(succeeded(a));
    EXPECT_TRUE(same(*a, three));
  }
}

TEST(Npy, BoolsBecomeZeroOrOne) {
  const Expected<Array> a = npy_of(npy_file(npy_dict("|b1", "(3,)"), "\0\1\x80"_b));
  ASSERT_TRUE(succeeded(a));
  EXPECT_TRUE(same(*a, Array::of<bool>({3}, {false, true, true})));
}

TEST(Npy, WidensNarrowElementsWithoutLoss) {
  const auto read = [](const char* descr, const std::string& data) {
    return value_or_throw(
        npy_of(npy_file(npy_dict(descr, fmt::format("({},)", descr[2] == '1' ? data.size() : data.size() / 2)), data)));
  };
  EXPECT_TRUE(same(read("|i1", "\x80\xff\0\x7f"_b), Array::of<int32_t>({4}, {-128, -1, 0, 127})));
  EXPECT_TRUE(same(read("<i2", "\x00\x80\xff\xff\x02\x01"_b), Array::of<int32_t>({3}, {-32768, -1, 258})));
  EXPECT_TRUE(same(read(">i2", "\x80\x00\x01\x02"_b), Array::of<int32_t>({2}, {-32768, 258})));
  EXPECT_TRUE(same(read("<u2", "\xff\xff\x00\x80"_b), Array::of<int32_t>({2}, {65535, 32768})));
  EXPECT_EQ(value_or_throw(npy_of(npy_file(npy_dict("<f2", "(0, 3)", true)))).shape(), (Shape{0, 3}));
}

// Every half, against its definition: (-1)^s 2^(e-15) (1 + f/1024), below e = 1 2^-14 f/1024.
TEST(Npy, WidensEveryHalf) {
  std::string data;
  for (int i = 0; i < 65536; ++i) {
    data += static_cast<char>(i & 255);
    data += static_cast<char>(i >> 8);
  }
  const Array halves = value_or_throw(npy_of(npy_file(npy_dict("<f2", "(65536,)"), data)));
  for (int i = 0; i < 65536; ++i) {
    const float got = halves.data<float>()[static_cast<size_t>(i)];
    const int exponent = i >> 10 & 31, fraction = i & 1023;
    EXPECT_EQ(std::signbit(got), i >= 32768) << i;
    if (exponent == 31) {
      EXPECT_TRUE(fraction == 0 ? std::isinf(got) : std::isnan(got)) << i;
    } else {
      const double significand = exponent == 0 ? fraction / 1024.0 : 1 + fraction / 1024.0;
      EXPECT_EQ(std::fabs(got), std::ldexp(significand, std::max(exponent, 1) - 15)) << i;
    }
  }
}

TEST(Npy, BadFilesNameTheirFault) {
  struct Case {
    std::string file;
    ErrorCode code;
    std::string fragment;
  };
  const auto kData = ErrorCode::kData, kNo = ErrorCode::kUnimplemented;
  const std::string f4 = npy_dict("<f4", "(2,)");
  const Case cases[] = {
      {"", kData, "found only 0 bytes"},
      {"not a numpy file", kData, "does not begin with"},
      {"\x93NUMPY\4\0\0\0  "_b, kNo, "version 4.0 is not supported"},
      {"\x93NUMPY\1\1\0\0  "_b, kNo, "version 1.1 is not supported"},
      {"\x93NUMPY\1\0\xff\xff  "_b, kData, "claims 65535 bytes"},
      {"\x93NUMPY\2\0\xff\xff\xff\xff  "_b, kData, "claims 4294967295 bytes"},
      {npy_file(f4, "1234567"), kData, "f32[2] needs 8 bytes of data, found 7"},
      {npy_file(f4, "123456789"), kData, "1 bytes follow where the data should end"},
      {npy_file(""), kData, "expected '{'"},
      {npy_file("[]"), kData, "expected '{'"},
      {npy_file("{}"), kData, "key 'descr' is missing"},
      {npy_file("{'descr': '<f4', 'shape': (2,)}"), kData, "key 'fortran_order' is missing"},
      {npy_file("{'descr': '<f4', 'fortran_order': False}"), kData, "key 'shape' is missing"},
      {npy_file("{'descr': '<f4', 'descr': '<f4'}"), kData, "is there twice"},
      {npy_file("{'descr': '<f4', 'colour': 1}"), kData, "unknown key 'colour'"},
      {npy_file("{'descr' '<f4'}"), kData, "expected ':' after key 'descr'"},
      {npy_file("{'descr': '<f4' 'shape': (2,)}"), kData, "expected ',' or '}'"},
      {npy_file("{'descr': '<f4"), kData, "a string that ends"},
      {npy_file("{'de\\x73cr': 1}"), kData, "without escapes"},
      {npy_file("{'fortran_order': 0, }"), kData, "expected True or False"},
      {npy_file("{'shape': 3}"), kData, "expected '(' of the shape"},
      {npy_file("{'shape': (3)}"), kData, "expected ','"},
      {npy_file("{'shape': (3, x)}"), kData, "expected a size or ')'"},
      {npy_file("{'shape': (99999999999999999999,)}"), kData, "a size that fits 63 bits"},
      {npy_file("{'shape': (3,"), kData, "expected a size or ')'"},
      {npy_file(f4 + "x"), kData, "expected nothing more after '}'"},
      {npy_file(f4 + "\0"_b), kData, "expected nothing more after '}'"},
      {npy_file(npy_dict("<f4", "(-1,)")), kData, "sizes of at least 0"},
      {npy_file(npy_dict("<f4", "(4294967296, 4294967296)")), kData, "more bytes than can be addressed"},
      {npy_file(npy_dict("<f4", "(0, 4294967296, 4294967296)")), kData, "more bytes than can be addressed"},
      {npy_file(npy_dict("<f8", "(1152921504606846976,)")), kData, "more bytes than can be addressed"},
      {npy_file(npy_dict("<f4", "(1099511627776,)")), kData, "needs 4398046511104 bytes of data, found 0"},
      {npy_file(npy_dict("<f4", "(" + fmt::format("{:1>130}", "") + ")")), kData, "fits 63 bits"},
      {npy_file(npy_dict("|O", "(2,)")), kNo, "run code when loaded"},
      {npy_file(npy_dict("<f2", "(2,)"), "123"), kData, "f32[2] needs 4 bytes of data, found 3"},
      {npy_file(npy_dict("|i2", "(2,)"), "1234"), kData, "'|i2' needs a byte order"},
      {npy_file(npy_dict("<i2", "(4611686018427387904,)")), kData, "more bytes than can be addressed"},
      {npy_file(npy_dict("<f16", "(2,)")), kNo, "(extended floats)"},
      {npy_file(npy_dict("<c8", "(2,)")), kNo, "save a.real and a.imag"},
      {npy_file(npy_dict("<U5", "(2,)")), kNo, "(text)"},
      {npy_file(npy_dict("|S5", "(2,)")), kNo, "(byte strings)"},
      {npy_file(npy_dict("|V8", "(2,)")), kNo, "(raw bytes or records)"},
      {npy_file(npy_dict("<M8[s]", "(2,)")), kNo, "(dates)"},
      {npy_file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"), kNo, "structured element type"},
      {npy_file(npy_dict("<q9", "(2,)")), kData, "unknown element type '<q9'"},
      {npy_file(npy_dict("f4", "(2,)")), kData, "expected an element type such as '<f4'"},
      {npy_file(npy_dict("|f4", "(2,)")), kData, "needs a byte order"},
      {npy_file(npy_dict("", "(2,)")), kData, "expected an element type"},
  };
  for (const Case& c : cases) {
    const Expected<Array> result = npy_of(c.file);
    EXPECT_TRUE(fails_with(result, c.code, c.fragment)) << quote_text(c.file);
    if (!result) {
      EXPECT_TRUE(result.error().message.starts_with("x.npy: ")) << result.error().message;
    }
  }
}

TEST(Npy, EveryCutIsAnError) {
  const std::string whole = npy_header(Array(kFloat64, {2, 3})) + std::string(48, 'x');
  ASSERT_TRUE(succeeded(npy_of(whole)));
  const TempDir dir;
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_TRUE(fails_with(npy_of(whole.substr(0, n)), ErrorCode::kData, "x.npy")) << n;
    write_plain(dir / "x.npy", whole.substr(0, n));
    EXPECT_TRUE(fails_with(read_npy(dir / "x.npy"), ErrorCode::kData, "x.npy")) << n;
  }
}

TEST(Npy, MissingFile) {
  EXPECT_TRUE(fails_with(read_npy("/no/such/x.npy"), ErrorCode::kNotFound, "/no/such/x.npy: cannot open"));
}

}  // namespace
}  // namespace dlc
