// The reasons that fusion writes down: each is met by a small function, and none is given for what
// is one kernel.
#include "passes/fusion/fusion_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ir/parser.h"
#include "passes/fusion/fuse.h"

namespace dlc::passes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FusionLog log_of(const std::string& body, bool group = true) {
  const auto f = value_or_throw(ir::parse_function("func @f" + body));
  FusionLog log;
  PassContext context;
  context.options.fuse = group;
  context.fusion_log = &log;
  value_or_throw(run_fuse(*f, context));
  return log;
}

std::string why(const FusionLog& log, std::string_view a, std::string_view b) {
  return value_or_throw(log.why_apart(a, b)).str();
}

TEST(FusionLog, WhatIsOneKernelIsNotApart) {
  const FusionLog log = log_of(R"((%x: f32[8]) -> (f32[8]) {
    %0 = exp(%x) : f32[8] loc("a")
    %1 = add(%0, %x) : f32[8] loc("b")
    return %1
  })");
  EXPECT_TRUE(value_or_throw(log.together("a", "b")));
  EXPECT_EQ(log.why_apart("a", "b").error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(log.all(), IsEmpty());
  EXPECT_THAT(log.copies(), IsEmpty());
}

TEST(FusionLog, UnknownNodeIsAnErrorWithTheNearest) {
  const FusionLog log = log_of("(%x: f32[8]) -> (f32[8]) {\n  %0 = exp(%x) : f32[8] loc(\"layer\")\n  return %0\n}");
  const auto apart = log.why_apart("layr", "layer");
  ASSERT_FALSE(apart);
  EXPECT_EQ(apart.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(apart.error().str(), HasSubstr("did you mean 'layer'"));
}

TEST(FusionLog, ProductNeedsItsOperandInMemory) {
  const FusionLog log = log_of(R"((%x: f32[4,8], %w: f32[8,2]) -> (f32[4,2]) {
    %0 = exp(%x) : f32[4,8] loc("act")
    %1 = dot_general(%0, %w) {lhs_contract = [1], rhs_contract = [0]} : f32[4,2] loc("matmul")
    return %1
  })");
  EXPECT_THAT(why(log, "act", "matmul"), AllOf(HasSubstr("'matmul' is a product"), HasSubstr("Remedy: ")));
  // In either order.
  EXPECT_EQ(why(log, "matmul", "act"), why(log, "act", "matmul"));
}

TEST(FusionLog, SizesDiffer) {
  const FusionLog log = log_of(R"((%x: f32[4,8], %y: f32[4,2]) -> (f32[4,8]) {
    %0 = dot_general(%y, %y) {lhs_contract = [1], rhs_contract = [1]} : f32[4,4] loc("product")
    %1 = slice(%0) {start = <0,0>, limit = <4,1>, strides = [1,1]} : f32[4,1]
    %2 = exp(%1) : f32[4,1] loc("exp")
    %3 = broadcast(%2) {axes = [0,1], dims = <4,8>} : f32[4,8]
    %4 = add(%x, %3) : f32[4,8] loc("sum")
    return %4
  })");
  EXPECT_THAT(why(log, "exp", "sum"), HasSubstr("the `add` is of [4,8], the kernel is a `loop` over [4,1]"));
  EXPECT_THAT(why(log, "product", "exp"), HasSubstr("through `slice`"));
  // Not neighbours: of the partings on the way the last is told.
  EXPECT_EQ(why(log, "product", "sum"), why(log, "exp", "sum"));
}

TEST(FusionLog, ReductionOfWhatOthersRead) {
  const FusionLog log = log_of(R"((%x: f32[4,8]) -> (f32[4], f32[4,8]) {
    %0 = exp(%x) : f32[4,8] loc("exp")
    %1 = reduce(%0) {axes = [1], kind = "sum"} : f32[4] loc("total")
    return %1, %0
  })");
  EXPECT_THAT(why(log, "exp", "total"), HasSubstr("'total' reduces 'exp', which the caller reads as well"));
}

