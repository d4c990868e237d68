// Gradients of the shape ops, reductions, scans, contractions, gather and scatter against central
// differences in f64: first and second order, with numbers and with symbols for dimensions.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/printer.h"
#include "ir/verifier.h"
#include "passes/autodiff/autodiff.h"
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

using ir::AttrMap;
using ir::Builder;
using ir::Dim;
using ir::Dims;
using ir::Function;
using ir::Ints;
using ir::OpKind;
using ir::TensorType;
using ir::Value;

struct ShapeGradCase {
  std::string name;
  std::vector<TensorType> types;  ///< of the operands; the integers among them are not differentiated
  std::vector<Array> operands;
  std::function<Value(Builder&, std::span<const Value>)> build;
};
void PrintTo(const ShapeGradCase& c, std::ostream* out) { *out << c.name; }

Array uniform(const Shape& shape, unsigned seed, double low = -1, double high = 1) {
  Array a(kFloat64, shape);
  std::mt19937_64 rng(seed);
  for (double& v : a.data<double>()) v = low + (high - low) * static_cast<double>(rng() >> 11) * 0x1p-53;
  return a;
}

/// sum(y * y * w) with random weights: its gradient tells elements apart, its second one is not zero.
Value scalarize(Builder& b, Value y, unsigned seed) {
  const Value w = b.broadcast(b.constant(uniform({}, seed)), y.dims(), {});
  Value position = b.full_like(y, 1);
  for (int64_t axis = 0; axis < y.rank(); ++axis) {
    const Value i = b.op(OpKind::kIota, {}, {{"dims", y.dims()}, {"dtype", kInt64}, {"axis", axis}});
    position = b.add(b.mul(position, 1.7), b.convert(i, kFloat64));
  }
  Ints axes(static_cast<size_t>(y.rank()));
  for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int64_t>(i);
  const Value terms = b.mul(b.mul(y, y), b.mul(w, b.op(OpKind::kSin, {position})));
  return axes.empty() ? terms : b.reduce_sum(terms, axes);
}

std::vector<Value> gradients(Builder& b, Value y, std::span<const Value> xs) {
  std::vector<Value> operands{y};
  operands.insert(operands.end(), xs.begin(), xs.end());
  ir::Op* op = b.create(OpKind::kGradients, operands, {{"num_ys", int64_t{1}}});
  std::vector<Value> out;
  for (size_t i = 0; i < xs.size(); ++i) out.push_back(op->result(static_cast<int>(i)));
  return out;
}

class GradientCheckShapes : public ::testing::TestWithParam<ShapeGradCase> {
 protected:
  /// order 0: the loss. 1: its gradients. 2: gradients of the scalarized first ones.
  static std::unique_ptr<Function> derivative(const ShapeGradCase& c, int order) {
    auto f = std::make_unique<Function>("f");
    Builder b(*f);
    std::vector<Value> all, xs;
    for (size_t i = 0; i < c.types.size(); ++i) {
      all.push_back(f->add_param(c.types[i], {ir::ParamKind::kFeed, fmt::format("x{}", i)}));
      if (all.back().dtype() == kFloat64) {
        all.back() = b.op(OpKind::kPin, {all.back()});
        xs.push_back(all.back());
      }
    }
    std::vector<Value> results{scalarize(b, c.build(b, all), 1)};
    for (int o = 1; o <= order; ++o) {
      // Of the second order: the loss is the sum over all first gradients.
      Value loss = results[0];
      if (o == 2) {
        loss = scalarize(b, results[0], 2);
        for (size_t i = 1; i < results.size(); ++i) loss = b.add(loss, scalarize(b, results[i], 2));
      }
      results = gradients(b, loss, xs);
    }
    f->set_results(results);
    PassContext context;
    run_autodiff(*f, context).value();
    return f;
  }

  static std::vector<Array> run(const Function& f, const std::vector<Array>& operands) {
    auto results = ir::interpret(f, operands, {.fp_mode = FpMode::kKeepSubnormals});
    EXPECT_TRUE(results) << results.error().str() << "\n" << ir::print(f);
    return results ? std::move(results).value() : std::vector<Array>{};
  }

