// The cache of kernels on disk: found again, damaged, bounded, shared between processes, refused.
#include "backend/native/disk_cache.h"
#include "tests/testing/temp_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

namespace dlc::backend::native {
namespace {

namespace fs = std::filesystem;

class DiskCacheTest : public ::testing::Test {
 protected:
  std::string folder() const { return root_ / "a/b"; }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder())) found.push_back(entry.path());
    return found;
  }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static unsigned mode(const fs::path& path) {
    struct stat s{};
    EXPECT_EQ(stat(path.c_str(), &s), 0);
    return s.st_mode & 0777;
  }

  const dlc::testing::TempDir temp_;
  const fs::path root_ = temp_.path();
};

TEST_F(DiskCacheTest, FindsWhatWasStored) {
  DiskCache cache(folder(), 1 << 20);
  EXPECT_EQ(cache.find("k"), std::nullopt);
  const std::string object("\0code\xff", 6);
  cache.store("k", object);
  cache.store("other", "");
  EXPECT_EQ(cache.find("k"), object);
  EXPECT_EQ(cache.find("other"), "");
  EXPECT_EQ(cache.find("K"), std::nullopt);
  cache.store("k", "newer");
  EXPECT_EQ(DiskCache(folder(), 1 << 20).find("k"), "newer") << "another process's view";
  EXPECT_EQ(files().size(), 2u) << "nothing temporary stays";
}

TEST_F(DiskCacheTest, FolderAndFilesAreTheOwnersAlone) {
  const mode_t before = umask(0);
  DiskCache(folder(), 1 << 20).store("k", "object");
  umask(before);
  EXPECT_EQ(mode(root_ / "a"), 0700u);
  EXPECT_EQ(mode(folder()), 0700u);
  EXPECT_EQ(mode(files().at(0)), 0600u);
}

