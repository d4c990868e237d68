#include "frontend/data/file_io.h"

#include <sys/stat.h>
#include <unistd.h>

#include "frontend/data/checkpoint.h"
#include "frontend/data/idx.h"
#include "frontend/data/npy.h"
#include "frontend/data/npz.h"
#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;
namespace fs = std::filesystem;

TEST(FileIo, WritesAndReadsBack) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "a", "hello\0there"_b)));
  EXPECT_EQ(content_of(dir / "a"), "hello\0there"_b);
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "a", std::string_view())));
  EXPECT_EQ(content_of(dir / "a"), "");
  EXPECT_EQ(dir.num_files(), 1u);
}

TEST(FileIo, UncommittedFileLeavesTheOldOneAndNoTrace) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "a", "old")));
  {
    Expected<AtomicFile> file = AtomicFile::create(dir / "a");
    ASSERT_TRUE(succeeded(file));
    ASSERT_TRUE(succeeded(file->write("new, but")));
    EXPECT_EQ(content_of(dir / "a"), "old");
    EXPECT_EQ(dir.num_files(), 2u);
  }
  EXPECT_EQ(content_of(dir / "a"), "old");
  EXPECT_EQ(dir.num_files(), 1u);
}

TEST(FileIo, WriteAtPatchesAndExtends) {
  const TempDir dir;
  Expected<AtomicFile> file = AtomicFile::create(dir / "a");
  ASSERT_TRUE(succeeded(file));
  ASSERT_TRUE(succeeded(file->write("abcdef")));
  ASSERT_TRUE(succeeded(file->write_at(1, bytes("XY"))));
  ASSERT_TRUE(succeeded(file->write("g")));
  EXPECT_EQ(file->size(), 7u);
  ASSERT_TRUE(succeeded(file->commit()));
  EXPECT_EQ(content_of(dir / "a"), "aXYdefg");
}

TEST(FileIo, KeepsPermissionsAndFollowsLinks) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "real", "1")));
  ASSERT_EQ(::chmod((dir / "real").c_str(), 0640), 0);
  fs::create_symlink("real", dir / "link");
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "link", "2")));
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(content_of(dir / "real"), "2");
  EXPECT_EQ(fs::status(dir / "real").permissions(), fs::perms(0640));
}

TEST(FileIo, RefusesWhatIsNoRegularFile) {
  const TempDir dir;
  fs::create_directory(dir / "folder");
  EXPECT_TRUE(fails_with(write_file_atomic(dir / "folder", "x"), ErrorCode::kIo, "found a folder"));
  EXPECT_TRUE(fails_with(write_file_atomic("/dev/null", "x"), ErrorCode::kIo, "/dev/null: cannot write"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_TRUE(fails_with(write_file_atomic(dir / "absent" / "x", "x"), ErrorCode::kIo, "cannot create a file in"));
  EXPECT_TRUE(fails_with(read_file(dir / "folder", 10), ErrorCode::kIo, "found a folder"));
  EXPECT_TRUE(fails_with(read_file("/dev/zero", 10), ErrorCode::kIo, "expected a regular file"));
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(fails_with(read_file(dir / "pipe", 10), ErrorCode::kIo, "expected a regular file"));
}

TEST(FileIo, ReadIsBounded) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_file_atomic(dir / "a", "12345")));
  EXPECT_TRUE(succeeded(read_file(dir / "a", 5)));
  EXPECT_TRUE(fails_with(read_file(dir / "a", 4), ErrorCode::kResourceExhausted, "expected at most 4 bytes, found 5"));
  EXPECT_TRUE(fails_with(read_file(dir / "b", 4), ErrorCode::kNotFound, "No such file"));
}

// Each writer, with room for every number of bytes but enough: an error that says so, the old file, no trace.
TEST(FileIo, OnAFullDiskEveryWriterLeavesTheOldFile) {
  const Array a = Array::of<int32_t>({3}, {1, 2, 3});
  using Write = Expected<void> (*)(const fs::path&, const Array&);
  const std::pair<const char*, Write> writers[] = {
      {"x.npy", [](const fs::path& p, const Array& v) { return write_npy(p, v); }},
      {"x.npz", [](const fs::path& p, const Array& v) { return write_npz(p, {{"v", v}}); }},
      {"deflated.npz", [](const fs::path& p, const Array& v) { return write_npz(p, {{"v", v}}, {.compress = true}); }},
      {"x.idx", [](const fs::path& p, const Array& v) { return write_idx(p, v); }},
      {"x.idx.gz", [](const fs::path& p, const Array& v) { return write_idx(p, v); }},
      {"x.safetensors", [](const fs::path& p, const Array& v) { return write_safetensors(p, {{"v", v}}); }},
      {"checkpoint", [](const fs::path& p, const Array& v) { return save_checkpoint(p, {{"v", v}}); }},
  };
  for (const auto& [name, write] : writers) {
    const TempDir dir;
    ASSERT_TRUE(succeeded(write(dir / name, a))) << name;
    const std::string before = content_of(dir / name);
    for (size_t room = 0; room < before.size(); ++room) {
      const FullDisk full(room);
      EXPECT_TRUE(fails_with(write(dir / name, a.cast(kInt32)), ErrorCode::kIo,
                             "cannot write its temporary file: File too large; the file is as it was before"))
          << name << " with room for " << room;
    }
    EXPECT_EQ(content_of(dir / name), before) << name;
    EXPECT_EQ(dir.num_files(), 1u) << name;
    EXPECT_TRUE(fails_with(write("/proc/x", a), ErrorCode::kIo, "/proc/x: cannot create a file in folder '/proc': "))
        << name;
  }
}

TEST(FileIo, TemporaryNamesAreKnown) {
  const TempDir dir;
  Expected<AtomicFile> file = AtomicFile::create(dir / "checkpoint-7");
  ASSERT_TRUE(succeeded(file));
  const std::string name = fs::directory_iterator(dir.path())->path().filename();
  EXPECT_TRUE(is_temporary_name(name, "checkpoint-"));
  EXPECT_FALSE(is_temporary_name(name, "model"));
  for (const char* other : {"checkpoint-7", ".checkpoint-7", ".checkpoint-7.tmp-x", "checkpoint-7.tmp-1-0", ""})
    EXPECT_FALSE(is_temporary_name(other, "checkpoint-")) << other;
}

}  // namespace
}  // namespace dlc