  /// The function whose derivative derivative(c, order) is.
  static double loss_of(const Function& f, const std::vector<Array>& operands, int order) {
    const std::vector<Array> results = run(f, operands);
    if (order == 1) return results.at(0).item<double>();
    Function g("g");
    Builder b(g);
    std::vector<Value> params;
    for (const Array& r : results) params.push_back(g.add_param(TensorType::of(r.dtype(), r.shape()), {}));
    Value sum = scalarize(b, params[0], 2);
    for (size_t i = 1; i < params.size(); ++i) sum = b.add(sum, scalarize(b, params[i], 2));
    g.set_results(std::vector<Value>{sum});
    return run(g, results).at(0).item<double>();
  }

  static void check(const ShapeGradCase& c, int order) {
    const auto base = derivative(c, order - 1), analytic = derivative(c, order);
    const std::vector<Array> found = run(*analytic, c.operands);
    ASSERT_FALSE(found.empty());
    size_t result = 0;
    for (size_t x = 0; x < c.operands.size(); ++x) {
      if (c.operands[x].dtype() != kFloat64) continue;
      const Array& grad = found[result++];
      ASSERT_EQ(grad.shape(), c.operands[x].shape());
      for (int64_t i = 0; i < grad.num_elements(); ++i) {
        const auto moved = [&](double step) {
          std::vector<Array> operands = c.operands;
          operands[x] = operands[x].clone();
          operands[x].data<double>()[static_cast<size_t>(i)] += step;
          return loss_of(*base, operands, order);
        };
        constexpr double kStep = 1e-5;
        const double expected = (moved(kStep) - moved(-kStep)) / (2 * kStep);
        EXPECT_NEAR(grad.value_as_double(i), expected, 1e-6 * (1 + std::abs(expected)))
            << c.name << ", order " << order << ", operand " << x << ", element " << i;
      }
    }
  }
};

TEST_P(GradientCheckShapes, FirstOrder) { check(GetParam(), 1); }
TEST_P(GradientCheckShapes, SecondOrder) { check(GetParam(), 2); }

/// The simplifying passes are exact, settle, and leave functions that verify: shown on derivatives,
/// which hold many shapes of ops that nobody writes by hand.
TEST_P(GradientCheckShapes, SimplifiedToTheSameBits) {
  const auto f = derivative(GetParam(), 2);
  const std::vector<Array> before = run(*f, GetParam().operands);
  PassContext context;
  for (const PassFunction pass : {run_canonicalize, run_cse, run_dce, run_canonicalize}) {
    const auto changed = pass(*f, context);
    ASSERT_TRUE(changed) << changed.error().str();
    const auto verified = ir::verify(*f);
    ASSERT_TRUE(verified) << verified.error().str();
  }
  const auto again = run_canonicalize(*f, context);
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again) << "canonicalize is not done after it said so\n" << ir::print(*f);
  const std::vector<Array> after = run(*f, GetParam().operands);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(before[i].identical(after[i])) << before[i].str() << "\n" << after[i].str() << "\n" << ir::print(*f);
}

/// One op; `types` as "f64[n,3]" is written in C++: symbols make the second, dynamic case.
ShapeGradCase one(std::string name, OpKind op, std::vector<Array> operands, AttrMap attrs,
                  std::vector<TensorType> types = {}) {
  if (types.empty())
    for (const Array& a : operands) types.push_back(TensorType::of(a.dtype(), a.shape()));
  return {std::move(name), std::move(types), std::move(operands),
          [op, attrs](Builder& b, std::span<const Value> xs) { return b.op(op, xs, attrs); }};
}

const Dim kN = Dim::symbol("n"), kM = Dim::symbol("m");
TensorType f64_type(Dims dims) { return {kFloat64, std::move(dims)}; }
AttrMap pad_attrs(Dims low, Dims high, Ints interior) {
  return {{"low", std::move(low)}, {"high", std::move(high)}, {"interior", std::move(interior)}};
}
AttrMap slice_attrs(Dims start, Dims limit, Ints strides) {
  return {{"start", std::move(start)}, {"limit", std::move(limit)}, {"strides", std::move(strides)}};
}
AttrMap reduce_attrs(const char* kind, Ints axes) { return {{"kind", std::string(kind)}, {"axes", std::move(axes)}}; }
AttrMap scan_attrs(const char* kind, int64_t axis, bool reverse, bool exclusive) {
  return {{"kind", std::string(kind)}, {"axis", axis}, {"reverse", reverse}, {"exclusive", exclusive}};
}
AttrMap dot_attrs(Ints lhs_batch, Ints rhs_batch, Ints lhs_contract, Ints rhs_contract) {
  return {{"lhs_batch", std::move(lhs_batch)},
          {"rhs_batch", std::move(rhs_batch)},
          {"lhs_contract", std::move(lhs_contract)},
          {"rhs_contract", std::move(rhs_contract)}};
}
AttrMap scatter_attrs(int64_t axis, const char* kind) { return {{"axis", axis}, {"kind", std::string(kind)}}; }

