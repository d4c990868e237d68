#include "frontend/ops/matmul.h"

#include <numeric>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"

namespace dlc {

using ir::Value;

namespace {

ir::Dims batch_dims(Value v) { return {v.dims().begin(), v.dims().end() - 2}; }

Value with_batch(ExpandContext& c, Value v, ir::Dims batch) {
  batch.insert(batch.end(), v.dims().end() - 2, v.dims().end());
  return c.b.broadcast_to(v, batch);
}

std::vector<Value> expand_matmul(ExpandContext& c) {
  c.need_number(0);
  c.need_same_dtype(0, 1);
  Value a = c.operand(0), b = c.operand(1);
  if (a.rank() < 2 || b.rank() < 2)
    c.fail(ErrorCode::kInvalidShape, "needs matrices, rank >= 2, got {} and {}; expand_dims makes a vector one",
           a.type(), b.type());
  const bool ta = c.bool_attr("transpose_a"), tb = c.bool_attr("transpose_b");
  // Axes of the matrices, from the end: what is contracted.
  const int64_t ka = a.rank() - (ta ? 2 : 1), kb = b.rank() - (tb ? 1 : 2);
  c.require(a.type().dim(ka), b.type().dim(kb),
            fmt::format("inner dimensions of {}{} and {}{}", a.type(), ta ? " transposed" : "", b.type(),
                        tb ? " transposed" : ""));
  const int64_t inner_from_end_a = a.rank() - ka, inner_from_end_b = b.rank() - kb;
  // A matrix b serves every matrix of a: their rows are rows of one product.
  if (b.rank() == 2 && !(ta && a.rank() > 2)) return {c.b.dot_general(a, b, {}, {}, {ka}, {kb})};
  const ir::Dims batch = value_or_throw(c.b.broadcast_dims(batch_dims(a), batch_dims(b)));
  a = with_batch(c, a, batch);
  b = with_batch(c, b, batch);
  ir::Ints axes(batch.size());
  std::iota(axes.begin(), axes.end(), 0);
  return {c.b.dot_general(a, b, axes, axes, {a.rank() - inner_from_end_a}, {b.rank() - inner_from_end_b})};
}

}  // namespace

OpSpec matmul_spec() {
  return {.name = "matmul",
          .category = "linear algebra",
          .doc = "a[..., m, k] times b[..., k, n]: [..., m, n]; the dimensions in front broadcast.",
          .operands = {{"a", "numbers, rank >= 2"}, {"b", "of the type of a, rank >= 2"}},
          .attrs = {default_attr("transpose_a", false, "a is [..., k, m]"),
                    default_attr("transpose_b", false, "b is [..., n, k]")},
          .expand = expand_matmul};
}

Tensor matmul(const TensorArg& a, const TensorArg& b, const MatmulOptions& options) {
  return apply("matmul", {a, b}, {{"transpose_a", options.transpose_a}, {"transpose_b", options.transpose_b}},
               options.name);
}

}  // namespace dlc
