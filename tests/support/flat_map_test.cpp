#include "support/flat_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "support/error.h"

namespace dlc {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(FlatMap, KeepsTheOrderOfNamesAndTheFirstOfEqualOnes) {
  const FlatMap<int> map{{"b", 1}, {"a", 2}, {"b", 3}};
  EXPECT_THAT(map, ElementsAre(Pair("a", 2), Pair("b", 1)));
  EXPECT_EQ(map.at("b"), 1);
  EXPECT_EQ(map.find("ab"), map.end());
}

TEST(FlatMap, SaysWhatIsNotThere) {
  try {
    FlatMap<int>{{"rows", 1}}.at("columns");
    FAIL();
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInternal);
    EXPECT_NE(std::string(e.what()).find("there is no 'columns'"), std::string::npos) << e.what();
  }
}

TEST(FlatMap, BehavesAsAMap) {
  std::mt19937 random(1);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  FlatMap<int> map;
  std::map<std::string, int> expected;
  for (int step = 0; step < 5000; ++step) {
    const std::string name = std::to_string(below(40));
    switch (below(4)) {
      case 0: map[name] = step, expected[name] = step; break;
      case 1: EXPECT_EQ(map.emplace(name, step).second, expected.emplace(name, step).second); break;
      case 2: EXPECT_EQ(map.erase(name), expected.erase(name)); break;
      default: EXPECT_EQ(map.contains(name), expected.contains(name)); break;
    }
    ASSERT_TRUE(std::equal(map.begin(), map.end(), expected.begin(), expected.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
  }
}

}  // namespace
}  // namespace dlc
