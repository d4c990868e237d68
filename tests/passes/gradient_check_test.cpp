// Every gradient rule against central differences in f64, and the gradient of that gradient. One
// row per differentiable op (more where attributes choose the rule); a test sees that none is missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <set>

#include "ir/interp/interpreter.h"
#include "ir/verifier.h"
#include "passes/autodiff/autodiff.h"
#include "tests/testing/op_eval.h"

namespace dlc::passes {
namespace {

using ir::AttrMap;
using ir::Builder;
using ir::Dims;
using ir::Function;
using ir::Ints;
using ir::OpKind;
using ir::TensorType;
using ir::Value;

/// An operand: random numbers of [lo, hi], or exactly `values`, or a constant in the program.
struct In {
  Shape shape;
  double lo = -2, hi = 2;
  DType dtype = kFloat64;
  std::vector<double> values = {};
  std::optional<double> constant = {};
};
In f64(Shape shape, double lo = -2, double hi = 2) { return {.shape = std::move(shape), .lo = lo, .hi = hi}; }
In given(DType dtype, Shape shape, std::vector<double> values) {
  return {.shape = std::move(shape), .dtype = dtype, .values = std::move(values)};
}
In same(Shape shape, double constant) { return {.shape = std::move(shape), .constant = constant}; }

struct GradCase {
  std::string op;
  std::vector<In> operands;
  AttrMap attrs = {};
  std::string variant = "";
};

std::ostream& operator<<(std::ostream& out, const GradCase& c) { return out << c.op << c.variant; }

/// Numbers of [lo, hi] that keep a distance from each other and from 0, so that maxima, signs and
/// the like stay the same under a small change: a shuffled grid, moved a little per operand.
Array numbers(const In& in, int operand, uint32_t seed) {
  if (!in.values.empty()) return test::array(in.dtype, in.shape, in.values);
  Array a(in.dtype, in.shape);
  const auto n = static_cast<size_t>(a.num_elements());
  std::vector<double> grid(n);
  for (size_t i = 0; i < n; ++i)
    grid[i] = in.lo + (in.hi - in.lo) * (static_cast<double>(i) + 0.35 + 0.17 * operand) / static_cast<double>(n);
  std::mt19937 random(seed + static_cast<uint32_t>(operand));
  for (size_t i = n; i > 1; --i) std::swap(grid[i - 1], grid[random() % i]);
  for (size_t i = 0; i < n; ++i) a.set_from_double(static_cast<int64_t>(i), grid[i]);
  return a;
}

/// y = op(operands); g_i = sum(w y) differentiated by operand i; h_i = sum_j sum(v_j g_j)
/// differentiated by operand i.
/// `symbolic`: every size above 1 is a symbol, equal sizes the same one.
class Differentiated {
 public:
  explicit Differentiated(const GradCase& c, bool symbolic = false) : f_("check"), symbolic_(symbolic) {
    Builder b(f_);
    const OpKind kind = *ir::find_op(c.op);
    std::vector<Value> operands, xs, vs;
    for (size_t i = 0; i < c.operands.size(); ++i) {
      const In& in = c.operands[i];
      const TensorType type = type_of(in.dtype, in.shape);
      if (in.constant) {
        operands.push_back(b.full(type, *in.constant));
        continue;
      }
      Value x = feed(type, numbers(in, static_cast<int>(i), 1));
      if (ir::op_def(kind).differentiable_operand(static_cast<int>(i), in.dtype)) {
        moved_.push_back(inputs_.size() - 1);
        x = b.op(OpKind::kPin, {x});
        xs.push_back(x);
      }
      operands.push_back(x);
    }
    const Value y = b.op(kind, operands, c.attrs);
    const Value w = feed(y.type(), numbers(f64(shape_of(y.type()), 0.5, 2), 3, 2));
    std::vector<Value> ys = {y}, weights = {w};
    const std::vector<Value> gradients = differentiate(b, ys, weights, xs);
    for (const Value g : gradients) vs.push_back(feed(g.type(), numbers(f64(shape_of(g.type()), -1, 2), 4, 3)));
    const std::vector<Value> second = differentiate(b, gradients, vs, xs);
    std::vector<Value> results = {y};
    results.insert(results.end(), gradients.begin(), gradients.end());
    results.insert(results.end(), second.begin(), second.end());
    f_.set_results(results);
    value_or_throw(ir::verify(f_, ir::Stage::kGraph));
    PassContext context;
    EXPECT_TRUE(value_or_throw(run_autodiff(f_, context)));
    EXPECT_TRUE(value_or_throw(run_drop_pins(f_, context)));
    value_or_throw(ir::verify(f_, ir::Stage::kDifferentiated));
  }