Array indices(Shape shape, std::initializer_list<int64_t> values) {
  return Array::of<int64_t>(std::move(shape), values);
}
/// Some elements are exactly zero.
Array with_zeros(Shape shape, std::initializer_list<size_t> zeros) {
  Array a = uniform(shape, 9);
  for (const size_t i : zeros) a.data<double>()[i] = 0;
  return a;
}

std::vector<ShapeGradCase> symbolic_shape_cases() {
  const Array x = uniform({2, 3}, 3), y = uniform({4}, 4), scalar = uniform({}, 5);
  return {
      one("reshape", OpKind::kReshape, {x}, {{"dims", Dims{3, 2}}}),
      one("reshape_symbol", OpKind::kReshape, {x}, {{"dims", Dims{3 * kN}}}, {f64_type({kN, 3})}),
      one("transpose", OpKind::kTranspose, {uniform({2, 3, 2}, 3)}, {{"permutation", Ints{2, 0, 1}}}),
      one("broadcast", OpKind::kBroadcast, {uniform({1, 3}, 3)}, {{"dims", Dims{2, 4, 3}}, {"axes", Ints{1, 2}}}),
      one("broadcast_symbol", OpKind::kBroadcast, {y}, {{"dims", Dims{3, kN}}, {"axes", Ints{1}}}, {f64_type({kN})}),
      one("slice", OpKind::kSlice, {uniform({3, 5}, 3)}, slice_attrs({1, 0}, {3, 5}, {1, 2})),
      one("slice_symbol", OpKind::kSlice, {y}, slice_attrs({1}, {kN}, {2}), {f64_type({kN})}),
      one("slice_nothing", OpKind::kSlice, {y}, slice_attrs({2}, {2}, {3})),
      one("pad", OpKind::kPad, {x, scalar}, pad_attrs({1, 0}, {0, 2}, {0, 1})),
      one("pad_crop", OpKind::kPad, {y, scalar}, pad_attrs({-1}, {-2}, {1})),
      one("pad_symbol", OpKind::kPad, {y, scalar}, pad_attrs({1}, {-1}, {2}), {f64_type({kN}), f64_type({})}),
      one("concat", OpKind::kConcat, {x, uniform({2, 1}, 6), x}, {{"axis", int64_t{1}}}),
      one("concat_symbol", OpKind::kConcat, {y, uniform({2}, 6)}, {{"axis", int64_t{0}}},
          {f64_type({kN}), f64_type({kM})}),
      one("reverse", OpKind::kReverse, {x}, {{"axes", Ints{0, 1}}}),
  };
}

std::vector<ShapeGradCase> symbolic_reduction_cases() {
  const Array x = uniform({2, 3}, 3);
  std::vector<ShapeGradCase> cases{
      one("sum", OpKind::kReduce, {x}, reduce_attrs("sum", {0})),
      one("sum_symbol", OpKind::kReduce, {x}, reduce_attrs("sum", {0, 1}), {f64_type({kN, kM})}),
      one("max", OpKind::kReduce, {x}, reduce_attrs("max", {1})),
      one("min", OpKind::kReduce, {x}, reduce_attrs("min", {0, 1}), {f64_type({kN, kM})}),
      one("prod", OpKind::kReduce, {uniform({2, 3, 2}, 3)}, reduce_attrs("prod", {0, 2})),
      one("prod_one_zero", OpKind::kReduce, {with_zeros({2, 3}, {1})}, reduce_attrs("prod", {1})),
      one("prod_two_zeros", OpKind::kReduce, {with_zeros({2, 3}, {0, 1})}, reduce_attrs("prod", {0, 1}),
          {f64_type({kN, kM})}),
  };
  for (const char* kind : {"sum", "prod", "max", "min"})
    for (const bool reverse : {false, true})
      for (const bool exclusive : {false, true}) {
        // The first of an exclusive max is -inf, whose square has no gradient: the scan is cut there.
        const bool cut = exclusive && kind[0] == 'm';
        const AttrMap attrs = scan_attrs(kind, 1, reverse, exclusive);
        const Array operand = kind[0] == 'p' ? with_zeros({2, 4}, {2}) : uniform({2, 4}, 3);
        const auto build = [=](Builder& b, std::span<const Value> xs) {
          const Value y = b.op(OpKind::kScan, xs, attrs);
          if (!cut) return y;
          const Dim rows = y.dims()[0];
          return b.slice(y, {0, reverse ? 0 : 1}, {rows, reverse ? 3 : 4}, {1, 1});
        };
        cases.push_back({fmt::format("scan_{}{}{}", kind, reverse ? "_reverse" : "", exclusive ? "_exclusive" : ""),
                         {f64_type({kN, 4})},
                         {operand},
                         build});
      }
  return cases;
}

