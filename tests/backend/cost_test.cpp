// Work counted from regions, against counts by hand.
#include "backend/plan/cost.h"

#include <gtest/gtest.h>

#include "ir/parser.h"

namespace dlc::backend {
namespace {

Cost cost(const std::string& body) {
  const auto region = value_or_throw(ir::parse_function("func @region" + body));
  std::vector<ir::Value> operands;
  for (int i = 0; i < region->num_params(); ++i) operands.push_back(region->param(i));
  return cost_of(*region, operands);
}

TEST(Cost, ElementwiseCountsElementsAndEachBufferOnce) {
  const Cost c = cost(R"((%x: f32[4,8], %b: f32[8]) -> (f32[4,8], bool[4,8]) {
    %0 = broadcast(%b) {axes = [1], dims = <4,8>} : f32[4,8]
    %1 = add(%x, %0) : f32[4,8]
    %2 = exp(%1) : f32[4,8]
    %3 = compare(%1, %x) {direction = "ge"} : bool[4,8]
    return %2, %3
  })");
  EXPECT_TRUE(c.flops.is(2 * 32));
  EXPECT_TRUE(c.bytes.is(4 * (32 + 8) + 4 * 32 + 32));
}

TEST(Cost, ProductWithItsEpilogue) {
  const Cost c = cost(R"((%x: f32[4,8], %w: f32[8,3]) -> (f32[4,3]) {
    %0 = dot_general(%x, %w) {lhs_contract = [1], rhs_contract = [0]} : f32[4,3]
    %1 = fma(%0, %0, %0) : f32[4,3]
    return %1
  })");
  EXPECT_TRUE(c.flops.is(2 * 4 * 3 * 8 + 2 * 4 * 3));
  EXPECT_TRUE(c.bytes.is(4 * (32 + 24 + 12)));
}

TEST(Cost, ReductionCountsWhatIsReducedAndIntegersDoNotCount) {
  const Cost c = cost(R"((%x: f64[4,8], %n: i32[4]) -> (f64[4], i32[4]) {
    %0 = reduce(%x) {axes = [1], kind = "sum"} : f64[4]
    %1 = add(%n, %n) : i32[4]
    return %0, %1
  })");
  EXPECT_TRUE(c.flops.is(32));
  EXPECT_TRUE(c.bytes.is(8 * 32 + 4 * 4 + 8 * 4 + 4 * 4));
}

TEST(Cost, GatherReadsNoMoreThanItPicks) {
  const Cost c = cost(R"((%table: f32[1000,8], %i: i32[3]) -> (f32[3,8]) {
    %0 = gather(%table, %i) {axis = 0} : f32[3,8]
    return %0
  })");
  EXPECT_TRUE(c.flops.is(0));
  EXPECT_TRUE(c.bytes.is(4 * 24 + 4 * 3 + 4 * 24));
}

TEST(Cost, SymbolsStaySymbols) {
  const Cost c = cost("(%x: f32[n,8]) -> (f32[n,8]) {\n  %0 = exp(%x) : f32[n,8]\n  return %0\n}");
  EXPECT_EQ(value_or_throw(c.flops.evaluate({{"n", 5}})), 40);
  EXPECT_EQ(value_or_throw(c.bytes.evaluate({{"n", 5}})), 320);
}

TEST(Cost, OneBufferUnderTwoNamesIsReadOnce) {
  const auto region = value_or_throw(ir::parse_function(
      "func @region(%x: f32[8], %y: f32[8]) -> (f32[8]) {\n  %0 = add(%x, %y) : f32[8]\n  return %0\n}"));
  const std::vector<ir::Value> operands = {region->param(0), region->param(0)};
  EXPECT_TRUE(cost_of(*region, operands).bytes.is(2 * 32));
}

}  // namespace
}  // namespace dlc::backend
