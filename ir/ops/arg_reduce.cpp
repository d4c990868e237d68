// arg_reduce: where along an axis the largest or smallest element is.
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_arg_reduce(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const std::string& kind = c.attr<std::string>("kind");
  const DType dtype = c.attr<DType>("dtype");
  if (kind != "max" && kind != "min") return c.error("arg_reduce_c1", "'kind' is \"{}\", needs max or min", kind);
  DLC_RETURN_IF_ERROR(c.axis_in_range("arg_reduce_c2", "axis", x.rank()));
  if (!admits(TypeClass::kIndex, dtype)) return c.error("arg_reduce_c3", "'dtype' is {}, needs i32 or i64", dtype);
  if (x.dim(c.int_attr("axis")).is(0))
    return c.error("arg_reduce_c4", "axis {} of {} is empty: there is no largest or smallest element",
                   c.int_attr("axis"), x);
  Dims dims = x.dims;
  dims.erase(dims.begin() + c.int_attr("axis"));
  return std::vector{TensorType{dtype, std::move(dims)}};
}

std::vector<Array> reference_arg_reduce(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  const bool max = c.op.str_attr("kind") == "max";
  const AxisSplit s = split_at(x.shape(), c.op.int_attr("axis"));
  Array y = c.make_result();
  dispatch(x.dtype(), [&]<typename T>() {
    const std::span<const T> from = x.data<T>();
    for (int64_t o = 0; o < s.outer; ++o)
      for (int64_t i = 0; i < s.inner; ++i) {
        const auto at = [&](int64_t k) { return from[static_cast<size_t>((o * s.extent + k) * s.inner + i)]; };
        int64_t best = 0;
        // Once the best is NaN nothing beats it; before, a NaN beats everything.
        for (int64_t k = 1; k < s.extent && at(best) == at(best); ++k)
          if (at(k) != at(k) || (max ? at(k) > at(best) : at(k) < at(best))) best = k;
        y.set_from_double(o * s.inner + i, static_cast<double>(best));
      }
  });
  return {y};
}

}  // namespace

OpDef arg_reduce_op() {
  return {
      .doc =
          "The index along `axis`, which the result has not, of the largest or smallest element: the "
          "first of equal ones; the first NaN if there is one. 0 along an axis that turns out empty.",
      .operands = {{"x", TypeClass::kAny, "rank >= 1; false < true"}},
      .attrs = {{"kind", std::string(), false, "\"max\" \"min\""},
                {"axis", int64_t{0}, false, "0 <= axis < rank"},
                {"dtype", kInt64, true, "i32 or i64"}},
      .fusion = FusionKind::kReduction,
      // arg_reduce_c1: a known kind; arg_reduce_c2: axis in range; arg_reduce_c3: an index type;
      // arg_reduce_c4: an axis that is not empty
      .infer = infer_arg_reduce,
      .no_gradient = "an index is piecewise constant in the elements",
      .reference = reference_arg_reduce,
  };
}

}  // namespace dlc::ir
