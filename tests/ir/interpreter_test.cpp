// The interpreter: binding of symbols and its messages, faults, subnormals, decompositions, f64.
#include "ir/interp/interpreter.h"

#include <cmath>

#include "ir/interp/bind_symbols.h"
#include "tests/ir/op_testing.h"

namespace dlc::ir {
namespace {

using ::testing::HasSubstr;

/// func(x: f32[n,4], labels: i32[n]), with `extra` parameters.
std::unique_ptr<Function> fed(const std::vector<std::pair<std::string, std::string>>& params) {
  auto f = std::make_unique<Function>("f");
  for (const auto& [name, type] : params) f->add_param(type_of(type), {ParamKind::kFeed, name}, {name, {"m.dlc", 3}});
  f->set_results(std::vector<Value>{});
  return f;
}

std::string bind_error(const Function& f, const std::vector<Shape>& shapes) {
  const auto binding = bind_symbols(f, std::span<const Shape>(shapes));
  return binding ? "no error" : binding.error().str();
}

TEST(BindSymbols, BindsPlainSymbols) {
  const auto f = fed({{"x", "f32[n,4]"}, {"labels", "i32[n]"}, {"both", "f32[n+m,m]"}});
  const std::vector<Shape> shapes{{5, 4}, {5}, {7, 2}};
  EXPECT_EQ(bind_symbols(*f, std::span<const Shape>(shapes)).value(), (SymbolBinding{{"m", 2}, {"n", 5}}));
}

TEST(BindSymbols, NamesBothFeedsThatDisagree) {
  const auto f = fed({{"x", "f32[n,4]"}, {"labels", "i32[n]"}});
  EXPECT_EQ(
      bind_error(*f, {{5, 4}, {6}}),
      "feed 'labels' needs i32[n], got i32[6]: axis 0 is 6, but 'n' is 5 by axis 0 of feed 'x', which is f32[5,4] "
      "(m.dlc:3)");
}

TEST(BindSymbols, SaysWhatIsWrongWithOneFeed) {
  const auto f = fed({{"x", "f32[n,4]"}});
  EXPECT_THAT(bind_error(*f, {{5, 4, 1}}), HasSubstr("feed 'x' needs f32[n,4], got f32[5,4,1]: its rank is 3, not 2"));
  EXPECT_THAT(bind_error(*f, {{5, 3}}), HasSubstr("axis 1 is 3, not 4"));
  EXPECT_THAT(bind_error(*f, {}), HasSubstr("has 1 parameters, got 0 values"));
  const std::vector<Array> wrong{Array(kFloat64, {5, 4})};
  EXPECT_THAT(bind_symbols(*f, std::span<const Array>(wrong)).error().message,
              HasSubstr("feed 'x' needs f32[n,4], got f64[5,4]"));
}

TEST(BindSymbols, TellsWhatContradictsAmongKnownShapesOnly) {
  const auto f = fed({{"x", "f32[n,4]"}, {"y", "f32[2*n+m]"}, {"labels", "i32[n]"}});
  ASSERT_TRUE(f->require(Dim::symbol("n"), Dim::symbol("k"), {"loss", {"m.dlc", 9}}));
  const auto bound = [&](std::vector<std::optional<Shape>> shapes) { return bind_known_symbols(*f, shapes); };
  EXPECT_EQ(bound({std::nullopt, std::nullopt, Shape{5}}).value(), (SymbolBinding{{"n", 5}}));
  EXPECT_EQ(bound({Shape{5, 4}, Shape{99}, std::nullopt}).value(), (SymbolBinding{{"n", 5}}));
  EXPECT_EQ(bound({std::nullopt, std::nullopt, std::nullopt}).value(), SymbolBinding());
  EXPECT_THAT(bound({Shape{5, 4}, std::nullopt, Shape{6}}).error().message, HasSubstr("axis 0 is 6, but 'n' is 5"));
}

TEST(BindSymbols, ChecksExpressionsAndRequirements) {
  const auto f = fed({{"x", "f32[n]"}, {"y", "f32[2*n+1]"}});
  EXPECT_EQ(bind_error(*f, {{3}, {7}}), "no error");
  EXPECT_THAT(bind_error(*f, {{3}, {8}}), HasSubstr("axis 0 is 8, but 2*n+1 is 7 ('n' is 3 by axis 0 of feed 'x')"));
  EXPECT_THAT(bind_error(*fed({{"y", "f32[2*n]"}}), {{8}}), HasSubstr("dimension 'n' has no value yet"));

  const auto g = fed({{"x", "f32[n]"}, {"z", "f32[m]"}});
  ASSERT_TRUE(g->require(Dim::symbol("n"), Dim::symbol("m"), {"loss", {"m.dlc", 9}}));
  EXPECT_EQ(bind_error(*g, {{3}, {3}}), "no error");
  EXPECT_EQ(
      bind_error(*g, {{3}, {4}}),
      "'loss' needs n == m, but they are 3 and 4 ('m' is 4 by axis 0 of feed 'z', 'n' is 3 by axis 0 of feed 'x') "
      "(m.dlc:9)");
}

TEST(Interpreter, RunsWithSymbols) {
  Function f("f");
  const Value x = f.add_param(type_of("f32[n,3]"), {});
  Builder b(f);
  f.set_results(std::vector<Value>{b.reduce_sum(x, {0}), b.dim_value(Dim::symbol("n") * 2)});
  const auto results = interpret(f, {counting(kFloat32, {2, 3})});
  ASSERT_TRUE(results) << results.error().str();
  EXPECT_EQ(results->at(0).str(), "f32[3] [3, 5, 7]");
  EXPECT_EQ(results->at(1).item<int64_t>(), 4);
}

TEST(Interpreter, TheFirstFaultInProgramOrderWins) {
  Function f("f");
  const Value x = f.add_param(type_of("i32[2]"), {});
  Builder b(f);
  b.set_provenance({"quotient", {"m.dlc", 4}});
  const Value y = b.div(x, x);
  b.set_provenance({"taken", {"m.dlc", 5}});
  f.set_results(std::vector<Value>{b.op(OpKind::kGather, {x, x}), y});
  EXPECT_EQ(interpret(f, {i32({2}, {9, 0})}).error().str(),
            "node 'quotient' (div): integer division by zero at element 1 (m.dlc:4)");
  EXPECT_EQ(interpret(f, {i32({2}, {9, 0})}).error().code, ErrorCode::kArithmetic);
  EXPECT_THAT(interpret(f, {i32({2}, {1, 2})}).error().str(), HasSubstr("node 'taken' (gather): index 2"));
}

/// The reference computes them as long double, which no floating-point state flushes.
TEST(Interpreter, FlushesSubnormalsInMathematicsOfF64) {
  Function f("f");
  const Value x = f.add_param(type_of("f64[2]"), {});
  Builder b(f);
  f.set_results(std::vector<Value>{b.op(OpKind::kCbrt, {x})});
  const Array in = Array::of<double>({2}, {5e-320, 8});
  EXPECT_TRUE(interpret(f, {in})->at(0).identical(Array::of<double>({2}, {0, 2})));
  const Array kept = interpret(f, {in}, {.fp_mode = FpMode::kKeepSubnormals})->at(0);
  EXPECT_NEAR(kept.at<double>({0}), 3.684017827e-107, 1e-116);
}

TEST(Interpreter, FlushesSubnormalsAsAsked) {
  Function f("f");
  const Value x = f.add_param(type_of("f32[]"), {});
  Builder b(f);
  f.set_results(std::vector<Value>{b.mul(x, b.scalar(kFloat32, 0.5))});
  const Array smallest_normal = f32({}, {std::numeric_limits<float>::min()});
  EXPECT_EQ(interpret(f, {smallest_normal})->at(0).item<float>(), 0.0f);
  EXPECT_GT(interpret(f, {smallest_normal}, {.fp_mode = FpMode::kKeepSubnormals})->at(0).item<float>(), 0.0f);
}

TEST(Interpreter, RefusesAValueOverTheLimit) {
  Function f("f");
  Builder b(f);
  f.set_results(std::vector<Value>{b.full({kFloat32, {1 << 20, 1 << 20}}, 1)});
  const auto result = interpret(f, std::initializer_list<Array>{});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kResourceExhausted);
}

TEST(Interpreter, RunsTheBodyOfAFusion) {
  auto body = std::make_unique<Function>("body");
  const Value p = body->add_param(type_of("f32[n]"), {});
  body->set_results(std::vector<Value>{Builder(*body).neg(p)});
  Function f("f");
  const Value x = f.add_param(type_of("f32[n]"), {});
  std::vector<std::unique_ptr<Function>> regions;
  regions.push_back(std::move(body));
  const Value operands[] = {x};
  f.set_results(std::vector<Value>{
      Builder(f)
          .create(OpKind::kFusion, operands, {{"kind", std::string("elementwise")}}, std::move(regions))
          ->result()});
  EXPECT_EQ(interpret(f, {f32({2}, {1, -2})})->at(0).str(), "f32[2] [-1, 2]");
}

TEST(PromoteToF64, ComputesInDoublePrecision) {
  Function f("f");
  const Value x = f.add_param(type_of("f32[]"), {});
  Builder b(f);
  // (x + 1e-10) - x vanishes in f32.
  const Value tiny = b.convert(b.convert(b.scalar(kFloat64, 1e-10), kFloat32), kFloat32);
  f.set_results(std::vector<Value>{b.sub(b.add(x, tiny), x)});
  EXPECT_EQ(interpret(f, {f32({}, {1})})->at(0).item<float>(), 0.0f);
  const auto wide = promote_to_f64(f);
  EXPECT_EQ(wide->param(0).dtype(), kFloat64);
  EXPECT_NEAR(interpret(*wide, {Array::scalar(1.0)})->at(0).item<double>(), 1e-10, 1e-15);
}

TEST(PromoteToF64, KeepsBitPatterns) {
  Function f("f");
  const Value bits = f.add_param(type_of("u32[]"), {});
  Builder b(f);
  const Value x = b.op(OpKind::kBitcast, {bits}, {{"dtype", kFloat32}});
  const Value back = b.op(OpKind::kBitcast, {b.add(x, 1.0)}, {{"dtype", kUInt32}});
  f.set_results(std::vector<Value>{x, back});
  const auto wide = promote_to_f64(f);
  const auto results = interpret(*wide, {Array::scalar<uint32_t>(0x3F800000u)});
  ASSERT_TRUE(results) << results.error().str();
  EXPECT_EQ(results->at(0).item<double>(), 1.0);
  EXPECT_EQ(results->at(1).item<uint32_t>(), 0x40000000u);
}

}  // namespace
}  // namespace dlc::ir
