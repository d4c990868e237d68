#include "frontend/data/npz.h"

#include <zlib.h>

#include "frontend/data/npy.h"
#include "frontend/data/zip_reader.h"
#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

std::string little(uint64_t value, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

/// One member of a ZIP written by hand, each field open to falsification.
struct Member {
  std::string name = "x.npy";
  std::string data;
  uint32_t method = 0, flags = 0;
  uint64_t size = 0, compressed_size = 0;
  uint32_t crc = 0;
  bool zip64 = false;
  std::string descriptor;  // after the data

  explicit Member(std::string content) : data(std::move(content)), size(data.size()), compressed_size(data.size()) {
    crc = static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
  }
};

std::string zip_file(const std::vector<Member>& members) {
  std::string file, directory;
  for (const Member& m : members) {
    const bool hidden = !m.descriptor.empty();  // sizes and checksum only after the data and in the directory
    const std::string sizes =
        m.zip64 ? little(0xffffffff, 4) + little(0xffffffff, 4) : little(m.compressed_size, 4) + little(m.size, 4);
    const std::string extra =
        m.zip64 ? little(1, 2) + little(16, 2) + little(m.size, 8) + little(m.compressed_size, 8) : "";
    const std::string start = little(m.zip64 ? 45 : 20, 2) + little(m.flags | (hidden ? 8u : 0u), 2) +
                              little(m.method, 2) + little(0, 2) + little(33, 2);
    directory += "PK\1\2" + little(45, 2) + start + little(m.crc, 4) + sizes + little(m.name.size(), 2) +
                 little(extra.size(), 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 little(file.size(), 4) + m.name + extra;
    file += "PK\3\4" + start + (hidden ? std::string(12, '\0') : little(m.crc, 4) + sizes) + little(m.name.size(), 2) +
            little(extra.size(), 2) + m.name + extra + m.data + m.descriptor;
  }
  return file + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
}

std::string npy_of(const Array& a) {
  return npy_header(a) + std::string(reinterpret_cast<const char*>(a.bytes()), a.num_bytes());
}

std::string deflated(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
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

Member deflated_member(const std::string& content) {
  Member m(content);
  m.data = deflated(content);
  m.compressed_size = m.data.size();
  m.method = 8;
  return m;
}

Expected<NamedArrays> npz_of(const std::string& file) { return parse_npz(bytes(file), "x.npz"); }

const Array kSample = Array::of<float>({2, 2}, {1, 2, 3, 4});

TEST(Npz, RoundTripsStoredAndDeflated) {
  const TempDir dir;
  NamedArrays arrays = sample_arrays();
  arrays.emplace_back("scope/dense:1/größe", kSample);
  arrays.emplace_back("large", Array::full(kFloat32, {300, 1000}, 0.5));
  for (const bool compress : {false, true}) {
    ASSERT_TRUE(succeeded(write_npz(dir / "x.npz", arrays, {.compress = compress})));
    const Expected<NamedArrays> back = read_npz(dir / "x.npz");
    ASSERT_TRUE(succeeded(back));
    ASSERT_EQ(back->size(), arrays.size());
    for (size_t i = 0; i < arrays.size(); ++i) {
      EXPECT_EQ((*back)[i].first, arrays[i].first);
      EXPECT_TRUE(same((*back)[i].second, arrays[i].second)) << arrays[i].first;
    }
    const std::string content = content_of(dir / "x.npz");
    EXPECT_EQ(content.size() < 100'000, compress);
    const Expected<NamedArrays> from_memory = npz_of(content);
    ASSERT_TRUE(succeeded(from_memory));
    EXPECT_EQ(from_memory->size(), arrays.size());
    ASSERT_TRUE(succeeded(write_npz(dir / "y.npz", arrays, {.compress = compress})));
    EXPECT_EQ(content_of(dir / "y.npz"), content) << "equal arrays give equal bytes";
  }
}

TEST(Npz, EmptyArchive) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_npz(dir / "x.npz", {})));
  const Expected<NamedArrays> back = read_npz(dir / "x.npz");
  ASSERT_TRUE(succeeded(back));
  EXPECT_TRUE(back->empty());
}

TEST(Npz, ReadsOneArrayWhateverTheOthersAre) {
  const TempDir dir;
  Member objects("\x93NUMPY nonsense");
  objects.name = "names.npy";
  write_plain(dir / "x.npz", zip_file({objects, Member(npy_of(kSample))}));
  const Expected<Array> x = read_npz_array(dir / "x.npz", "x");
  ASSERT_TRUE(succeeded(x));
  EXPECT_TRUE(same(*x, kSample));
  EXPECT_TRUE(
      fails_with(read_npz_array(dir / "x.npz", "y"), ErrorCode::kNotFound, "no array named 'y'; it has: names, x"));
  EXPECT_TRUE(fails_with(read_npz(dir / "x.npz"), ErrorCode::kUnimplemented, "member 'names.npy': .npy version"));
}

TEST(Npz, ReadsZip64AndDataDescriptors) {
  const std::string content = npy_of(kSample);
  Member zip64(content);
  zip64.zip64 = true;
  Member described = deflated_member(content);
  described.descriptor =
      "PK\7\10" + little(described.crc, 4) + little(described.compressed_size, 4) + little(described.size, 4);
  for (const Member& member : {Member(content), deflated_member(content), zip64, described}) {
    const Expected<NamedArrays> arrays = npz_of(zip_file({member}));
    ASSERT_TRUE(succeeded(arrays));
    ASSERT_EQ(arrays->size(), 1u);
    EXPECT_EQ((*arrays)[0].first, "x");
    EXPECT_TRUE(same((*arrays)[0].second, kSample));
  }
}

TEST(Npz, BadArchivesNameTheirFault) {
  const std::string content = npy_of(kSample);
  const auto with = [&](auto change, bool compress = false) {
    Member m = compress ? deflated_member(content) : Member(content);
    change(m);
    return zip_file({m});
  };
  const auto renamed = [&](const std::string& name) { return with([&](Member& m) { m.name = name; }); };
  Member other(content);
  other.name = "y.npy";
  other.compressed_size = other.size = 100'000;
  struct Case {
    std::string file;
    ErrorCode code;
    std::string fragment;
  };
  const auto kData = ErrorCode::kData, kNo = ErrorCode::kUnimplemented;
  const Case cases[] = {
      {"", kData, "expected at least 22 bytes, found 0"},
      {std::string(100, 'x'), kData, "Not a zip archive"},
      {renamed("readme.txt"), kData, "expected members named <array>.npy, found 'readme.txt'"},
      {renamed(".npy"), kData, "expected members named"},
      {renamed(""), kData, "bad member name ''"},
      {renamed("../x.npy"), kData, "it leads out of the archive"},
      {renamed("a/../../x.npy"), kData, "it leads out of the archive"},
      {renamed("/x.npy"), kData, "it is an absolute path"},
      {renamed("a\\x.npy"), kData, "it has a backslash"},
      {renamed("a\nx.npy"), kData, "it has control characters"},
      {renamed(std::string(2000, 'a') + ".npy"), kData, "expected at most 1024 bytes"},
      {zip_file({Member(content), Member(content)}), kData, "already exists"},
      {with([](Member& m) { m.crc ^= 1; }), kData, "checksum (CRC-32) does not match"},
      {with([](Member& m) { m.data.back() ^= 1; }), kData, "member 'x.npy': the checksum (CRC-32)"},
      {with([](Member& m) { m.crc ^= 1; }, true), kData, "checksum (CRC-32) does not match"},
      {with([](Member& m) { m.data[3] ^= 0x55; }, true), kData, "member 'x.npy'"},
      {with([](Member& m) { m.flags = 1; }), kNo, "encrypted members are not supported"},
      {with([](Member& m) { m.method = 12; }), kNo, "compression method 12 is not supported"},
      {with([](Member& m) { m.method = 99; }), kData, "inconsistent"},  // 99 marks AES, whose extra field lacks
      {with([](Member& m) { m.size += 1; }), kData, "stored, but its two sizes differ"},
      {with([](Member& m) { m.size = 0xfffffff0; }, true), kData, "more than deflate can"},
      {with([](Member& m) { m.size += 1; }, true), kData, "1 bytes follow where the data should end"},
      {with([](Member& m) { m.size -= 1; }, true), kData, "needs 16 bytes of data, found 15"},
      {zip_file({Member(content), other}), kData, "x.npz: damaged ZIP archive"},
      {zip_file({Member("x")}), kData, "x.npz, member 'x.npy': expected a .npy file"},
      {zip_file({Member(content + "x")}), kData, "1 bytes follow where the data should end"},
  };
  for (const Case& c : cases) EXPECT_TRUE(fails_with(npz_of(c.file), c.code, c.fragment)) << c.fragment;
}

TEST(Npz, EveryCutIsAnErrorAndEveryFlippedBitIsSurvived) {
  const std::string whole = zip_file({deflated_member(npy_of(kSample))});
  ASSERT_TRUE(succeeded(npz_of(whole)));
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(npz_of(whole.substr(0, n))) << n;
  size_t wrong = 0;
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    const Expected<NamedArrays> result = npz_of(damaged);
    if (result && !result->empty() && !(*result)[0].second.identical(kSample)) ++wrong;
  }
  EXPECT_EQ(wrong, 0u) << "the checksum lets no wrong element through";
}

