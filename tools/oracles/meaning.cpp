#include "tools/oracles/meaning.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/printer.h"
#include "passes/pass_manager.h"
#include "tools/oracles/perturb.h"

namespace dlc::oracles {
namespace {

/// Roundings all away from zero and all towards it, which add up along products, and two runs of any: of two errors in
/// a row that are drawn, one undoes the other once in eight times.
constexpr Towards kPerturbedRuns[] = {Towards::kInfinity, Towards::kZero, Towards::kAnywhere, Towards::kAnywhere};
/// Where two errors undo each other half of the time, they do so in all of these once in 4,096 times.
constexpr int kCloserRuns = 12;

bool differs_in_kind(DType type, double x, double truth) {
  if (!is_float(type)) return x != truth;
  return std::isnan(x) != std::isnan(truth) || std::isinf(x) != std::isinf(truth) || (std::isinf(truth) && x != truth);
}

/// "" when `got` is as near to the truth as rounding lets it be.
std::string compare(const Array& got, const Array& reference, const Array& truth, const std::vector<Array>& runs,
                    Tally& tally) {
  if (got.type_str() != reference.type_str()) return fmt::format("{} against {}", got.type_str(), reference.type_str());
  for (int64_t i = 0; i < got.num_elements(); ++i) {
    const double g = got.value_as_double(i), r = reference.value_as_double(i), t = truth.value_as_double(i);
    double spread = std::abs(r - t);
    bool unstable = differs_in_kind(got.dtype(), r, t);
    for (const Array& run : runs) {
      const double moved = run.value_as_double(i);
      unstable |= differs_in_kind(got.dtype(), moved, t);
      spread = std::max(spread, std::abs(moved - t));
    }
    ++tally.compared;
    if (unstable || spread > 0.1 * std::abs(t) + 1e-3) {
      ++tally.dropped;
      continue;
    }
    const auto report = [&] {
      return fmt::format("element {}: {}, truth {}, reference {}, spread {}", i, g, t, r, spread);
    };
    if (differs_in_kind(got.dtype(), g, t)) return report();
    if (!is_float(got.dtype()) || !std::isfinite(t)) continue;
    const double unit = got.dtype() == kFloat32 ? std::ldexp(1.0, -23) : std::ldexp(1.0, -52);
    // Parts of a product, which are multiplied in another order than the reference does, may be subnormal and thus 0.
    const double underflow = got.dtype() == kFloat32 ? 1e-30 : 1e-290;
    const double bound = 8 * spread + 4 * unit * std::abs(t) + underflow;
    if (std::abs(g - t) > bound) return report();
  }
  return "";
}

}  // namespace

Expected<std::unique_ptr<ir::Function>> differentiated(const ir::Function& function) {
  for (const auto& op : function.ops()) {
    if (!op->is(ir::OpKind::kGradients)) continue;
    // Behind ys and grad_ys: xs and stops.
    for (auto i = static_cast<int>(op->int_attr("num_ys") + op->int_attr("num_grad_ys")); i < op->num_operands(); ++i) {
      const ir::Value x = op->operand(i);
      if (!x.is(ir::OpKind::kPin) && !x.is(ir::OpKind::kParam))
        return make_error(ErrorCode::kInvalidArgument,
                          "a gradient is taken of {}, which is no pin: passes may merge or fold it before",
                          ir::value_name(x));
    }
  }
  auto copy = function.clone();
  passes::PassContext context;
  DLC_ASSIGN_OR_RETURN(const auto pipeline, passes::parse_pipeline("autodiff,drop-pins"));
  DLC_RETURN_IF_ERROR(passes::PassManager().run(*copy, pipeline, context));
  return copy;
}

Expected<Meaning> Meaning::of(const ir::Function& function, std::span<const Array> inputs, uint64_t seed) {
  Meaning m;
  DLC_ASSIGN_OR_RETURN(auto lowered, differentiated(function));
  Expected<std::vector<Array>> reference = ir::interpret(*lowered, inputs);
  if (!reference) {
    const ErrorCode code = reference.error().code;
    if (code != ErrorCode::kArithmetic && code != ErrorCode::kOutOfRange) return std::move(reference).error();
    m.fault_ = std::move(reference).error();
    return m;
  }
  m.reference_ = std::move(*reference);
  m.function_ = std::move(lowered);
  m.inputs_.assign(inputs.begin(), inputs.end());
  m.next_run_ = seed * 1000;
  std::vector<Array> wide;
  for (const Array& a : inputs) wide.push_back(a.dtype() == kFloat32 ? a.cast(kFloat64) : a);
  DLC_ASSIGN_OR_RETURN(m.truth_, ir::interpret(*ir::promote_to_f64(*m.function_), wide));
  for (const Towards to : kPerturbedRuns) DLC_RETURN_IF_ERROR(m.perturb(to));
  return m;
}

Expected<void> Meaning::perturb(Towards to) {
  DLC_ASSIGN_OR_RETURN(auto moved, interpret_perturbed(*function_, inputs_, ++next_run_, to));
  perturbed_.push_back(std::move(moved));
  return {};
}

std::string Meaning::difference(std::span<const Array> results, Tally& tally) {
  Tally counted = tally;
  std::string wrong = compare_all(results, counted);
  if (!wrong.empty() && !std::exchange(looked_closer_, true)) {
    for (int run = 0; run < kCloserRuns; ++run)
      if (const Expected<void> done = perturb(Towards::kAnywhere); !done) return done.error().str();
    counted = tally;
    wrong = compare_all(results, counted);
  }
  tally = counted;
  return wrong;
}

std::string Meaning::compare_all(std::span<const Array> results, Tally& tally) const {
  for (size_t i = 0; i < results.size(); ++i) {
    std::vector<Array> runs;
    for (const auto& run : perturbed_) runs.push_back(run[i]);
    const std::string wrong = compare(results[i], reference_[i], truth_[i], runs, tally);
    if (!wrong.empty()) return fmt::format("result {}, {}", i, wrong);
  }
  return "";
}

std::string bit_difference(std::span<const Array> a, std::span<const Array> b) {
  if (a.size() != b.size()) return fmt::format("{} results against {}", a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].identical(b[i])) continue;
    if (a[i].type_str() != b[i].type_str())
      return fmt::format("result {}: {} against {}", i, a[i].type_str(), b[i].type_str());
    const size_t size = size_of(a[i].dtype());
    for (int64_t e = 0; e < a[i].num_elements(); ++e) {
      const size_t at = static_cast<size_t>(e) * size;
      if (std::memcmp(a[i].bytes() + at, b[i].bytes() + at, size) == 0) continue;
      // Which operand's NaN comes through is the machine's choice.
      if (!std::isnan(a[i].value_as_double(e)) || !std::isnan(b[i].value_as_double(e)))
        return fmt::format("result {}, {}, element {}: {} against {}", i, a[i].type_str(), e, a[i].value_as_double(e),
                           b[i].value_as_double(e));
    }
  }
  return "";
}

}  // namespace dlc::oracles
