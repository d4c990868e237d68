#include "frontend/graph/make_node.h"
#include "frontend/ops/box.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_slice(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Dims &begin = c.dims_attr("begin"), &size = c.dims_attr("size");
  if (begin.size() != x.dims().size() || size.size() != x.dims().size())
    c.fail(ErrorCode::kInvalidShape, "'begin' {} and 'size' {} need one entry per axis of {}", ir::dims_str(begin),
           ir::dims_str(size), x.type());
  Box box(x);
  for (size_t i = 0; i < begin.size(); ++i) {
    box.start[i] = begin[i];
    if (!size[i].is(-1)) box.limit[i] = begin[i] + size[i];
  }
  return {take(c, x, std::move(box))};
}

}  // namespace

OpSpec slice_spec() {
  return {
      .name = "slice",
      .category = "shapes",
      .doc = "The box of `size` elements from `begin`; a size of -1 is all that is left.",
      .operands = {{"x", "any type"}},
      .attrs = {required_attr("begin", ir::Dims{}, "one per axis"), required_attr("size", ir::Dims{}, "one per axis")},
      .expand = expand_slice};
}

Tensor slice(const TensorArg& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& size,
             std::string_view name) {
  return apply("slice", {x}, {{"begin", begin}, {"size", size}}, name);
}

}  // namespace dlc