TEST(FusionLog, ReductionBehindAProduct) {
  const FusionLog log = log_of(R"((%x: f32[4,8]) -> (f32[4]) {
    %0 = dot_general(%x, %x) {lhs_contract = [1], rhs_contract = [1]} : f32[4,4] loc("product")
    %1 = reduce(%0) {axes = [1], kind = "sum"} : f32[4] loc("total")
    return %1
  })");
  EXPECT_THAT(why(log, "product", "total"), HasSubstr("the kernel of 'product' is a `dot`"));
}

TEST(FusionLog, ManyArraysBehindAProduct) {
  const FusionLog log =
      log_of(R"((%x: f32[400,8], %w: f32[8,400], %m: f32[400,400], %v: f32[400,400]) -> (f32[400,400]) {
    %0 = dot_general(%x, %w) {lhs_contract = [1], rhs_contract = [0]} : f32[400,400] loc("gradient")
    %1 = add(%0, %m) : f32[400,400] loc("momentum")
    %2 = mul(%1, %v) : f32[400,400] loc("update")
    return %2
  })");
  EXPECT_THAT(why(log, "momentum", "gradient"), HasSubstr("reads several large arrays"));
}

TEST(FusionLog, GatherAndLonersBeginKernels) {
  const FusionLog log = log_of(R"((%x: f32[4], %i: i32[3]) -> (f32[3]) {
    %0 = exp(%x) : f32[4] loc("exp")
    %1 = gather(%0, %i) {axis = 0} : f32[3] loc("pick")
    %2 = scan(%1) {axis = 0, kind = "sum"} : f32[3] loc("sums")
    return %2
  })");
  EXPECT_THAT(why(log, "exp", "pick"), HasSubstr("'pick' (`gather`) picks elements of 'exp'"));
  EXPECT_THAT(why(log, "pick", "sums"), HasSubstr("(`scan`) is always a kernel of its own"));
}

TEST(FusionLog, UnrelatedNodes) {
  const FusionLog log = log_of(R"((%x: f32[4], %y: f32[5]) -> (f32[4], f32[5]) {
    %0 = exp(%x) : f32[4] loc("a")
    %1 = exp(%y) : f32[5] loc("b")
    return %0, %1
  })");
  EXPECT_THAT(why(log, "a", "b"), HasSubstr("no value of one reaches the other"));
}

TEST(FusionLog, SwitchedOff) {
  const FusionLog log = log_of(R"((%x: f32[8]) -> (f32[8]) {
    %0 = exp(%x) : f32[8] loc("a")
    %1 = add(%0, %x) : f32[8] loc("b")
    return %1
  })",
                               false);
  EXPECT_THAT(why(log, "a", "b"), HasSubstr("fusion is off"));
}

TEST(FusionLog, CopiesHaveReasons) {
  const FusionLog log = log_of(R"((%x: f32[2,4]) -> (f32[2,4], f32[4,2], f32[8], f32[8]) {
    %0 = exp(%x) : f32[2,4] loc("exp")
    %1 = transpose(%0) {permutation = [1,0]} : f32[4,2] loc("turned")
    %2 = reshape(%0) {dims = <8>} : f32[8] loc("flat")
    %3 = exp(%2) : f32[8] loc("again")
    return %x, %1, %2, %3
  })");
  ASSERT_EQ(log.copies().size(), 3u);
  EXPECT_THAT(log.copies()[0].str(), AllOf(HasSubstr("'x' is copied: a parameter"), HasSubstr("Remedy: ")));
  EXPECT_THAT(log.copies()[1].str(), HasSubstr("`transpose` computes nothing"));
  EXPECT_THAT(log.copies()[2].str(), HasSubstr("a reshape is another name"));
}

}  // namespace
}  // namespace dlc::passes