TEST(Npz, RefusesNamesThatCannotBeWritten) {
  const TempDir dir;
  const auto write = [&](const std::string& name) { return write_npz(dir / "x.npz", {{name, kSample}}); };
  EXPECT_TRUE(fails_with(write(""), ErrorCode::kInvalidArgument, "without a name"));
  EXPECT_TRUE(fails_with(write("../x"), ErrorCode::kInvalidArgument, "leads out of the archive"));
  EXPECT_TRUE(fails_with(write(std::string(5000, 'x')), ErrorCode::kInvalidArgument, "at most 1024 bytes"));
  EXPECT_TRUE(fails_with(write_npz(dir / "x.npz", {{"a", kSample}, {"a", kSample}}), ErrorCode::kInvalidArgument,
                         "two arrays are named 'a'"));
  EXPECT_EQ(dir.num_files(), 0u);
}

TEST(Npz, RealFilesOfScikitLearn) {
  const auto folder = real_data();
  if (!folder) GTEST_SKIP() << "no real data here (DLC_DATA_DIR)";
  struct Case {
    const char* file;
    Shape data, target;
  };
  for (const Case& c :
       {Case{"iris.npz", {150, 4}, {150}}, Case{"wine.npz", {178, 13}, {178}}, Case{"digits.npz", {1797, 64}, {1797}},
        Case{"breast_cancer.npz", {569, 30}, {569}}, Case{"diabetes.npz", {442, 10}, {442}}}) {
    const Expected<NamedArrays> arrays = read_npz(*folder / "sklearn" / c.file);
    ASSERT_TRUE(succeeded(arrays));
    const Array *data = find_array(*arrays, "x"), *target = find_array(*arrays, "y");
    ASSERT_TRUE(data != nullptr && target != nullptr) << c.file;
    EXPECT_EQ(data->num_elements(), num_elements(c.data)) << data->type_str();
    EXPECT_EQ(data->dim(0), c.data[0]);
    EXPECT_EQ(target->shape(), c.target);
  }
}

}  // namespace
}  // namespace dlc
