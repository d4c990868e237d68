#include <algorithm>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_transpose(ExpandContext& c) {
  const Value x = c.operand(0);
  ir::Ints permutation;
  if (c.has_attr("perm")) {
    for (const int64_t a : c.ints_attr("perm")) permutation.push_back(c.axis("perm", a, x.rank()));
    ir::Ints sorted = permutation;
    std::sort(sorted.begin(), sorted.end());
    const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    if (static_cast<int64_t>(permutation.size()) != x.rank() || twice)
      c.fail(ErrorCode::kInvalidArgument, "'perm' {} is no permutation of the {} axes of {}",
             ir::attr_str(ir::Attr(c.ints_attr("perm"))), x.rank(), x.type());
  } else {
    for (int64_t i = x.rank(); i-- > 0;) permutation.push_back(i);
  }
  return {c.b.transpose(x, std::move(permutation))};
}

}  // namespace

OpSpec transpose_spec() {
  return {.name = "transpose",
          .category = "shapes",
          .doc = "Axis i of the result is axis perm[i] of x.",
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("perm", ir::Ints{}, "absent: the axes in reverse order")},
          .expand = expand_transpose};
}

Tensor transpose(const TensorArg& x, const Axes& perm, std::string_view name) {
  return apply("transpose", {x}, axis_attrs(perm, "perm"), name);
}

}  // namespace dlc
