// What a session tells of its compilations: how many, from where, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> reasons(const Session& session) {
  std::vector<std::string> out;
  for (const Compilation& c : session.stats().compilations) out.push_back(c.step + ": " + c.why);
  return out;
}

class SessionStatistics : public ::testing::Test {
 protected:
  Graph graph;
  Scope scope = graph.as_default();
  Tensor x = placeholder(kFloat32, {ir::Dim::symbol("n"), 2}, "x");
  Tensor y = placeholder(kFloat32, {ir::Dim::symbol("n"), 2}, "y");
  Tensor sum = add(x, y, "sum");
  Tensor doubled = multiply(x, 2.0f, "doubled");

  static Array rows(int64_t n) { return Array::full(kFloat32, {n, 2}, 1); }
};

TEST_F(SessionStatistics, TellWhyEachProgramWasCompiled) {
  Session session(graph, {.kernel_cache = "off"});
  session.run(sum, {{x, rows(3)}, {y, rows(3)}});
  session.run(sum, {{x, rows(3)}, {y, rows(3)}});
  session.run(sum, {{x, rows(5)}, {y, rows(5)}});
  session.run(doubled, {{x, rows(3)}});
  session.run(doubled, {{x, rows(3)}, {y, rows(3)}});
  session.run(doubled, {{x, rows(4)}});
  EXPECT_THAT(reasons(session),
              ElementsAre("sum: the first step of the session",
                          "sum: feed 'x' is f32[5,2], was f32[3,2]; feed 'y' is f32[5,2], was f32[3,2]",
                          "doubled: other fetches than before: sum", "doubled: 'y' is fed, was not",
                          "doubled: feed 'x' is f32[4,2], was f32[3,2]"));
  const SessionStats stats = session.stats();
  EXPECT_EQ(stats.runs, 6);
  EXPECT_EQ(stats.cache_hits, 1);
  EXPECT_EQ(stats.programs_compiled, 5);
  EXPECT_THAT(stats.str(), HasSubstr("6 runs; 1 found their program; 5 programs compiled in"));
}

TEST_F(SessionStatistics, TellOfFeedsThatAreGone) {
  Session session(graph, {.kernel_cache = "off"});
  session.run(doubled, {{x, rows(3)}, {y, rows(3)}});
  session.run(doubled, {{x, rows(3)}});
  EXPECT_THAT(reasons(session), ElementsAre("doubled: the first step of the session", "doubled: 'y' is not fed, was"));
}

TEST_F(SessionStatistics, TellOfTheProgramForAllSizes) {
  Session session(graph, {.kernel_cache = "off"});
  for (int64_t n = 1; n <= 12; ++n) session.run(doubled, {{x, rows(n)}});
  const std::vector<std::string> told = reasons(session);
  ASSERT_EQ(told.size(), 9u);
  EXPECT_EQ(told.back(), "doubled: after 8 sizes, one program for all others");

  Session open(graph, {.bind_dims = false, .kernel_cache = "off"});
  for (int64_t n = 1; n <= 3; ++n) open.run(doubled, {{x, rows(n)}});
  EXPECT_THAT(reasons(open), ElementsAre("doubled: the first step of the session"));
}

TEST_F(SessionStatistics, CountKernelsByWhereTheyCameFrom) {
  Session first(graph, {.kernel_cache = "off"});
  const Tensor odd = multiply(x, 3.14159f, "odd");
  first.run(odd, {{x, rows(3)}});
  const Compilation compiled = first.stats().compilations.at(0);
  EXPECT_EQ(compiled.kernels_compiled + compiled.kernels_reused, 1);
  EXPECT_EQ(compiled.calls, 1);
  EXPECT_GT(compiled.native_ms, 0);
  EXPECT_GT(compiled.passes_ms, 0);
  Session second(graph, {.kernel_cache = "off"});
  second.run(odd, {{x, rows(3)}});
  EXPECT_EQ(second.stats().kernels_reused, 1);
  EXPECT_EQ(second.stats().kernels_compiled, 0);
  EXPECT_EQ(second.stats().kernels_loaded, 0);
}

TEST_F(SessionStatistics, KeepTheLastCompilationsOnly) {
  Session session(graph, {.kernel_cache = "off"});
  for (int i = 0; i < 40; ++i) session.run(add(doubled, static_cast<float>(i), "late"), {{x, rows(1)}});
  const SessionStats stats = session.stats();
  EXPECT_EQ(stats.programs_compiled, 40);
  ASSERT_EQ(stats.compilations.size(), 32u);
  EXPECT_EQ(stats.compilations.back().step, "late_39");
}

}  // namespace
}  // namespace dlc
