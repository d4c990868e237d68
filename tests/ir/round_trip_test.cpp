// print(parse(t)) is a fixed point for every IR text of the tests, and a copy prints alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "ir/verifier.h"

namespace dlc::ir {
namespace {

std::vector<std::string> cases_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<std::string> out = {""};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("// -----"))
      out.emplace_back();
    else
      out.back() += line + "\n";
  }
  return out;
}

TEST(TextRoundTrip, EveryTextOfTheTestsIsAFixedPoint) {
  int functions = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(DLC_SOURCE_DIR "/tests")) {
    if (entry.path().extension() != ".dlir") continue;
    for (const std::string& text : cases_of(entry.path())) {
      const Expected<Module> module = parse_module(text, entry.path().string());
      if (!module) continue;  // tests of errors
      const std::string once = print(*module);
      const Expected<Module> again = parse_module(once, "printed");
      ASSERT_TRUE(again) << entry.path() << "\n" << again.error().str() << "\n" << once;
      EXPECT_EQ(print(*again), once) << entry.path();
      for (const auto& f : module->functions()) {
        EXPECT_EQ(print(*f->clone()), print(*f)) << entry.path();
        ++functions;
      }
    }
  }
  EXPECT_GT(functions, 40) << "the texts were not found";
}

TEST(TextRoundTrip, LocationsCanBeLeftOut) {
  const auto f = value_or_throw(parse_function(R"(func @f(%x: f32[4] loc("x", "a.cpp":1)) -> (f32[4]) {
  %0 = exp(%x) : f32[4] loc("dense/exp", "a.cpp":3:7)
  return %0
})"));
  EXPECT_EQ(print(*f, {.locations = false}), R"(func @f(%x: f32[4]) -> (f32[4]) {
  %0 = exp(%x) : f32[4]
  return %0
}
)");
  EXPECT_EQ(f->ops().front()->provenance().node(), "dense/exp");
  EXPECT_EQ(f->ops().front()->provenance().loc(), SourceLoc("a.cpp", 3, 7));
}

TEST(Printer, OneOpAndOneValue) {
  const auto f = value_or_throw(parse_function(R"(func @f(%x: f32[4], %"a b": f32[4]) -> (f32[4]) {
  %0 = mul(%x, %x) : f32[4]
  %1 = add(%0, %"a b") : f32[4]
  return %1
})"));
  EXPECT_EQ(print(*f->ops().back()), "%1 = add(%0, %\"a b\") : f32[4]");
  EXPECT_EQ(value_name(f->param(1)), "%\"a b\"");
}

TEST(Printer, LongConstantsCanBeLeftOut) {
  const auto f = value_or_throw(parse_function(R"(func @f() -> (f32[3]) {
  %0 = constant() {value = f32[3] {1, 2, 3}} : f32[3]
  return %0
})"));
  EXPECT_THAT(print(*f, {.max_constant_elements = 2}), ::testing::HasSubstr("{value = f32[3] {...}}"));
  EXPECT_THAT(print(*f, {.max_constant_elements = 3}), ::testing::HasSubstr("{value = f32[3] {1.0, 2.0, 3.0}}"));
}

TEST(Printer, NaNsOfOddBitsKeepThem) {
  Array a(kFloat32, {1});
  const uint32_t bits = 0x7fc00123;
  std::memcpy(a.bytes(), &bits, sizeof bits);
  Function f("f");
  Builder b(f);
  const Value c = b.constant(a);
  f.set_results(std::span(&c, 1));
  const auto again = value_or_throw(parse_function(print(f)));
  EXPECT_TRUE(again->ops().front()->attr<Array>("value").identical(a)) << print(f);
}

TEST(Printer, ParamsOfOneNameStayApart) {
  Function f("f");
  f.add_param(TensorType::scalar(kFloat32), {ParamKind::kFeed, "w"});
  f.add_param(TensorType::scalar(kFloat32), {ParamKind::kVariable, "w"});
  f.add_param(TensorType::scalar(kFloat32), {});
  f.set_results({});
  EXPECT_THAT(print(f), ::testing::HasSubstr("(%w: f32[], %w.1: f32[] variable \"w\", %arg2: f32[])"));
}

TEST(Parser, PlacesInTheTextStandInForLocations) {
  const auto f =
      value_or_throw(parse_function("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  return %0\n}",
                                    "m.dlir", {.locate_in_text = true}));
  EXPECT_EQ(f->ops().front()->provenance().loc(), SourceLoc("m.dlir", 2, 8));
}

TEST(Parser, MessagesShowTheLine) {
  const auto f = parse_function("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%y) : f32[4]\n  return %0\n}", "m.dlir");
  ASSERT_FALSE(f);
  EXPECT_THAT(f.error().str(), ::testing::HasSubstr("no value %y is defined before this place"));
  EXPECT_EQ(f.error().loc, SourceLoc("m.dlir", 2, 12));
}

// A text that is cut off is an error with a place, at every byte but those where all that is left is whole.
TEST(Parser, EveryCutIsAnErrorWithItsPlace) {
  const std::string whole = R"(// one function
func @f(%x: f32[n,3] loc("x", "a.cc":1), %"q:0": i32[2*k+1]) -> (f32[n,3] fetch "y") {
  require n == 2*k loc("feed", "a.cc":12)
  %0 = constant() {value = f32[3] {1.5, -inf, 1e-45}} : f32[3]
  %1 = broadcast(%0) {axes = [1], dims = <n,3>} : f32[n,3]
  %2 = fusion(%x, %1) {kind = "elementwise"} : f32[n,3] {
    func @body(%p: f32[n,3], %q: f32[n,3]) -> (f32[n,3]) {
      %0 = add(%p, %q) : f32[n,3]
      return %0
    }
  }
  return %2
})";
  ASSERT_TRUE(parse_function(whole, "whole")) << parse_function(whole, "whole").error().str();
  for (size_t n = 0; n < whole.size(); ++n) {
    const std::string cut = whole.substr(0, n);
    const Expected<std::unique_ptr<Function>> f = parse_function(cut, "cut");
    ASSERT_FALSE(f) << cut;
    EXPECT_NE(f.error().code, ErrorCode::kInternal) << f.error().str();
    EXPECT_FALSE(f.error().message.empty());
  }
}

