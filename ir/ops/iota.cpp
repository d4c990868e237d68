#include "ir/op_def.h"
#include "support/check.h"
#include "support/convert.h"

namespace dlc::ir {
namespace {

// iota_c1: `dtype` is a number type. iota_c2: 0 <= axis < rank.
Expected<std::vector<TensorType>> infer_iota(const InferContext& c) {
  const DType dtype = c.attr<DType>("dtype");
  const Dims& dims = c.attr<Dims>("dims");
  if (!is_number(dtype)) return c.error("iota_c1", "'dtype' needs a number type, got {}", dtype);
  DLC_RETURN_IF_ERROR(c.axis_in_range("iota_c2", "axis", static_cast<int64_t>(dims.size())));
  return std::vector{TensorType{dtype, dims}};
}

std::vector<Array> reference_iota(const ReferenceContext& c) {
  Array out = c.make_result();
  const auto axis = static_cast<size_t>(c.op.int_attr("axis"));
  const int64_t stride = row_major_strides(out.shape())[axis], extent = out.shape()[axis];
  dispatch(out.dtype(), [&]<typename T>() {
    const auto to = out.data<T>();
    for (size_t i = 0; i < to.size(); ++i) to[i] = convert_element<T>(static_cast<int64_t>(i) / stride % extent);
  });
  return {out};
}

}  // namespace

OpDef iota_op() {
  return {
      .doc = "Each element is its index along `axis`; integers wrap, floats round.",
      .attrs = {{"dims", Dims{Dim(1)}, false, "the result's dimensions, rank >= 1"},
                {"dtype", kInt64, false, "the result's element type, not bool"},
                {"axis", int64_t{0}, false, "the axis that is counted along"}},
      .fusion = FusionKind::kConstant,
      .infer = infer_iota,  // iota_c1, iota_c2
      .no_gradient = "iota has no operands",
      .reference = reference_iota,
  };
}

}  // namespace dlc::ir