TEST_F(DiskCacheTest, WhatOthersMayWriteIsNotUsed) {
  DiskCache cache(folder(), 1 << 20);
  cache.store("k", "object");
  fs::permissions(files().at(0), fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(cache.find("k"), std::nullopt);
  cache.store("k", "object");
  EXPECT_EQ(cache.find("k"), "object");
  fs::permissions(folder(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(cache.find("k"), std::nullopt);
  cache.store("new", "object");
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(DiskCacheTest, ALinkIsNotFollowed) {
  DiskCache cache(folder(), 1 << 20);
  cache.store("k", "object");
  const fs::path file = files().at(0), moved = root_ / "elsewhere";
  fs::rename(file, moved);
  fs::create_symlink(moved, file);
  EXPECT_EQ(cache.find("k"), std::nullopt);
}

TEST_F(DiskCacheTest, ADamagedFileIsNotFoundAndReplaced) {
  DiskCache cache(folder(), 1 << 20);
  const std::string object(100, 'x');
  cache.store("the key", object);
  const fs::path file = files().at(0);
  const std::string good = read(file);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    write(file, bad);
    EXPECT_EQ(cache.find("the key"), std::nullopt) << "a flipped bit at " << at;
    write(file, good.substr(0, at));
    EXPECT_EQ(cache.find("the key"), std::nullopt) << "cut at " << at;
  }
  write(file, good + "x");
  EXPECT_EQ(cache.find("the key"), std::nullopt);
  cache.store("the key", object);
  EXPECT_EQ(cache.find("the key"), object);
}

TEST_F(DiskCacheTest, AFileOfAnotherKeyIsNotTakenForOurs) {
  DiskCache cache(folder(), 1 << 20);
  cache.store("one", "object");
  const fs::path one = files().at(0);
  const std::string bytes = read(one);
  cache.store("two", "object");
  for (const fs::path& file : files()) write(file, bytes);  // as if both had one hash
  EXPECT_EQ(cache.find("one"), "object");
  EXPECT_EQ(cache.find("two"), std::nullopt);
}

TEST_F(DiskCacheTest, BoundedByRemovingWhatWasUsedLongestAgo) {
  constexpr int64_t kLimit = 64 << 10;
  DiskCache cache(folder(), kLimit);
  const std::string object(2000, 'x');
  cache.store("precious", object);
  const auto total = [&] {
    int64_t bytes = 0;
    for (const fs::path& file : files()) bytes += static_cast<int64_t>(fs::file_size(file));
    return bytes;
  };
  for (int i = 0; i < 200; ++i) {
    // Ages are set, not waited for: everything is older than what comes, `precious` by use the youngest.
    for (const fs::path& file : files())
      fs::last_write_time(file, fs::last_write_time(file) - std::chrono::seconds(10));
    EXPECT_EQ(cache.find("precious"), object) << i;
    cache.store(fmt::format("{}", i), object);
    EXPECT_LE(total(), kLimit + kLimit / 16) << i;
  }
  EXPECT_EQ(cache.find("0"), std::nullopt);
  EXPECT_EQ(cache.find("199"), object);
  EXPECT_GT(total(), kLimit / 2);
}

TEST_F(DiskCacheTest, LeavesWhatIsNotItsOwn) {
  DiskCache cache(folder(), 64 << 10);
  cache.store("k", "object");
  write(fs::path(folder()) / "notes.txt", std::string(100 << 10, 'n'));
  write(fs::path(folder()) / ".new-1-1", "under way");
  write(fs::path(folder()) / ".new-2-2", "abandoned");
  fs::last_write_time(fs::path(folder()) / ".new-2-2", fs::file_time_type::clock::now() - std::chrono::hours(2));
  for (int i = 0; i < 100; ++i) cache.store(fmt::format("{}", i), std::string(2000, 'x'));
  EXPECT_TRUE(fs::exists(fs::path(folder()) / "notes.txt"));
  EXPECT_TRUE(fs::exists(fs::path(folder()) / ".new-1-1"));
  EXPECT_FALSE(fs::exists(fs::path(folder()) / ".new-2-2"));
}

TEST_F(DiskCacheTest, AnObjectTooLargeForTheCacheIsNotStored) {
  DiskCache cache(folder(), 4096);
  cache.store("k", std::string(2000, 'x'));
  EXPECT_EQ(cache.find("k"), std::nullopt);
}

TEST_F(DiskCacheTest, NothingBreaksWhereNothingCanBeWritten) {
  write(root_ / "file", "");
  for (const std::string& place : {(root_ / "file/below").string(), std::string("/proc/nowhere"), std::string("")}) {
    DiskCache cache(place, 1 << 20);
    cache.store("k", "object");
    EXPECT_EQ(cache.find("k"), std::nullopt) << place;
  }
}

// Writers replace and prune the same few files without a pause while readers look at them: what is
// found is always whole.
TEST_F(DiskCacheTest, ProcessesShareAFolder) {
  const auto object_of = [](int key, int version) {
    return std::string(static_cast<size_t>(500 + 100 * key + version), static_cast<char>('a' + version % 26));
  };
  const auto work = [&](int process) {
    DiskCache cache(folder(), 20000);  // less than all of it: they prune, too
    for (int i = 0; i < 300; ++i) {
      const int key = (i * 7 + process) % 16;
      if ((i + process) % 3 == 0) {
        cache.store(fmt::format("key{}", key), object_of(key, i % 40));
        continue;
      }
      const auto found = cache.find(fmt::format("key{}", key));
      if (!found) continue;
      const int version = static_cast<int>(found->size()) - 500 - 100 * key;
      if (version < 0 || version >= 40 || *found != object_of(key, version)) return 1;
    }
    return 0;
  };
  std::vector<pid_t> children;
  for (int process = 0; process < 6; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(work(process));
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }
  for (const fs::path& file : files()) EXPECT_EQ(file.filename().string().size(), 32u) << file;
}

TEST(DiskCacheChoice, OffAndFolders) {
  EXPECT_EQ(DiskCache::get("off"), nullptr);
  DiskCache* const one = DiskCache::get("/tmp/dlc-some-folder");
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->folder(), "/tmp/dlc-some-folder");
  EXPECT_EQ(DiskCache::get("/tmp/dlc-some-folder"), one);
  EXPECT_NE(DiskCache::get("/tmp/dlc-other-folder"), one);
}

}  // namespace
}  // namespace dlc::backend::native