std::vector<ShapeGradCase> contraction_cases() {
  const TensorType n_of_i64{kInt64, {kN}};
  return {
      one("matmul", OpKind::kDotGeneral, {uniform({2, 3}, 1), uniform({3, 2}, 2)}, dot_attrs({}, {}, {1}, {0}),
          {f64_type({kN, 3}), f64_type({3, kM})}),
      one("dot_tn", OpKind::kDotGeneral, {uniform({3, 2}, 1), uniform({3, 4}, 2)}, dot_attrs({}, {}, {0}, {0})),
      one("dot_batch", OpKind::kDotGeneral, {uniform({2, 3, 2}, 1), uniform({3, 2, 2}, 2)},
          dot_attrs({2}, {1}, {1}, {0})),
      one("dot_two_contracted", OpKind::kDotGeneral, {uniform({2, 3, 2}, 1), uniform({3, 2, 2}, 2)},
          dot_attrs({}, {}, {1, 0}, {0, 2})),
      one("dot_outer", OpKind::kDotGeneral, {uniform({2}, 1), uniform({3}, 2)}, dot_attrs({}, {}, {}, {})),
      one("gather", OpKind::kGather, {uniform({3, 2}, 1), indices({4}, {2, 0, 2, 1})}, {},
          {f64_type({kM, 2}), n_of_i64}),
      one("gather_inner", OpKind::kGather, {uniform({2, 3}, 1), indices({2, 1}, {1, 1})}, {{"axis", int64_t{1}}}),
      one("scatter_add", OpKind::kScatter, {uniform({3, 2}, 1), indices({4}, {2, 0, 2, 1}), uniform({4, 2}, 2)},
          scatter_attrs(0, "add"), {f64_type({kM, 2}), n_of_i64, f64_type({kN, 2})}),
      one("scatter_set", OpKind::kScatter, {uniform({3, 2}, 1), indices({3}, {2, 0, 2}), uniform({3, 2}, 2)},
          scatter_attrs(0, "set"), {f64_type({kM, 2}), n_of_i64, f64_type({kN, 2})}),
      one("scatter_set_inner", OpKind::kScatter, {uniform({2, 3}, 1), indices({2, 1}, {1, 1}), uniform({2, 2, 1}, 2)},
          scatter_attrs(1, "set")),
  };
}

const auto kCaseName = [](const ::testing::TestParamInfo<ShapeGradCase>& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Shapes, GradientCheckShapes, ::testing::ValuesIn(symbolic_shape_cases()), kCaseName);
INSTANTIATE_TEST_SUITE_P(Reductions, GradientCheckShapes, ::testing::ValuesIn(symbolic_reduction_cases()), kCaseName);
INSTANTIATE_TEST_SUITE_P(Contractions, GradientCheckShapes, ::testing::ValuesIn(contraction_cases()), kCaseName);

TEST(ReduceGradient, SharesAmongTies) {
  Function f("f");
  const Value x = f.add_param({kFloat64, {4}}, {});
  Builder b(f);
  const Value y = b.reduce("max", x, {0});
  f.set_results(gradients(b, y, std::vector<Value>{x}));
  PassContext context;
  ASSERT_TRUE(run_autodiff(f, context).value());
  const auto dx = ir::interpret(f, {Array::of<double>({4}, {3, 1, 3, 2})});
  EXPECT_EQ(dx->at(0).str(), "f64[4] [0.5, 0, 0.5, 0]");
}

}  // namespace
}  // namespace dlc::passes
