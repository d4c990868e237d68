// Ahead-of-time artefacts: the same bits and the same faults as the program compiled in this process,
// from a library that needs nothing of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "backend/aot/aot.h"
#include "backend/native/native.h"
#include "ir/freeze.h"
#include "runtime/frame.h"
#include "runtime/open_program.h"
#include "tests/backend/compile_testing.h"
#include "tests/testing/random_program.h"
#include "tests/testing/temp_dir.h"

namespace dlc::backend {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::Not;
using testing::parse_function;

class AheadOfTime : public ::testing::Test {
 protected:
  static Artefact compile_artefact(const ir::Function& f, const std::string& target = "host") {
    return value_or_throw(compile_ahead(f.clone(), {.target = target}, "model"));
  }

  /// Compiled, linked and loaded. Every library has a name of its own: one that is loaded stays.
  const dlc_program* load(const ir::Function& f) {
    const std::filesystem::path library = folder_ / fmt::format("model{}.so", count_++);
    value_or_throw(link_shared(compile_artefact(f).object, library));
    return value_or_throw(runtime::open_program(library));
  }

  struct Outcome {
    std::vector<Array> results, params;
    std::optional<Error> fault;
  };
  static Outcome run(const dlc_program& program, const std::vector<Array>& params, int threads = 1) {
    Outcome outcome;
    runtime::ThreadPool pool({.num_threads = threads});
    runtime::Context context({.pool = &pool});
    runtime::Frame frame = value_or_throw(runtime::Frame::create(program));
    std::vector<void*> in, out;
    for (const Array& p : params) in.push_back(outcome.params.emplace_back(p.clone()).bytes());
    for (int64_t r = 0; r < program.num_results; ++r) {
      const dlc_value& v = program.results[r];
      const bool update = v.kind == DLC_UPDATE;
      outcome.results.push_back(update ? outcome.params[static_cast<size_t>(v.param)]
                                       : Array(static_cast<DType>(v.dtype), Shape(v.dims, v.dims + v.rank)));
      out.push_back(update ? nullptr : outcome.results.back().bytes());
    }
    frame.run(context, in, out);
    if (const auto fault = context.fault()) outcome.fault = runtime::describe(program, *fault);
    return outcome;
  }

  const dlc::testing::TempDir temp_;
  const std::filesystem::path folder_ = temp_.path();
  int count_ = 0;
};

TEST_F(AheadOfTime, TableSaysWhatAProgramTakesAndGives) {
  const auto f = parse_function(R"(func @f(%x: f32[2,3], %w: f32[3] variable "w") -> (f32[2,3], f32[3] update "w") {
    %0 = broadcast(%w) {axes = [1], dims = <2,3>} : f32[2,3]
    %1 = add(%x, %0) : f32[2,3]
    %2 = add(%w, %w) : f32[3]
    return %1, %2
  })");
  const dlc_program& p = *load(*f);
  EXPECT_STREQ(p.name, "model");
  ASSERT_EQ(p.num_params, 2);
  EXPECT_STREQ(p.params[0].name, "x");
  EXPECT_EQ(p.params[0].kind, DLC_FEED);
  EXPECT_EQ(p.params[0].dtype, DLC_F32);
  EXPECT_EQ(Shape(p.params[0].dims, p.params[0].dims + p.params[0].rank), (Shape{2, 3}));
  EXPECT_STREQ(p.params[1].name, "w");
  EXPECT_EQ(p.params[1].kind, DLC_VARIABLE);
  ASSERT_EQ(p.num_results, 2);
  EXPECT_EQ(p.results[0].kind, DLC_FETCH);
  EXPECT_EQ(p.results[0].param, -1);
  EXPECT_EQ(p.results[1].kind, DLC_UPDATE);
  EXPECT_EQ(p.results[1].param, 1);
  const Outcome o = run(p, {Array::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Array::of<float>({3}, {10, 20, 30})});
  EXPECT_TRUE(o.results[0].identical(Array::of<float>({2, 3}, {11, 22, 33, 14, 25, 36})));
  EXPECT_TRUE(o.params[1].identical(Array::of<float>({3}, {20, 40, 60}))) << "updated in place";
}

