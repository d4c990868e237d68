#include "support/inline_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace dlc {
namespace {

using ::testing::ElementsAre;
using Strings = InlineVector<std::string, 2>;

/// Long enough for memory of their own: a slip shows under AddressSanitizer.
std::string text(int i) { return std::string(40, 'x') + std::to_string(i); }

TEST(InlineVector, FirstElementsLieInTheObject) {
  InlineVector<int, 3> v{1, 2, 3};
  const auto inside = [&] {
    const auto* const at = reinterpret_cast<const std::byte*>(v.data());
    const auto* const object = reinterpret_cast<const std::byte*>(&v);
    return at >= object && at < object + sizeof v;
  };
  EXPECT_TRUE(inside());
  v.push_back(4);
  EXPECT_FALSE(inside());
  EXPECT_THAT(v, ElementsAre(1, 2, 3, 4));
}

TEST(InlineVector, GrowsByAnElementOfItself) {
  Strings v{text(0), text(1)};
  v.push_back(v.front());
  v.emplace_back(v.back());
  EXPECT_THAT(v, ElementsAre(text(0), text(1), text(0), text(0)));
  v.resize(9, v[1]);
  EXPECT_EQ(v[8], text(1));
}

TEST(InlineVector, MovesLeaveNothingBehind) {
  for (const int n : {0, 1, 2, 3, 7}) {
    Strings v;
    for (int i = 0; i < n; ++i) v.push_back(text(i));
    const Strings copy = v;
    Strings moved = std::move(v);
    EXPECT_TRUE(v.empty());  // NOLINT(bugprone-use-after-move): that is what is promised
    EXPECT_EQ(moved, copy);
    v = {text(9)};
    v = std::move(moved);
    EXPECT_EQ(v, copy);
    moved = copy;
    moved = *&moved;
    EXPECT_EQ(moved, copy);
  }
}

TEST(InlineVector, HoldsWhatOnlyMoves) {
  InlineVector<std::unique_ptr<int>, 1> v;
  for (int i = 0; i < 5; ++i) v.push_back(std::make_unique<int>(i));
  v.erase(v.begin() + 1);
  v.insert(v.begin(), std::make_unique<int>(7));
  std::vector<int> numbers;
  for (const auto& p : v) numbers.push_back(*p);
  EXPECT_THAT(numbers, ElementsAre(7, 0, 2, 3, 4));
}

TEST(InlineVector, IsOrderedAsItsElementsAre) {
  using Ints = InlineVector<int, 2>;
  EXPECT_LT((Ints{1, 2}), (Ints{1, 3}));
  EXPECT_LT((Ints{1}), (Ints{1, 0, 0}));
  EXPECT_EQ((Ints{1, 2, 3}), (Ints{1, 2, 3}));
  EXPECT_NE((Ints{1, 2, 3}), (Ints{1, 2}));
}

/// Whatever is done to it, it holds what a std::vector holds.
TEST(InlineVector, BehavesAsAVector) {
  std::mt19937 random(1);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  Strings v;
  std::vector<std::string> expected;
  for (int step = 0; step < 20000; ++step) {
    const size_t n = expected.size();
    const std::string value = text(step);
    const auto at = static_cast<std::ptrdiff_t>(below(n + 1));
    switch (below(9)) {
      case 0:
      case 1: v.push_back(value), expected.push_back(value); break;
      case 2: v.insert(v.begin() + at, value), expected.insert(expected.begin() + at, value); break;
      case 3: {
        const std::list<std::string> some{value, text(0), text(1)};
        v.insert(v.begin() + at, some.begin(), some.end());
        expected.insert(expected.begin() + at, some.begin(), some.end());
        break;
      }
      case 4: v.erase(v.begin() + at, v.end()), expected.erase(expected.begin() + at, expected.end()); break;
      case 5:
        if (n > 0) v.pop_back(), expected.pop_back();
        break;
      case 6: {
        const size_t size = below(6);
        v.resize(size), expected.resize(size);
        break;
      }
      case 7: {
        Strings other = v;
        v = std::move(other);
        break;
      }
      default: v = Strings(expected.begin(), expected.end()); break;
    }
    ASSERT_TRUE(std::equal(v.begin(), v.end(), expected.begin(), expected.end())) << step;
    ASSERT_TRUE(std::equal(v.rbegin(), v.rend(), expected.rbegin(), expected.rend())) << step;
  }
}

}  // namespace
}  // namespace dlc
