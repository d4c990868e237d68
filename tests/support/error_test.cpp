// Error, Exception, Expected and DLC_CHECK.
#include "support/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/check.h"
#include "support/expected.h"

namespace dlc {
namespace {

using ::testing::HasSubstr;

Expected<int> half(int x) {
  if (x % 2 != 0) return make_error(ErrorCode::kInvalidArgument, "{} is odd", x);
  return x / 2;
}

Expected<int> quarter(int x) {
  DLC_ASSIGN_OR_RETURN(const int once, half(x));
  DLC_ASSIGN_OR_RETURN(const int twice, half(once));
  return twice;
}

Expected<void> must_be_even(int x) {
  DLC_RETURN_IF_ERROR(half(x));
  return Ok{};
}

TEST(Error, PrintsPlaceAndNotes) {
  const Error e = make_error(ErrorCode::kParse, "unexpected '{}'", ')').at({"a.dlc", 3, 7}).note("add an operand");
  EXPECT_EQ(e.str(), "unexpected ')' (a.dlc:3:7)\n  add an operand");
  EXPECT_EQ(Exception(e).what(), e.str());
  EXPECT_STREQ(to_string(e.code), "parse error");
}

TEST(Error, TheFirstPlaceIsKept) {
  const Error e = make_error(ErrorCode::kIo, "x").at({"inner", 1}).at({"outer", 2});
  EXPECT_EQ(e.loc.str(), "inner:1");
  EXPECT_EQ(SourceLoc().str(), "");
}

TEST(Error, EveryCodeHasItsOwnName) {
  std::vector<std::string> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code)
    names.emplace_back(to_string(static_cast<ErrorCode>(code)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  EXPECT_THAT(names, ::testing::Not(::testing::Contains("unknown error")));
}

TEST(Expected, CarriesValueOrError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(7).error().message, "7 is odd");
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_TRUE(must_be_even(4));
  EXPECT_EQ(must_be_even(5).error().message, "5 is odd");
}

TEST(Expected, HoldsMoveOnlyValues) {
  Expected<std::unique_ptr<int>> e = std::make_unique<int>(4);
  const std::unique_ptr<int> p = std::move(e).value();
  EXPECT_EQ(*p, 4);
}

TEST(Expected, ThrowsAtTheRim) {
  EXPECT_EQ(value_or_throw(half(8)), 4);
  EXPECT_NO_THROW(value_or_throw(must_be_even(2)));
  try {
    value_or_throw(half(3));
    FAIL() << "nothing was thrown";
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInvalidArgument);
    EXPECT_STREQ(e.what(), "3 is odd");
  }
}

TEST(Expected, ValueOfAFailureIsOurBug) {
  try {
    (void)half(3).value();
    FAIL() << "nothing was thrown";
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInternal);
    EXPECT_THAT(e.what(), HasSubstr("3 is odd"));
  }
}

TEST(Check, ThrowsInternalWithPlaceAndCondition) {
  const int lanes = 3;
  DLC_CHECK(lanes == 3, "never seen");
  try {
    DLC_CHECK(lanes == 4, "lanes of '{}'", "add");
    FAIL() << "nothing was thrown";
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInternal);
    EXPECT_THAT(e.what(), HasSubstr("error_test.cpp:"));
    EXPECT_THAT(e.what(), HasSubstr("check 'lanes == 4' failed: lanes of 'add'"));
  }
}

}  // namespace
}  // namespace dlc