// Each of these would take all memory, all stack, or for ever, were it believed.
TEST(Parser, HostileTextGetsAnError) {
  std::string nested = "func @f() -> () {\n";
  for (int i = 0; i < 100000; ++i) nested += "%a = fusion() : f32[1] {\nfunc @f() -> () {\n";
  EXPECT_FALSE(parse_module(nested, "nested"));

  std::string product = "(a+b)";
  for (int i = 0; i < 40; ++i) product += "*(c" + std::to_string(i) + "+d" + std::to_string(i) + ")";
  const std::string head = "func @f(%x: f32[" + product + "]) -> () {\n  return\n}\n";
  const Expected<Module> big = parse_module(head, "product");
  ASSERT_TRUE(big) << big.error().str();
  EXPECT_LT(print(*big).size(), 3000u) << "multiplied out it has 2^41 terms";
  EXPECT_EQ(print(value_or_throw(parse_module(print(*big), "again"))), print(*big));

  EXPECT_FALSE(parse_module("func @f(%x: f32[" + std::string(100000, '(') + "]) -> () {}", "parentheses"));
  EXPECT_FALSE(
      parse_module("func @f() -> () { %0 = constant() {value = f32[4294967296,4294967296] {}} : f32[0] }", "size"));
  EXPECT_FALSE(parse_module("func @f() -> () { %0 = constant() {value = u8[9999999999] {0x}} : u8[1] }", "promise"));
  EXPECT_FALSE(parse_module(std::string("func @f\0() -> ()", 16), "zero byte"));

  std::string dims = "n";
  for (int i = 0; i < 1000; ++i) dims = fmt::format("floordiv({},2)", dims);
  EXPECT_FALSE(parse_module("func @f(%x: f32[" + dims + "]) -> () {\n  return\n}", "deep"));
}

TEST(Parser, StopsAfterManyErrors) {
  std::string text = "func @f() -> () {\n";
  for (int i = 0; i < 1000; ++i) text += "  %a = nothing(%b) : f32[]\n";
  Diagnostics diagnostics("m.dlir", text);
  EXPECT_FALSE(parse_module(text, "m.dlir", diagnostics));
  EXPECT_TRUE(diagnostics.full());
  EXPECT_LT(diagnostics.count(), 100u);
}

TEST(Verifier, ReportsEveryProblemWithItsNode) {
  Function f("f");
  Builder b(f);
  const Value x = f.add_param({kFloat32, {Dim(4)}}, {ParamKind::kVariable, "w"});
  b.set_provenance({"dense/exp", SourceLoc("net.cpp", 12)});
  const std::vector<Value> values = {b.exp(x), x};
  f.set_results(values, {{ResultKind::kUpdate, "v"}, {ResultKind::kUpdate, "v"}});
  const std::vector<Error> problems = find_problems(f);
  ASSERT_EQ(problems.size(), 3u);  // two unknown variables, one twice
  EXPECT_THAT(problems[0].str(),
              ::testing::AllOf(::testing::HasSubstr("'v', which is no variable"), ::testing::HasSubstr("net.cpp:12"),
                               ::testing::HasSubstr("dense/exp")));
  EXPECT_FALSE(verify(f));
}

TEST(Verifier, StagesSayWhatMayBeThere) {
  const auto f = value_or_throw(parse_function(R"(func @f(%x: f32[4]) -> (f32[4]) {
  %0 = pin(%x) : f32[4]
  %1 = fusion(%0) {kind = "elementwise"} : f32[4] {
    func @body(%p: f32[4]) -> (f32[4]) {
      %0 = exp(%p) : f32[4]
      return %0
    }
  }
  %2 = neg(%1) : f32[4]
  return %2
})"));
  EXPECT_EQ(find_problems(*f, Stage::kAny).size(), 0u);
  const auto messages = [&](Stage stage) {
    std::string out;
    for (const Error& e : find_problems(*f, stage)) out += e.message + "\n";
    return out;
  };
  EXPECT_THAT(messages(Stage::kGraph), ::testing::HasSubstr("'fusion' may not be in a function of stage 'graph'"));
  EXPECT_THAT(messages(Stage::kDifferentiated), ::testing::HasSubstr("'pin' may not be"));
  EXPECT_THAT(messages(Stage::kFused), ::testing::AllOf(::testing::HasSubstr("'neg' may not be"),
                                                        ::testing::Not(::testing::HasSubstr("'fusion' may"))));
}

TEST(Verifier, AskedRequirementsMustBeThere) {
  const auto f = value_or_throw(parse_function(R"(func @f(%x: f32[n], %y: f32[m]) -> (f32[n]) {
  %0 = add(%x, %y) : f32[n]
  return %0
})"));
  EXPECT_EQ(f->requirements().size(), 1u) << "reading it made the requirement";
  EXPECT_TRUE(verify(*f));
  Rewriter(*f).clear_requirements();
  const std::vector<Error> problems = find_problems(*f);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, ::testing::HasSubstr("needs n == m, which the function does not require"));
}

}  // namespace
}  // namespace dlc::ir
