#include "frontend/ops/filled_like.h"

namespace dlc {

using ir::Value;

OpSpec filled_like_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "sources",
          .doc = doc,
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("dtype", kFloat32, "absent: that of x")},
          .expand = expand};
}

std::vector<Value> expand_filled_like(ExpandContext& c, double value) {
  const Value x = c.operand(0);
  return {c.b.full(x.type().with(c.has_attr("dtype") ? c.dtype_attr("dtype") : x.dtype()), value)};
}

Tensor make_filled_like(std::string_view op, const TensorArg& x, std::optional<DType> dtype, std::string_view name) {
  ir::AttrMap attrs;
  if (dtype) attrs["dtype"] = *dtype;
  return apply(op, {x}, std::move(attrs), name);
}

}  // namespace dlc
