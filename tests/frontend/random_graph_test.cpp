// Random graphs over the user-level operators, compiled and held to the oracles of SEMANTICS.md; and
// printed as graph files and read back. A failing one is printed with its seed.
//   DLC_SEED=17 DLC_RANDOM_GRAPHS=1 frontend_test --gtest_filter='Seeds/RandomGraphs*'
#include "tests/frontend/random_graph.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "backend/native/native.h"
#include "frontend/graph/graph_file.h"
#include "frontend/graph/op_spec.h"
#include "tools/oracles/hold.h"

namespace dlc::testing {
namespace {

constexpr uint64_t kGraphs = 120;  // from seed 1, unless the environment says otherwise

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void check(const RandomGraph& g, oracles::Tally& tally) {
  const std::string text = print(g.graph);
  const auto parsed = parse_graph(text, "printed.dlc");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().str();
  EXPECT_EQ(print(*parsed), text);
  auto meaning = value_or_throw(oracles::Meaning::of(*g.function, g.params, g.seed));
  ASSERT_FALSE(meaning.fault()) << meaning.fault()->str();
  const auto hold = [&](const oracles::Ways& ways) {
    const oracles::Finding found = oracles::hold(*g.function, g.params, meaning, ways, tally);
    EXPECT_EQ(found.kind, oracles::Finding::kNone) << "for " << ways.target << ": " << found.what;
  };
  hold({});
  // The programs of backend_test are compiled for every target; here each graph for one more.
  const char* other = g.seed % 2 == 0 ? "sse2" : "avx2";
  if (backend::runs_here(other)) hold({.target = other, .unfused = false, .threads = {1}});
}

class RandomGraphs : public ::testing::TestWithParam<uint64_t> {};

/// Graphs of one residue class, so that ctest can run the classes side by side.
TEST_P(RandomGraphs, MeetTheOracles) {
  constexpr uint64_t kClasses = 2;
  const uint64_t first = from_environment("DLC_SEED", 1), count = from_environment("DLC_RANDOM_GRAPHS", kGraphs);
  oracles::Tally tally;
  for (uint64_t i = GetParam(); i < count; i += kClasses) {
    const RandomGraph g = random_graph(first + i);
    try {
      check(g, tally);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    if (HasFailure()) {
      ADD_FAILURE() << "of this graph:\n" << g.str();
      return;
    }
  }
  if (count >= kGraphs) {
    EXPECT_LE(tally.dropped, tally.compared / 20) << "of " << tally.compared << " elements";
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphs, ::testing::Range(uint64_t{0}, uint64_t{2}));

/// In the very graphs that RandomGraphs runs.
TEST(RandomGraphGenerator, CoversTheOperators) {
  std::map<std::string, int> graphs_with;
  for (uint64_t seed = 1; seed <= kGraphs; ++seed) {
    const RandomGraph g = random_graph(seed);
    for (const std::string& feature : g.features) ++graphs_with[feature];
    if (seed % 50 == 0) {
      EXPECT_EQ(g.str(), random_graph(seed).str());
    }
  }
  // Nodes that another part of the generator makes: sources, and gradients.
  for (const OpSpec& spec : all_op_specs())
    if (spec.role == OpRole::kOrdinary) {
      EXPECT_GE(graphs_with[spec.name], 1) << spec.name << " is never generated";
    }
  for (const char* feature : {"variable", "gradients", "second gradients", "control dependencies", "symbols"})
    EXPECT_GE(graphs_with[feature], 5) << feature;
  for (int rank = 0; rank <= 6; ++rank) EXPECT_GE(graphs_with[fmt::format("rank {}", rank)], 5) << rank;
  for (const DType t : kAllDTypes) EXPECT_GE(graphs_with[fmt::format("type {}", to_string(t))], 5) << to_string(t);
}

}  // namespace
}  // namespace dlc::testing