  size_t num_xs() const { return moved_.size(); }
  Array& x(size_t i) { return inputs_[moved_[i]]; }

  struct Values {
    double weighted_y = 0, weighted_gradients = 0;
    std::vector<Array> gradients, second;
  };
  Values run() const {
    const std::vector<Array> results = value_or_throw(ir::interpret(f_, inputs_));
    const size_t n = num_xs(), first_v = inputs_.size() - n;
    Values out;
    out.weighted_y = dot(results[0], inputs_[first_v - 1]);
    for (size_t i = 0; i < n; ++i) {
      out.gradients.push_back(results[1 + i]);
      out.second.push_back(results[1 + n + i]);
      out.weighted_gradients += dot(results[1 + i], inputs_[first_v + i]);
    }
    return out;
  }

 private:
  TensorType type_of(DType dtype, const Shape& shape) {
    TensorType type = TensorType::of(dtype, shape);
    for (ir::Dim& d : type.dims) {
      if (!symbolic_ || d.constant() < 2) continue;
      const std::string symbol = fmt::format("n{}", d.constant());
      sizes_[symbol] = d.constant();
      d = ir::Dim::symbol(symbol);
    }
    return type;
  }

  Shape shape_of(const TensorType& type) const {
    Shape shape;
    for (const ir::Dim& d : type.dims) shape.push_back(value_or_throw(d.evaluate(sizes_)));
    return shape;
  }

  Value feed(const TensorType& type, Array value) {
    inputs_.push_back(value.clone());
    return f_.add_param(type, {.name = fmt::format("{}", inputs_.size())});
  }

  static std::vector<Value> differentiate(Builder& b, const std::vector<Value>& ys, const std::vector<Value>& weights,
                                          const std::vector<Value>& xs) {
    std::vector<Value> operands = ys;
    operands.insert(operands.end(), weights.begin(), weights.end());
    operands.insert(operands.end(), xs.begin(), xs.end());
    const auto n = static_cast<int64_t>(ys.size());
    ir::Op* op = b.create(OpKind::kGradients, operands, {{"num_ys", n}, {"num_grad_ys", n}});
    std::vector<Value> results;
    for (int i = 0; i < op->num_results(); ++i) results.push_back(op->result(i));
    return results;
  }

  /// Infinite elements (an exclusive scan starts with one) do not change with x.
  static double dot(const Array& a, const Array& weights) {
    double sum = 0;
    for (int64_t i = 0; i < a.num_elements(); ++i)
      if (std::isfinite(a.value_as_double(i))) sum += a.value_as_double(i) * weights.value_as_double(i);
    return sum;
  }

