#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

/// One -1 replaced by what makes the number of elements right.
ir::Dims work_out(ExpandContext& c, const ir::TensorType& x, ir::Dims dims) {
  int unknown = -1;
  ir::Dim known(1);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i].is(-1)) {
      if (unknown >= 0) c.fail(ErrorCode::kInvalidShape, "'dims' {} has more than one -1", ir::dims_str(dims));
      unknown = static_cast<int>(i);
    } else {
      known = known * dims[i];
    }
  }
  if (unknown < 0) return dims;
  const ir::Dim total = x.num_elements();
  ir::Dim& missing = dims[static_cast<size_t>(unknown)];
  if (known.is(0)) c.fail(ErrorCode::kInvalidShape, "-1 among dims of 0 elements could be anything");
  if (const auto exact = total.divide_exactly(known)) {
    missing = *exact;
  } else if (total.is_constant() && known.is_constant()) {
    c.fail(ErrorCode::kInvalidShape, "the {} elements of {} do not make rows of {}", total, x, known);
  } else {
    missing = ir::Dim::floor_div(total, known);  // the reshape requires that it divides
  }
  return dims;
}

std::vector<Value> expand_reshape(ExpandContext& c) {
  const Value x = c.operand(0);
  if (c.has_operand(1) == c.has_attr("dims"))
    c.fail(ErrorCode::kInvalidArgument, "needs either the attribute 'dims' or the operand 'shape'");
  ir::Dims dims;
  if (c.has_operand(1)) {
    c.need_index(1);
    const std::optional<ir::Dims> known = known_dims(c.operand(1));
    if (!known || c.operand(1).rank() != 1)
      c.fail(
          ErrorCode::kUnimplemented,
          "'shape' {} must be made of shape(), constants and sums or products of them: sizes that depend on data are "
          "not supported",
          c.operand(1).type());
    dims = *known;
  } else {
    dims = c.dims_attr("dims");
  }
  return {c.b.reshape(x, work_out(c, x.type(), std::move(dims)))};
}

}  // namespace

OpSpec reshape_spec() {
  return {.name = "reshape",
          .category = "shapes",
          .doc = "The same elements in row-major order under other dimensions; one -1 is worked out.",
          .operands = {{"x", "any type"},
                       {.name = "shape", .doc = "i32 or i64, made of shape()s", .optional = true, .dtype_group = -1}},
          .attrs = {optional_attr("dims", ir::Dims{}, "sizes, symbols, one -1")},
          .expand = expand_reshape};
}

Tensor reshape(const TensorArg& x, const DimsArg& dims, std::string_view name) {
  Expected<ir::Dims> resolved = dims.resolve_with_minus_one();
  if (!resolved) throw Exception(std::move(resolved).error().at(x.where()));
  return apply("reshape", {x}, {{"dims", std::move(resolved).value()}}, name);
}

Tensor reshape(const TensorArg& x, const Tensor& dims, std::string_view name) {
  return apply("reshape", {x, TensorArg(dims, x.source_location())}, {}, name);
}

}  // namespace dlc
