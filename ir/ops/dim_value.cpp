#include "ir/op_def.h"

namespace dlc::ir {
namespace {

// dim_value_c1: `dim` holds exactly one dimension.
Expected<std::vector<TensorType>> infer_dim_value(const InferContext& c) {
  const Dims& dim = c.attr<Dims>("dim");
  if (dim.size() != 1) return c.error("dim_value_c1", "'dim' needs exactly one dimension, got {}", dims_str(dim));
  return std::vector{TensorType::scalar(kInt64)};
}

std::vector<Array> reference_dim_value(const ReferenceContext& c) {
  return {Array::scalar<int64_t>(c.shape_attr("dim")[0])};
}

}  // namespace

OpDef dim_value_op() {
  return {
      .doc = "The size `dim`, known when the program runs, as an i64 scalar.",
      .attrs = {{"dim", Dims{Dim(1)}, false, "one dimension: a number or an expression over symbols"}},
      .fusion = FusionKind::kConstant,
      .infer = infer_dim_value,  // dim_value_c1
      .no_gradient = "dim_value has no operands",
      .reference = reference_dim_value,
  };
}

}  // namespace dlc::ir