  Function f_;
  bool symbolic_;
  ir::SymbolBinding sizes_;
  std::vector<Array> inputs_;  // one per parameter: operands, w, then one v per x
  std::vector<size_t> moved_;  // which inputs are differentiated
};

class GradientCheck : public ::testing::TestWithParam<GradCase> {};

TEST_P(GradientCheck, FirstAndSecondOrder) {
  Differentiated program(GetParam());
  ASSERT_GT(program.num_xs(), 0u);
  const Differentiated::Values at = program.run();
  for (size_t k = 0; k < program.num_xs(); ++k) {
    for (int64_t i = 0; i < program.x(k).num_elements(); ++i) {
      // Error of the difference: h^2 f'''/6 and rounding/h, about 1e-10 each at this h.
      constexpr double h = 1e-5, kTolerance = 1e-6;
      const double x = program.x(k).value_as_double(i);
      program.x(k).set_from_double(i, x + h);
      const Differentiated::Values above = program.run();
      program.x(k).set_from_double(i, x - h);
      const Differentiated::Values below = program.run();
      program.x(k).set_from_double(i, x);
      const double first = (above.weighted_y - below.weighted_y) / (2 * h);
      const double second = (above.weighted_gradients - below.weighted_gradients) / (2 * h);
      EXPECT_NEAR(at.gradients[k].value_as_double(i), first, kTolerance * (1 + std::fabs(first)))
          << "gradient of operand " << k << " at " << i << ", x = " << x;
      EXPECT_NEAR(at.second[k].value_as_double(i), second, kTolerance * (1 + std::fabs(second)))
          << "second gradient of operand " << k << " at " << i << ", x = " << x;
    }
  }
}

std::vector<GradCase> unary_cases() {
  std::vector<GradCase> rows;
  for (const char* op : {"neg", "abs", "exp", "expm1", "cbrt", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh",
                         "erf", "erfc", "pin", "check_numerics"})
    rows.push_back({op, {f64({3, 4})}});
  for (const char* op : {"log", "sqrt", "rsqrt"}) rows.push_back({op, {f64({3, 4}, 0.2, 4)}});
  for (const char* op : {"asin", "acos", "atanh", "erfinv", "log1p"}) rows.push_back({op, {f64({7}, -0.8, 0.8)}});
  rows.push_back({"tan", {f64({5}, -1.2, 1.2)}});
  rows.push_back({"acosh", {f64({5}, 1.2, 4)}});
  rows.push_back({"convert", {f64({5})}, {{"dtype", kFloat64}}});
  rows.push_back({"exp", {f64({})}, {}, "Scalar"});
  return rows;
}

std::vector<GradCase> elementwise_cases() {
  const Shape s = {2, 5};
  std::vector<GradCase> rows;
  for (const char* op : {"add", "sub", "mul", "max", "min", "atan2"}) rows.push_back({op, {f64(s), f64(s)}});
  rows.push_back({"div", {f64(s), f64(s, 0.5, 2)}});
  rows.push_back({"rem", {f64(s, -5, 5), f64(s, 0.7, 1.3)}});
  rows.push_back({"pow", {f64(s, 0.3, 2), f64(s, -1.5, 2.5)}});
  for (const double exponent : {0.0, 1.0, 2.0, 3.0, -1.0})
    rows.push_back({"pow", {f64(s), same(s, exponent)}, {}, fmt::format("Constant{}", static_cast<int>(exponent + 1))});
  rows.push_back({"pow", {same(s, 2), f64(s)}, {}, "ConstantBase"});
  rows.push_back({"clamp", {f64(s, -1, -0.8), f64(s), f64(s, 0.7, 0.9)}});
  rows.push_back({"clamp", {f64(s, 0.7, 0.9), f64(s), f64(s, -1, -0.8)}, {}, "CrossedBounds"});
  rows.push_back({"select", {given(kBool, {4}, {1, 0, 0, 1}), f64({4}), f64({4})}});
  rows.push_back({"fma", {f64(s), f64(s), f64(s)}});
  return rows;
}

std::vector<GradCase> shape_cases() {
  std::vector<GradCase> rows;
  rows.push_back({"reshape", {f64({2, 6})}, {{"dims", Dims{3, 4}}}});
  rows.push_back({"transpose", {f64({2, 3, 2})}, {{"permutation", Ints{2, 0, 1}}}});
  rows.push_back({"broadcast", {f64({3, 1})}, {{"dims", Dims{2, 3, 4}}, {"axes", Ints{1, 2}}}});
  rows.push_back({"broadcast", {f64({})}, {{"dims", Dims{2, 3}}, {"axes", Ints{}}}, "Scalar"});
  rows.push_back({"slice", {f64({4, 6})}, {{"start", Dims{1, 0}}, {"limit", Dims{4, 5}}, {"strides", Ints{1, 2}}}});
  rows.push_back(
      {"pad", {f64({2, 3}), f64({})}, {{"low", Dims{1, -1}}, {"high", Dims{0, 2}}, {"interior", Ints{2, 1}}}});
  rows.push_back({"concat", {f64({2, 1}), f64({2, 3})}, {{"axis", int64_t{1}}}});
  rows.push_back({"reverse", {f64({2, 3})}, {{"axes", Ints{0, 1}}}});
  rows.push_back({"gather", {f64({4, 2}), given(kInt32, {2, 3}, {3, 0, 3, 1, 1, 0})}, {{"axis", int64_t{0}}}});
  rows.push_back({"gather", {f64({2, 3}), given(kInt64, {2}, {2, 2})}, {{"axis", int64_t{1}}}, "Axis1"});
  for (const char* kind : {"add", "set"})
    rows.push_back({"scatter",
                    {f64({4, 2}), given(kInt64, {3}, {2, 0, 2}), f64({3, 2})},
                    {{"axis", int64_t{0}}, {"kind", kind}},
                    kind});
  return rows;
}

std::vector<GradCase> reduction_cases() {
  std::vector<GradCase> rows;
  for (const char* kind : {"sum", "prod", "max", "min"}) {
    rows.push_back({"reduce", {f64({3, 4})}, {{"kind", kind}, {"axes", Ints{0}}}, fmt::format("_{}_0", kind)});
    rows.push_back({"reduce", {f64({2, 2, 3})}, {{"kind", kind}, {"axes", Ints{0, 2}}}, fmt::format("_{}_02", kind)});
    for (const bool reverse : {false, true})
      for (const bool exclusive : {false, true})
        rows.push_back({"scan",
                        {f64({2, 4})},
                        {{"kind", kind}, {"axis", int64_t{1}}, {"reverse", reverse}, {"exclusive", exclusive}},
                        fmt::format("_{}{}{}", kind, reverse ? "_reverse" : "", exclusive ? "_exclusive" : "")});
  }
  rows.push_back(
      {"dot_general", {f64({3, 2}), f64({2, 4})}, {{"lhs_contract", Ints{1}}, {"rhs_contract", Ints{0}}}, "MatMul"});
  rows.push_back(
      {"dot_general",
       {f64({2, 2, 3, 2}), f64({3, 2, 2, 2})},
       {{"lhs_batch", Ints{0}}, {"rhs_batch", Ints{2}}, {"lhs_contract", Ints{2, 3}}, {"rhs_contract", Ints{0, 3}}},
       "Batched"});
  rows.push_back({"dot_general", {f64({3}), f64({2})}, {{"lhs_contract", Ints{}}, {"rhs_contract", Ints{}}}, "Outer"});
  return rows;
}

std::vector<GradCase> softmax_cases() {
  return {
      {"softmax", {f64({3, 4})}, {{"axis", int64_t{0}}}},
      {"softmax", {f64({2, 3})}, {{"axis", int64_t{1}}}, "LastAxis"},
      {"log_softmax", {f64({3, 4})}, {{"axis", int64_t{1}}}},
      {"softmax_cross_entropy", {f64({2, 4}), f64({2, 4}, 0.1, 0.9)}},
      {"sparse_softmax_cross_entropy", {f64({3, 4}), given(kInt32, {3}, {0, 3, 1})}},
      {"sparse_softmax_cross_entropy", {f64({2, 2, 3}), given(kInt64, {2, 2}, {0, 2, 1, 1})}, {}, "Rank3"},
  };
}

std::vector<GradCase> all_cases() {
  std::vector<GradCase> rows;
  for (const auto& family : {unary_cases(), elementwise_cases(), shape_cases(), reduction_cases(), softmax_cases()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Ops, GradientCheck, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.op + info.param.variant; });

std::vector<GradCase> cases_without_dims() {
  std::vector<GradCase> rows;
  for (const auto& family : {unary_cases(), elementwise_cases(), softmax_cases()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

// The rules know no sizes: with symbols for them the same bits come out.
class SymbolicGradientCheck : public ::testing::TestWithParam<GradCase> {};

TEST_P(SymbolicGradientCheck, SameBitsAsWithNumbers) {
  const auto with_numbers = Differentiated(GetParam()).run(), with_symbols = Differentiated(GetParam(), true).run();
  for (size_t i = 0; i < with_numbers.gradients.size(); ++i) {
    EXPECT_TRUE(with_symbols.gradients[i].identical(with_numbers.gradients[i])) << i;
    EXPECT_TRUE(with_symbols.second[i].identical(with_numbers.second[i])) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, SymbolicGradientCheck, ::testing::ValuesIn(cases_without_dims()),
                         [](const auto& info) { return info.param.op + info.param.variant; });

TEST(GradientCheckTable, HasARowForEveryDifferentiableOp) {
  // override's value does not depend on what its gradient flows to: autodiff_test.cpp has it.
  std::set<std::string> rows = {"override"};
  for (const GradCase& c : all_cases()) rows.insert(c.op);
  for (const OpKind kind : ir::all_ops())
    EXPECT_EQ(ir::op_def(kind).gradient != nullptr, rows.contains(ir::op_def(kind).name)) << ir::op_def(kind).name;
}

}  // namespace
}  // namespace dlc::passes
