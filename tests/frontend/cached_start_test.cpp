// Starting without a compiler: a process whose kernels are in the cache runs them and never maps
// libLLVM. Each case is a process of its own, this program run anew for the one test that is disabled
// otherwise.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "backend/native/native.h"
#include "frontend/dlc.h"
#include "tests/testing/temp_dir.h"

namespace dlc {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

bool llvm_is_mapped() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libLLVM") != std::string::npos || line.find("libdlc_llvm") != std::string::npos) return true;
  return false;
}

/// What the child does: a training step with products, a reduction, a check and an update.
TEST(CachedStartChild, DISABLED_TrainsAndTells) {
  Graph graph;
  const auto scope = graph.as_default();
  const Tensor x = placeholder(kFloat32, {4, 8}, "x"), labels = placeholder(kInt32, {4}, "labels");
  const Tensor w = variable(Array::full(kFloat32, {8, 3}, 0.125), "w");
  const Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = matmul(x, w)}));
  const Operation train = GradientDescentOptimizer(0.5).minimize(loss);
  try {
    Session session(graph);
    session.run(global_variables_initializer());
    const Feeds feeds = {{x, Array::full(kFloat32, {4, 8}, 0.5)}, {labels, Array::of<int32_t>({4}, {0, 1, 2, 1})}};
    session.run(train, feeds);
    const SessionStats stats = session.stats();
    std::printf("loss %.9g\nllvm %d\ncompiled %d\n", session.run(loss, feeds).item<float>(), llvm_is_mapped(),
                static_cast<int>(stats.kernels_compiled));
  } catch (const Exception& e) {
    std::printf("error %s\n", e.what());
  }
  std::fflush(stdout);
}

struct Told {
  std::map<std::string, std::string> values;
  std::string text;
};

/// Runs the child with these variables in its environment.
Told run_child(const std::map<std::string, std::string>& environment, const fs::path& folder) {
  const fs::path output = folder / "told.txt";
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    execl("/proc/self/exe", "child", "--gtest_filter=CachedStartChild.*", "--gtest_also_run_disabled_tests", nullptr);
    _exit(127);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  Told told;
  std::ifstream in(output);
  for (std::string line; std::getline(in, line);) {
    told.text += line + "\n";
    const size_t space = line.find(' ');
    if (space != std::string::npos) told.values[line.substr(0, space)] = line.substr(space + 1);
  }
  return told;
}

class CachedStart : public ::testing::Test {
 protected:
  std::string cache() const { return root_ / "cache"; }

  const dlc::testing::TempDir temp_;
  const fs::path root_ = temp_.path();
};

TEST_F(CachedStart, NeedsNoLlvm) {
  const Told cold = run_child({{"DLC_CACHE", cache()}}, root_);
  ASSERT_EQ(cold.values.count("loss"), 1u) << cold.text;
  EXPECT_EQ(cold.values.at("llvm"), "1") << "the first process compiles";
  EXPECT_NE(cold.values.at("compiled"), "0");

  const Told cached = run_child({{"DLC_CACHE", cache()}}, root_);
  ASSERT_EQ(cached.values.count("loss"), 1u) << cached.text;
  EXPECT_EQ(cached.values.at("llvm"), "0") << "the second does not even map LLVM";
  EXPECT_EQ(cached.values.at("compiled"), "0");
  EXPECT_EQ(cached.values.at("loss"), cold.values.at("loss"));

  // Nor does it need to be there.
  const Told without = run_child({{"DLC_CACHE", cache()}, {"DLC_LLVM_MODULE", "/nowhere/libdlc_llvm.so"}}, root_);
  EXPECT_EQ(without.values.count("loss"), 1u) << without.text;
}

TEST_F(CachedStart, ADamagedCacheIsCompiledAnew) {
  const Told cold = run_child({{"DLC_CACHE", cache()}}, root_);
  ASSERT_EQ(cold.values.count("loss"), 1u) << cold.text;
  for (const auto& entry : fs::directory_iterator(cache())) fs::resize_file(entry.path(), fs::file_size(entry) / 2);
  const Told damaged = run_child({{"DLC_CACHE", cache()}}, root_);
  ASSERT_EQ(damaged.values.count("loss"), 1u) << damaged.text;
  EXPECT_EQ(damaged.values.at("llvm"), "1");
  EXPECT_EQ(damaged.values.at("loss"), cold.values.at("loss"));
  EXPECT_EQ(run_child({{"DLC_CACHE", cache()}}, root_).values.at("llvm"), "0") << "it is whole again";
}

TEST_F(CachedStart, OffIsOff) {
  const std::map<std::string, std::string> environment = {{"DLC_CACHE", "off"}, {"XDG_CACHE_HOME", root_}};
  EXPECT_EQ(run_child(environment, root_).values.at("llvm"), "1");
  EXPECT_EQ(run_child(environment, root_).values.at("llvm"), "1");
  EXPECT_FALSE(fs::exists(root_ / "dlc"));
}

TEST_F(CachedStart, TheDefaultFolderIsTheUsersCache) {
  const std::map<std::string, std::string> environment = {{"DLC_CACHE", ""}, {"XDG_CACHE_HOME", root_}};
  EXPECT_EQ(run_child(environment, root_).values.at("llvm"), "1");
  EXPECT_TRUE(fs::exists(root_ / "dlc"));
  EXPECT_EQ(run_child(environment, root_).values.at("llvm"), "0");
}

TEST_F(CachedStart, AMissingOrForeignModuleIsAnError) {
  const Told missing = run_child({{"DLC_CACHE", "off"}, {"DLC_LLVM_MODULE", "/nowhere/libdlc_llvm.so"}}, root_);
  EXPECT_THAT(missing.text, HasSubstr("the code generator libdlc_llvm.so is not there; looked for it at: "
                                      "/nowhere/libdlc_llvm.so"));
  EXPECT_THAT(missing.text, HasSubstr("let DLC_LLVM_MODULE name it"));
  std::ofstream(root_ / "text.so") << "no library";
  const Told text = run_child({{"DLC_CACHE", "off"}, {"DLC_LLVM_MODULE", root_ / "text.so"}}, root_);
  EXPECT_THAT(text.text, HasSubstr("cannot load the code generator"));
  const Told foreign = run_child({{"DLC_CACHE", "off"}, {"DLC_LLVM_MODULE", "libz.so.1"}}, root_);
  EXPECT_THAT(foreign.text, HasSubstr("is no code generator of dlc"));
}

}  // namespace
}  // namespace dlc
