#include "ir/ops/softmax_rows.h"

namespace dlc::ir {

SoftmaxRows softmax_rows(Builder& b, Value x, int64_t axis) {
  // The clamp turns only an infinite maximum into a number: -inf of a row that is all -inf, or empty; inf, for which
  // exp(x - m) then is as exp(x) would be.
  const Value top = b.reduce("max", x, {axis});
  const double largest = x.dtype() == kFloat32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
  const Value shift = b.min(b.max(top, b.full_like(top, -largest)), b.full_like(top, largest));
  const Value shifted = b.sub(x, b.unreduce(shift, x.dims(), {axis}));
  const Value exps = b.exp(shifted);
  // The largest term is exp(0) = 1 or inf, so the sum is below 1 only for rows that are all -inf.
  const Value total = b.reduce_sum(exps, {axis});
  return {shifted, exps, b.max(total, b.full_like(total, 1.0))};
}

Expected<std::vector<TensorType>> infer_softmax(const InferContext& c) {
  DLC_RETURN_IF_ERROR(c.axis_in_range((c.op_name() + "_c1").c_str(), "axis", c.operand(0).rank()));
  return std::vector{c.operand(0)};
}

}  // namespace dlc::ir
