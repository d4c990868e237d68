// recognize-softmax: exp(z) / sum(exp(z)), its logarithm, and log(sum(exp(z))).
#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/recognize/recognize.h"
#include "passes/recognize/rows.h"

namespace dlc::passes {
namespace {

using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// What softmax makes of `u` it makes of any row shifted by its maximum as well.
Value unshifted(Value u, const Ints& axes) {
  const Value x = without_max(u, axes);
  return x ? x : u;
}

/// Pattern: div(exp(u), sum(exp(u)))  ->  softmax(z)
///   [the sum over one axis, repeated; u is z, or z - max(z)]
/// Why: exp(z) overflows from z = 89 on, and inf / inf is NaN; softmax subtracts the maximum.
bool recognize_softmax(Op& root, Rewriter& rw) {
  Value u, exp, repeated;
  if (!m::div(m::exp(m::any(u)).bind(exp), m::any(repeated)).match(root)) return false;
  for (int64_t axis = 0; axis < u.rank(); ++axis) {
    const Value total = repeated_along(repeated, {axis});
    if (!total || !is_reduction_of(total, "sum", exp, {axis})) continue;
    rw.replace(root, rw.op(OpKind::kSoftmax, {unshifted(u, {axis})}, {{"axis", axis}}));
    return true;
  }
  return false;
}

/// Pattern: log(softmax(z)) -> log_softmax(z)
/// Why: a probability that underflows to 0 has the logarithm -inf, and its gradient is NaN.
bool recognize_log_of_softmax(Op& root, Rewriter& rw) {
  Value z;
  Op* softmax = nullptr;
  if (!m::log(m::softmax(m::any(z)).bind(softmax)).match(root)) return false;
  rw.replace(root, rw.op(OpKind::kLogSoftmax, {z}, {{"axis", softmax->int_attr("axis")}}));
  return true;
}

/// Whether `row` is log(sum(exp(z))) along the axes, plainly or with the maximum taken out and
/// added again.
bool is_logsumexp(Value row, Value z, const Ints& axes) {
  Value exp, shifted, sum, shift;
  const auto log_sum_exp = [&](Value& of) { return m::log(m::reduce_sum(m::exp(m::any(of)).bind(exp)).bind(sum)); };
  if (log_sum_exp(shifted).match(row)) return shifted == z && sum.op->ints_attr("axes") == axes;
  if (!m::commutative_add(log_sum_exp(shifted), m::any(shift)).match(row)) return false;
  if (sum.op->ints_attr("axes") != axes || without_max(shifted, axes) != z) return false;
  // What is added must be what was subtracted.
  return through_stops(repeated_along(shifted.op->operand(1), axes)) == through_stops(shift);
}

/// Pattern: sub(u, logsumexp(u)) -> log_softmax(z)   [along one axis; u is z, or z - max(z)]
bool recognize_log_softmax(Op& root, Rewriter& rw) {
  const Value u = root.operand(0), repeated = root.operand(1);
  if (!is_float(u.dtype())) return false;
  for (int64_t axis = 0; axis < u.rank(); ++axis) {
    const Value row = repeated_along(repeated, {axis});
    if (!row || !is_logsumexp(through_stops(row), u, {axis})) continue;
    // With a stop_gradient inside, the user asked for another gradient than log_softmax has.
    if (row != through_stops(row) || !repeated.is(OpKind::kBroadcast)) return false;
    rw.replace(root, rw.op(OpKind::kLogSoftmax, {unshifted(u, {axis})}, {{"axis", axis}}));
    return true;
  }
  return false;
}

/// Pattern: log(sum(exp(z))) -> log(sum(exp(z - m))) + m,  m = max(z), or 0 where that is not finite
///   [z is not shifted by its maximum already]
/// Why: exp(z) overflows from z = 89 on. m is a constant to differentiation: its parts cancel.
bool recognize_logsumexp(Op& root, Rewriter& rw) {
  Value z;
  Op* sum = nullptr;
  if (!m::log(m::reduce_sum(m::exp(m::any(z))).bind(sum)).match(root)) return false;
  const Ints axes = sum->ints_attr("axes");
  if (without_max(z, axes)) return false;
  const Value largest = rw.op(OpKind::kStopGradient, {rw.reduce("max", z, axes)});
  const Value finite = rw.op(OpKind::kIsFinite, {largest});
  const Value shift = rw.select(finite, largest, rw.full_like(largest, 0.0));
  const Value exp = rw.exp(rw.sub(z, rw.unreduce(shift, z.dims(), axes)));
  rw.replace(root, rw.add(rw.log(rw.reduce_sum(exp, axes)), shift));
  return true;
}

PatternSet softmax_patterns() {
  PatternSet set;
  add_softmax_patterns(set);
  return set;
}

}  // namespace

void add_softmax_patterns(PatternSet& set) {
  set.add("recognize-softmax", OpKind::kDiv, recognize_softmax, "softmax");
  set.add("recognize-log-of-softmax", OpKind::kLog, recognize_log_of_softmax, "log_softmax");
  set.add("recognize-log-softmax", OpKind::kSub, recognize_log_softmax, "log_softmax");
  set.add("recognize-logsumexp", OpKind::kLog, recognize_logsumexp, "logsumexp");
}

Expected<bool> run_recognize_softmax(ir::Function& function, PassContext& context) {
  static const PatternSet set = softmax_patterns();
  return apply_patterns(function, set, context.rewrites, context.fusion_log);
}

}  // namespace dlc::passes
