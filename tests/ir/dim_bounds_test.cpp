// What Dim knows about signs, and what min and max make of it.
#include <gtest/gtest.h>

#include <random>

#include "ir/dim.h"

namespace dlc::ir {
namespace {

Dim parse(const char* text) { return parse_dim(text).value(); }

TEST(DimBounds, KnowsWhatIsCertain) {
  for (const char* text : {"0", "n", "n*m+3", "n-min(8,n)", "n-min(n,m)", "max(n-1,0)", "max(n,m)-m", "n-floordiv(n,2)",
                           "n-2*floordiv(n,2)", "floordiv(n,2)", "floordiv(n-1,2)+1", "min(n,m)", "n-1-max(n-1,0)+1"})
    EXPECT_TRUE(parse(text).known_nonnegative()) << text;
  for (const char* text : {"-1", "n-1", "n-m", "-n", "min(8,n)-n", "m-max(n,m)", "floordiv(n-3,2)", "floordiv(n,2)-1",
                           "min(n,-1)", "2*floordiv(n,2)-n"})
    EXPECT_FALSE(parse(text).known_nonnegative()) << text;
}

TEST(DimBounds, MinAndMaxUseThem) {
  EXPECT_EQ(Dim::min(parse("n"), parse("n+m")).str(), "n");
  EXPECT_EQ(Dim::max(parse("n"), parse("n+m")).str(), "m+n");
  EXPECT_EQ(Dim::max(parse("n"), 0).str(), "n");
  EXPECT_EQ(Dim::min(parse("min(8,n)"), parse("n")).str(), "min(8,n)");
  EXPECT_EQ(Dim::min(parse("n"), 3).str(), "min(3,n)");
}

/// A claim is checked on every small binding.
TEST(DimBounds, NeverClaimsWhatIsFalse) {
  std::mt19937 rng(1);
  const auto pick = [&](int n) { return static_cast<int>(rng() % static_cast<unsigned>(n)); };
  int claims = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Dim> pool{Dim::symbol("n"), Dim::symbol("m"), Dim(pick(7) - 3)};
    for (int step = 0; step < 4; ++step) {
      const Dim a = pool[static_cast<size_t>(pick(static_cast<int>(pool.size())))];
      const Dim b = pool[static_cast<size_t>(pick(static_cast<int>(pool.size())))];
      switch (pick(5)) {
        case 0: pool.push_back(a + b); break;
        case 1: pool.push_back(a - b); break;
        case 2: pool.push_back(Dim::min(a, b)); break;
        case 3: pool.push_back(Dim::max(a, b)); break;
        default: pool.push_back(Dim::floor_div(a, pick(3) + 1)); break;
      }
    }
    const Dim d = pool.back();
    if (!d.known_nonnegative()) continue;
    ++claims;
    for (int64_t n = 0; n < 6; ++n)
      for (int64_t m = 0; m < 6; ++m)
        ASSERT_GE(d.evaluate({{"n", n}, {"m", m}}).value(), 0) << d.str() << " with n " << n << ", m " << m;
  }
  EXPECT_GT(claims, 500);
}

}  // namespace
}  // namespace dlc::ir