TEST_F(AheadOfTime, RandomProgramsGiveTheBitsOfTheProgramInMemory) {
  int compared = 0;
  for (uint64_t seed = 1; seed <= 16; ++seed) {
    const test::RandomProgram p = test::random_program(seed);
    SCOPED_TRACE(p.str());
    // That an axis is empty is an error where it is known, and a choice where it turns out so.
    const auto f = p.function->specialize(p.binding);
    if (!f) continue;
    ++compared;
    const testing::RunOutcome expected = testing::run_compiled(**f, p.params);
    const Outcome found = run(*load(**f), p.params, 2);
    EXPECT_EQ(testing::difference(expected.results, found.results), "");
    EXPECT_EQ(testing::difference(expected.params, found.params), "");
  }
  EXPECT_GE(compared, 12);
}

TEST_F(AheadOfTime, ThreadsShareALargeProgram) {
  const auto f = parse_function(R"(func @f(%a: f32[256,256], %b: f32[256,256]) -> (f32[256,256], f32[]) {
    %0 = dot_general(%a, %b) {lhs_contract = [1], rhs_contract = [0]} : f32[256,256]
    %1 = reduce(%0) {axes = [0, 1], kind = "sum"} : f32[]
    return %0, %1
  })");
  const std::vector<Array> params = testing::random_params(*f, {}, 3);
  const testing::RunOutcome expected = testing::run_compiled(*f, params);
  const dlc_program& p = *load(*f);
  for (const int threads : {1, 2, 4})
    EXPECT_EQ(testing::difference(expected.results, run(p, params, threads).results), "");
}

TEST_F(AheadOfTime, AFaultIsToldWithItsPlaceAndLeavesVariables) {
  const auto f = parse_function(R"(func @f(%x: f32[5], %i: i32[3], %w: f32[3] variable "w") -> (f32[3] update "w") {
    %0 = gather(%x, %i) : f32[3] loc("pick", "model.dlc":7:3)
    %1 = add(%0, %w) : f32[3]
    return %1
  })");
  const dlc_program& p = *load(*f);
  const Array x = Array::of<float>({5}, {1, 2, 3, 4, 5}), w = Array::of<float>({3}, {1, 1, 1});
  const Outcome bad = run(p, {x, Array::of<int32_t>({3}, {0, 9, 1}), w});
  ASSERT_TRUE(bad.fault.has_value());
  EXPECT_EQ(bad.fault->code, ErrorCode::kOutOfRange);
  EXPECT_THAT(bad.fault->str(), HasSubstr("'pick': index out of range: element 1 has value 9 (model.dlc:7:3)"));
  EXPECT_TRUE(bad.params[2].identical(w));
  const Outcome good = run(p, {x, Array::of<int32_t>({3}, {0, 4, 1}), w});
  EXPECT_FALSE(good.fault.has_value());
  EXPECT_TRUE(good.params[2].identical(Array::of<float>({3}, {2, 6, 3})));
}

TEST_F(AheadOfTime, FrozenVariablesAreConstantsOfTheProgram) {
  const auto f = parse_function(R"(func @f(%x: f32[4,100], %w: f32[100,3] variable "w") -> (f32[4,3]) {
    %0 = dot_general(%x, %w) {lhs_contract = [1], rhs_contract = [0]} : f32[4,3]
    return %0
  })");
  const std::vector<Array> params = testing::random_params(*f, {}, 5);
  const auto frozen = value_or_throw(ir::freeze(*f, {{1, params[1]}}));
  EXPECT_EQ(frozen->num_params(), 1);
  const dlc_program& p = *load(*frozen);
  EXPECT_EQ(p.num_params, 1);
  EXPECT_GT(p.num_constants, 0);
  EXPECT_EQ(testing::difference(testing::run_compiled(*f, params).results, run(p, {params[0]}).results), "");
  EXPECT_THAT(ir::freeze(*f, {{1, params[0]}}).error().str(), HasSubstr("'w' is f32[100,3], its value is f32[4,100]"));
}

TEST_F(AheadOfTime, ObjectsNeedAndShowNothingElse) {
  const auto f = parse_function(R"(func @f(%x: f32[64,64], %w: f32[64,64]) -> (f32[64,64]) {
    %0 = dot_general(%x, %w) {lhs_contract = [1], rhs_contract = [0]} : f32[64,64]
    %1 = exp(%0) : f32[64,64]
    %2 = softmax(%1) {axis = 1} : f32[64,64]
    return %2
  })");
  for (const char* target : {"host", "sse2", "avx2", "avx512"}) {
    const Artefact a = compile_artefact(*f, target);
    EXPECT_THAT(value_or_throw(undefined_symbols(a.object)),
                IsSubsetOf(std::vector<std::string>{"memcpy", "memmove", "memset"}));
    EXPECT_EQ(a.object, compile_artefact(*f, target).object) << "the same bytes each time";
  }
}

