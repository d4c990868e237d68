// gather: slices of a tensor picked by index, as numpy.take.
#include <algorithm>
#include <cstring>

#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_gather(const InferContext& c) {
  const TensorType &x = c.operand(0), &indices = c.operand(1);
  DLC_RETURN_IF_ERROR(c.axis_in_range("gather_c1", "axis", x.rank()));
  Dims dims = x.dims;
  const auto at = dims.erase(dims.begin() + c.int_attr("axis"));
  dims.insert(at, indices.dims.begin(), indices.dims.end());
  return std::vector{x.with(std::move(dims))};
}

/// VJP: dy added up where its slices came from.
Gradients grad_gather(GradContext& g) {
  const Value x = g.operand(0);
  return {g.b.op(OpKind::kScatter, {g.b.full_like(x, 0), g.operand(1), g.result_grad()},
                 {{"axis", g.op().int_attr("axis")}, {"kind", std::string("add")}}),
          Value()};
}

std::vector<Array> reference_gather(const ReferenceContext& c) {
  const Array &x = c.operands[0], &indices = c.operands[1];
  const AxisSplit s = split_at(x.shape(), c.op.int_attr("axis"));
  Array y = c.make_result();
  const size_t bytes = static_cast<size_t>(s.inner) * size_of(x.dtype());
  const int64_t count = indices.num_elements();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = index_at(indices, i);
    if ((index < 0 || index >= s.extent) && s.outer * s.inner > 0) c.report(i, index);
    const int64_t k = std::clamp<int64_t>(index, 0, std::max<int64_t>(s.extent - 1, 0));
    for (int64_t o = 0; o < s.outer; ++o) {
      std::byte* to = y.bytes() + static_cast<size_t>(o * count + i) * bytes;
      if (s.extent == 0)
        std::memset(to, 0, bytes);
      else
        std::memcpy(to, x.bytes() + static_cast<size_t>(o * s.extent + k) * bytes, bytes);
    }
  }
  return {y};
}

}  // namespace

OpDef gather_op() {
  return {
      .doc =
          "The slices of `x` along `axis` that `indices` names; the result has the dimensions of indices "
          "in the place of that axis. An index outside [0, dim) is a fault (element: its position in "
          "indices) and is clamped; of an empty axis the result is 0. Negative indices do not wrap. The "
          "index of a slice without elements is not looked at.",
      .operands = {{"x", TypeClass::kAny, "rank >= 1"}, {"indices", TypeClass::kIndex, "any shape"}},
      .attrs = {{"axis", int64_t{0}, true, "0 <= axis < rank of x"}},
      .fusion = FusionKind::kInjective,
      .can_fail = true,
      .infer = infer_gather,  // gather_c1: axis in range
      .gradient = grad_gather,
      .differentiable = {true, false},
      .reference = reference_gather,
  };
}

}  // namespace dlc::ir
