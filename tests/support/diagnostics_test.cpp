#include "support/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dlc {
namespace {

using ::testing::HasSubstr;

constexpr ErrorCode kCode = ErrorCode::kParse;

TEST(Diagnostics, ShowsLineAndCaret) {
  Diagnostics d("mlp.dlc", "x = 1\ny = matmul(x)\n");
  EXPECT_TRUE(d.ok());
  d.error(2, 5, kCode, "matmul needs 2 operands");
  EXPECT_EQ(d.str(),
            "mlp.dlc:2:5: error: matmul needs 2 operands\n"
            "  y = matmul(x)\n"
            "      ^\n");
}

TEST(Diagnostics, KeepsTheOrderAndTheNotes) {
  Diagnostics d("a", "one\ntwo");
  d.error(2, 1, make_error(kCode, "second line").note("a remedy"));
  d.error(1, 3, kCode, "first line");
  EXPECT_EQ(d.count(), 2u);
  EXPECT_EQ(d.str(),
            "a:2:1: error: second line\n  two\n  ^\n  note: a remedy\n"
            "a:1:3: error: first line\n  one\n    ^\n");
  EXPECT_THAT(d.to_error().message, HasSubstr("a:1:3: error: first line"));
}

TEST(Diagnostics, AnErrorKeepsItsOwnPlace) {
  Diagnostics d("a", "text");
  d.error(1, 1, make_error(kCode, "elsewhere").at({"b.cpp", 9}));
  EXPECT_EQ(d.str(), "b.cpp:9: error: elsewhere\n");
}

TEST(Diagnostics, ALoneErrorBringsItsCaretAsNotes) {
  Diagnostics d("a", "x = )");
  d.error(1, 5, make_error(kCode, "unexpected ')'").note("add an operand"));
  const Error e = d.to_error();
  EXPECT_EQ(e.code, kCode);
  EXPECT_EQ(e.loc.column, 5);
  EXPECT_EQ(e.str(), "unexpected ')' (a:1:5)\n  x = )\n      ^\n  note: add an operand");
  EXPECT_EQ(with_place_in_front(e).str(), "a:1:5: error: unexpected ')'\n  x = )\n      ^\n  note: add an operand");
}

TEST(Diagnostics, CaretStandsRightUnderTabsUtf8AndCarriageReturns) {
  Diagnostics d("a", "\tx=?\r\n\xC3\xA9=?\r\n");
  d.error(1, 4, kCode, "after a tab");
  d.error(2, 4, kCode, "after a two-byte letter");
  EXPECT_EQ(d.str(),
            "a:1:4: error: after a tab\n  \tx=?\n  \t  ^\n"
            "a:2:4: error: after a two-byte letter\n  \xC3\xA9=?\n    ^\n");
}

TEST(Diagnostics, ControlCharactersDoNotReachTheTerminal) {
  Diagnostics d("a", "\x1b[31m!");
  d.error(1, 1, kCode, "stray escape");
  EXPECT_EQ(d.str(), "a:1:1: error: stray escape\n  ?[31m!\n  ^\n");
}

TEST(Diagnostics, PlacesOutsideTheTextShowNoLine) {
  Diagnostics d("a", "x");
  d.error(7, 1, kCode, "past the end");
  d.error(1, 90, kCode, "past the line");
  EXPECT_EQ(d.str(), "a:7:1: error: past the end\na:1:90: error: past the line\n  x\n   ^\n");
}

TEST(Diagnostics, StopsWhenThereAreTooMany) {
  Diagnostics d("a", "x");
  for (int i = 0; i < 1000; ++i) d.error(1, 1, kCode, "again");
  EXPECT_TRUE(d.full());
  EXPECT_EQ(d.count(), 50u);
  EXPECT_THAT(d.str(), HasSubstr("too many errors"));
}

}  // namespace
}  // namespace dlc
