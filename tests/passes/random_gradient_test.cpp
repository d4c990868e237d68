// Gradients of random programs against central differences in f64 (SEMANTICS, oracle 4). The
// derivative along a random direction of the sum of all results that are floats: one number holds every
// gradient rule on the way. What is not smooth there (two step sizes disagree) is dropped and counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "ir/builder.h"
#include "ir/interp/interpreter.h"
#include "ir/rewriter.h"
#include "tests/testing/random_builder.h"
#include "tests/testing/random_program.h"

namespace dlc::passes {
namespace {

using ir::OpKind;
using ir::Value;
using test::RandomProgram;

/// What looks at differentiation alone has another derivative than its value says; and discrete ops of
/// random bits are the same function all the same.
bool has_marks(const ir::Function& f) {
  return std::any_of(f.ops().begin(), f.ops().end(),
                     [](const auto& op) { return op->is(OpKind::kStopGradient) || op->is(OpKind::kOverride); });
}

struct Slope {
  std::unique_ptr<ir::Function> loss;       ///< f64[]: the sum of the results
  std::unique_ptr<ir::Function> gradients;  ///< of the loss, by each of `xs`
  std::vector<int> xs;                      ///< parameters
};

/// nullopt when nothing of it is a float.
std::optional<Slope> slope_of(const ir::Function& function) {
  const auto wide = ir::promote_to_f64(function);
  std::vector<Value> sums;
  ir::Builder b(*wide);
  for (int i = 0; i < wide->num_results(); ++i) {
    const Value y = wide->result(i);
    if (y.dtype() != kFloat64) continue;
    ir::Ints axes;
    for (int64_t a = 0; a < y.rank(); ++a) axes.push_back(a);
    sums.push_back(axes.empty() ? y : b.reduce_sum(y, axes));
  }
  Slope s;
  std::vector<Value> operands;
  for (int i = 0; i < wide->num_params(); ++i)
    if (wide->param(i).dtype() == kFloat64) s.xs.push_back(i), operands.push_back(wide->param(i));
  if (sums.empty() || operands.empty()) return std::nullopt;
  Value loss = sums[0];
  for (size_t i = 1; i < sums.size(); ++i) loss = b.add(loss, sums[i]);
  // The types of the results change: the function is built anew around the loss.
  operands.insert(operands.begin(), loss);
  ir::Op* gradients = b.create(OpKind::kGradients, operands, {{"num_ys", int64_t{1}}});
  ir::Rewriter rw(*wide);
  rw.set_results(std::vector<Value>{loss}, {{ir::ResultKind::kFetch, "loss"}});
  s.loss = test::differentiated(*wide);
  std::vector<Value> results;
  std::vector<ir::ResultInfo> infos;
  for (int i = 0; i < gradients->num_results(); ++i) {
    results.push_back(gradients->result(i));
    infos.push_back({ir::ResultKind::kFetch, fmt::format("g{}", i)});
  }
  rw.set_results(results, infos);
  s.gradients = test::differentiated(*wide);
  return s;
}

std::vector<Array> moved(const std::vector<Array>& at, const std::vector<int>& xs, const std::vector<Array>& along,
                         double step) {
  std::vector<Array> out = at;
  for (size_t k = 0; k < xs.size(); ++k) {
    Array& x = out[static_cast<size_t>(xs[k])] = out[static_cast<size_t>(xs[k])].clone();
    for (int64_t i = 0; i < x.num_elements(); ++i)
      x.set_from_double(i, x.value_as_double(i) + step * along[k].value_as_double(i));
  }
  return out;
}

enum class Checked : uint8_t { kEqual, kNotSmooth, kNothing };

Checked check(const RandomProgram& p) {
  if (has_marks(*p.function) || p.large) return Checked::kNothing;
  const auto s = slope_of(*p.function);
  if (!s) return Checked::kNothing;
  std::vector<Array> at;
  for (const Array& a : p.params) at.push_back(a.dtype() == kFloat32 ? a.cast(kFloat64) : a);
  const auto gradients = ir::interpret(*s->gradients, at);
  if (!gradients) return Checked::kNothing;
  test::Random random(p.seed);
  std::vector<Array> along;
  double analytic = 0, terms = 0;
  for (size_t k = 0; k < s->xs.size(); ++k) {
    Array direction(kFloat64, at[static_cast<size_t>(s->xs[k])].shape());
    for (int64_t i = 0; i < direction.num_elements(); ++i) {
      direction.set_from_double(i, 2 * random.unit() - 1);
      const double term = direction.value_as_double(i) * (*gradients)[k].value_as_double(i);
      analytic += term;
      terms += std::abs(term);
    }
    along.push_back(direction);
  }
  const auto difference = [&](double step) {
    const auto up = ir::interpret(*s->loss, moved(at, s->xs, along, step));
    const auto down = ir::interpret(*s->loss, moved(at, s->xs, along, -step));
    return up && down ? ((*up)[0].value_as_double(0) - (*down)[0].value_as_double(0)) / (2 * step) : NAN;
  };
  const double coarse = difference(2e-5), fine = difference(1e-5), finest = difference(5e-6);
  const double allowed = 1e-5 * (terms + std::abs(fine)) + 1e-6;
  if (!std::isfinite(analytic) || !(std::abs(coarse - fine) <= allowed) || !(std::abs(finest - fine) <= allowed))
    return Checked::kNotSmooth;
  EXPECT_NEAR(analytic, fine, 4 * allowed) << p.str();
  return Checked::kEqual;
}

TEST(RandomGradients, AreWhatCentralDifferencesSay) {
  const char* text = std::getenv("DLC_RANDOM_GRADIENTS");
  const uint64_t programs = text ? std::strtoull(text, nullptr, 10) : 300;
  uint64_t equal = 0, dropped = 0;
  for (uint64_t seed = 1; seed <= programs && !HasFailure(); ++seed) {
    const Checked c = check(test::random_program(seed));
    equal += c == Checked::kEqual ? 1 : 0;
    dropped += c == Checked::kNotSmooth ? 1 : 0;
  }
  // Floors, comparisons, maxima at equal elements: many programs jump somewhere.
  EXPECT_GE(equal, programs / 3);
  EXPECT_LE(dropped, programs / 3);
}

}  // namespace
}  // namespace dlc::passes
