#include "tests/backend/compile_testing.h"

#include <gmock/gmock.h>

#include <cmath>

#include "ir/interp/interpreter.h"
#include "ir/parser.h"
#include "passes/pass_manager.h"
#include "support/philox.h"

namespace dlc::backend::testing {

std::unique_ptr<ir::Function> parse_function(const std::string& text) {
  return value_or_throw(ir::parse_function(text, "test.dlir"));
}

std::shared_ptr<const Program> compile_function(const ir::Function& f, const RunOptions& options) {
  CompileOptions compile_options;
  compile_options.fuse = options.fuse;
  compile_options.target = options.target;
  return value_or_throw(compile(f.clone(), compile_options));
}

RunOutcome run_program(const std::shared_ptr<const Program>& program, const std::vector<Array>& params, int threads) {
  return value_or_throw(oracles::run_program(program, params, threads));
}

RunOutcome run_compiled(const ir::Function& f, const std::vector<Array>& params, const RunOptions& options) {
  return run_program(compile_function(f, options), params, options.threads);
}

std::vector<Array> random_params(const ir::Function& f, const ir::SymbolBinding& binding, uint64_t seed, double lo,
                                 double hi) {
  std::vector<Array> params;
  for (int i = 0; i < f.num_params(); ++i) {
    const ir::TensorType& t = f.param(i).type();
    Shape shape;
    for (const ir::Dim& d : t.dims) shape.push_back(value_or_throw(d.evaluate(binding)));
    Array a(t.dtype, shape);
    for (int64_t e = 0; e < a.num_elements(); ++e) {
      const uint64_t bits = mix64(seed * 1000003 + static_cast<uint64_t>(i) * 7919 + static_cast<uint64_t>(e) + 1);
      const double u = static_cast<double>(bits >> 11) / 9007199254740992.0;
      a.set_from_double(e, is_float(t.dtype)  ? lo + (hi - lo) * u
                           : t.dtype == kBool ? (u < 0.5 ? 0 : 1)
                                              : std::floor(u * 4));
    }
    params.push_back(std::move(a));
  }
  return params;
}

namespace {

/// The function as the compiler sees it before fusion: the tolerance is about code, not about passes.
std::unique_ptr<ir::Function> after_passes(const ir::Function& f) {
  auto copy = f.clone();
  passes::PassContext context;
  const auto pipeline = value_or_throw(passes::parse_pipeline("differentiate"));
  value_or_throw(passes::PassManager().run(*copy, pipeline, context));
  return copy;
}

/// Unit in the last place of f32 or f64 at a magnitude.
double ulp(DType t, double magnitude) {
  const int digits = t == kFloat32 ? 23 : 52;
  return std::ldexp(1.0, std::ilogb(std::max(magnitude, 1e-30)) - digits);
}

void expect_close(const Array& got, const Array& reference, const Array& truth, double scale) {
  ASSERT_EQ(got.type_str(), reference.type_str());
  for (int64_t i = 0; i < got.num_elements(); ++i) {
    const double g = got.value_as_double(i), r = reference.value_as_double(i), t = truth.value_as_double(i);
    if (!is_float(got.dtype())) {
      ASSERT_EQ(g, r) << "element " << i;
      continue;
    }
    ASSERT_EQ(std::isnan(g), std::isnan(t)) << "element " << i << ": " << g << " against " << t;
    if (std::isnan(t) || (std::isinf(t) && g == t)) continue;
    const double bound = 8 * std::abs(r - t) + 16 * ulp(got.dtype(), std::max(std::abs(t), scale));
    ASSERT_LE(std::abs(g - t), bound) << "element " << i << ": " << g << " against " << t << " (reference " << r << ")";
  }
}

}  // namespace

void expect_oracles(const ir::Function& f, const std::vector<Array>& params, double magnitude) {
  const auto fused = compile_function(f), single = compile_function(f, {.fuse = false});
  const RunOutcome base = run_program(fused, params);
  for (const auto& [fuse, threads] : {std::pair{false, 1}, {true, 2}, {true, 4}, {false, 2}}) {
    const RunOutcome other = run_program(fuse ? fused : single, params, threads);
    ASSERT_EQ(difference(base.results, other.results), "") << "with fuse=" << fuse << ", threads=" << threads;
  }
  const auto lowered = after_passes(f);
  const auto reference = ir::interpret(*lowered, params);
  ASSERT_TRUE(reference.has_value()) << reference.error().str();
  std::vector<Array> wide;
  for (const Array& p : params) wide.push_back(p.dtype() == kFloat32 ? p.cast(kFloat64) : p);
  const auto truth = ir::interpret(*ir::promote_to_f64(*lowered), wide);
  ASSERT_TRUE(truth.has_value()) << truth.error().str();
  double scale = magnitude;
  for (const Array& p : params)
    if (is_float(p.dtype()))
      for (int64_t i = 0; i < p.num_elements(); ++i) scale = std::max(scale, std::abs(p.value_as_double(i)));
  for (size_t i = 0; i < base.results.size(); ++i) expect_close(base.results[i], (*reference)[i], (*truth)[i], scale);
}

void expect_oracles(const std::string& text, const ir::SymbolBinding& binding, double magnitude) {
  const auto f = parse_function(text);
  expect_oracles(*f, random_params(*f, binding, 1), magnitude);
}

}  // namespace dlc::backend::testing