TEST_F(AheadOfTime, OpenSizesAreRefusedByName) {
  const auto f = parse_function(R"(func @f(%x: f32[n,3], %y: f32[3]) -> (f32[n,3]) {
    %0 = exp(%x) : f32[n,3]
    return %0
  })");
  const Error e = compile_ahead(f->clone(), {}, "model").error();
  EXPECT_EQ(e.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(e.str(), HasSubstr("'x' f32[n,3]"));
  EXPECT_THAT(e.str(), Not(HasSubstr("'y'")));
  EXPECT_THAT(compile_ahead(f->clone(), {}, "my model").error().str(), HasSubstr("'my_model' would be"));
}

TEST_F(AheadOfTime, ANeedlessLinkerIsNamed) {
  const auto f = parse_function("func @f(%x: f32[3]) -> (f32[3]) {\n  %0 = exp(%x) : f32[3]\n  return %0\n}");
  const std::string object = compile_artefact(*f).object;
  setenv("DLC_LINKER", "no-such-linker", 1);
  const Error missing = link_shared(object, folder_ / "a.so").error();
  setenv("DLC_LINKER", "false", 1);
  const Error failing = link_shared(object, folder_ / "a.so").error();
  unsetenv("DLC_LINKER");
  EXPECT_THAT(missing.str(), HasSubstr("there is no linker 'no-such-linker', which DLC_LINKER names"));
  EXPECT_THAT(failing.str(), HasSubstr("cannot link"));
  EXPECT_THAT(link_shared(object, folder_ / "nowhere" / "a.so").error().str(), HasSubstr("nowhere"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "nothing is left behind";
}

/// A library cut anywhere is refused, or whole where it matters: the loader alone would end the process.
TEST_F(AheadOfTime, ALibraryThatIsCutShortIsRefused) {
  const auto f = parse_function("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  return %0\n}");
  const std::filesystem::path whole = folder_ / "whole.so";
  value_or_throw(link_shared(compile_artefact(*f).object, whole));
  const auto size = static_cast<size_t>(std::filesystem::file_size(whole));
  size_t refused = 0;
  for (size_t left = 1; left < size; left += size / 40) {
    const std::filesystem::path cut = folder_ / fmt::format("cut{}.so", left);
    std::filesystem::copy_file(whole, cut);
    std::filesystem::resize_file(cut, left);
    const auto opened = runtime::open_program(cut);
    if (opened) continue;
    EXPECT_EQ(opened.error().code, ErrorCode::kData);
    EXPECT_THAT(opened.error().str(), left < 4 ? HasSubstr("file too short") : HasSubstr("the file is cut short"));
    ++refused;
  }
  EXPECT_GE(refused, 10u);
  EXPECT_TRUE(runtime::open_program(whole));
}

TEST_F(AheadOfTime, FilesThatAreNoProgramsAreRefused) {
  EXPECT_THAT(runtime::open_program(folder_ / "missing.so").error().str(), HasSubstr("No such file"));
  std::ofstream(folder_ / "text.so") << "\x7f"
                                        "ELF but not really";
  EXPECT_TRUE(runtime::is_shared_library(folder_ / "text.so"));
  EXPECT_EQ(runtime::open_program(folder_ / "text.so").error().code, ErrorCode::kData);
  EXPECT_THAT(runtime::open_program("/lib/x86_64-linux-gnu/libm.so.6").error().str(),
              HasSubstr("is no compiled program"));
  dlc_program later{};
  later.target = "sse2";
  later.version = DLC_ABI_VERSION + 1;
  EXPECT_EQ(runtime::check_program(later).error().code, ErrorCode::kUnimplemented);
  later.version = DLC_ABI_VERSION;
  EXPECT_TRUE(runtime::check_program(later));
  later.target = "avx1024";
  EXPECT_THAT(runtime::check_program(later).error().str(), HasSubstr("machines with avx1024"));
}

TEST(CHeader, NamesAreIdentifiersOfTheirOwn) {
  EXPECT_EQ(c_identifier("dense1/MatMul:0"), "dense1_MatMul_0");
  EXPECT_EQ(c_identifier("int"), "int_");
  EXPECT_EQ(c_identifier("7up"), "v7up");
  EXPECT_EQ(c_identifier(""), "v");
}

}  // namespace
}  // namespace dlc::backend
