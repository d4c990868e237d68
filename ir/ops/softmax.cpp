#include "ir/ops/softmax.h"

#include "ir/op_def.h"

namespace dlc::ir {

SoftmaxRows softmax_rows(Builder& b, Value x, int64_t axis) {
  // The clamp turns only a maximum of -inf (a row that is all -inf, or empty) into a number.
  const Value top = b.reduce("max", x, {axis});
  const double lowest =
      x.dtype() == kFloat32 ? std::numeric_limits<float>::lowest() : std::numeric_limits<double>::lowest();
  const Value shift = b.max(top, b.full_like(top, lowest));
  const Value shifted = b.sub(x, b.unreduce(shift, x.dims(), {axis}));
  const Value exps = b.exp(shifted);
  // The largest term is exp(0) = 1, so the sum is below 1 only for those same rows.
  const Value total = b.reduce_sum(exps, {axis});
  return {shifted, exps, b.max(total, b.full_like(total, 1.0))};
}

Expected<std::vector<TensorType>> infer_softmax(const InferContext& c) {
  DLC_RETURN_IF_ERROR(c.axis_in_range((c.op_name() + "_c1").c_str(), "axis", c.operand(0).rank()));
  return std::vector{c.operand(0)};
}

namespace {

/// dx = (dy - sum(dy * y, axis)) * y.
Gradients gradient(GradContext& g) {
  const Value y = g.result(), dy = g.result_grad();
  const Ints axis = {g.op().int_attr("axis")};
  const Value mean = g.b.unreduce(g.b.reduce_sum(g.b.mul(dy, y), axis), y.dims(), axis);
  return {g.b.mul(g.b.sub(dy, mean), y)};
}

std::vector<Value> decompose(Builder& b, Op& op) {
  const int64_t axis = op.int_attr("axis");
  const SoftmaxRows rows = softmax_rows(b, op.operand(0), axis);
  return {b.div(rows.exps, b.unreduce(rows.total, op.type().dims, {axis}))};
}

}  // namespace

OpDef softmax_op() {
  return {
      .doc =
          "exp(x - max(x)) / sum(exp(x - max(x))) along `axis`: rows sum to 1. A row that is all -inf gives zeros; a\n"
          "row with a NaN or +inf gives NaN.",
      .operands = {{"x", TypeClass::kFloating, "logits, rank >= 1"}},
      .attrs = {{"axis", int64_t{0}, false, "the axis of a row"}},
      .fusion = FusionKind::kReduction,
      .infer = infer_softmax,  // softmax_c1
      .gradient = gradient,
      .decompose = decompose,
  };
}

}  // namespace dlc::ir
