#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_add_n(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one operand");
  Value sum = xs[0];
  for (const Value& x : xs.subspan(1)) {
    if (x.dtype() != sum.dtype() || x.rank() != sum.rank())
      c.fail(ErrorCode::kInvalidShape, "operands need one type, got {} and {}", sum.type(), x.type());
    for (int64_t i = 0; i < x.rank(); ++i)
      c.require(sum.type().dim(i), x.type().dim(i), fmt::format("operands {} and {}", sum.type(), x.type()));
    sum = c.b.add(sum, x.dims() == sum.dims() ? x : c.b.reshape(x, sum.dims()));
  }
  return {sum};
}

}  // namespace

OpSpec add_n_spec() {
  return {.name = "add_n",
          .category = "arithmetic",
          .doc = "The sum of all, which have one type.",
          .operands = {{.name = "xs", .doc = "one or more, of one type", .variadic = true}},
          .expand = expand_add_n};
}

Tensor add_n(const std::vector<Tensor>& xs, std::string_view name, std::source_location loc) {
  return apply("add_n", {OperandArg(xs, loc)}, {}, name, loc);
}

}  // namespace dlc
