#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_eye(ExpandContext& c) {
  const int64_t rows = c.int_attr("num_rows"), columns = c.has_attr("num_columns") ? c.int_attr("num_columns") : rows;
  if (rows < 0 || columns < 0) c.fail(ErrorCode::kInvalidArgument, "{} rows of {}: needs numbers >= 0", rows, columns);
  const ir::Dims dims{rows, columns};
  const Value diagonal = c.b.compare("eq", c.iota(dims, kInt64, 0), c.iota(dims, kInt64, 1));
  return {c.b.convert(diagonal, c.dtype_attr("dtype"))};
}

}  // namespace

OpSpec eye_spec() {
  return {.name = "eye",
          .category = "sources",
          .doc = "1 on the diagonal of a matrix, 0 elsewhere.",
          .attrs = {required_attr("num_rows", int64_t{0}, ">= 0"),
                    optional_attr("num_columns", int64_t{0}, "absent: num_rows"),
                    default_attr("dtype", kFloat32, "of the result")},
          .expand = expand_eye};
}

Tensor eye(const Graph& graph, int64_t num_rows, std::optional<int64_t> num_columns, DType dtype, std::string_view name,
           std::source_location loc) {
  ir::AttrMap attrs{{"num_rows", num_rows}, {"dtype", dtype}};
  if (num_columns) attrs["num_columns"] = *num_columns;
  return apply_at(graph, loc, "eye", std::move(attrs), name);
}

Tensor eye(int64_t num_rows, std::optional<int64_t> num_columns, DType dtype, std::string_view name,
           std::source_location loc) {
  return eye(default_graph(), num_rows, num_columns, dtype, name, loc);
}

}  // namespace dlc
