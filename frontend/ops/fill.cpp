// zeros ones fill: one value everywhere.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

namespace {

ir::TensorType type_of(const ExpandContext& c) { return {c.dtype_attr("dtype"), c.dims_attr("dims")}; }

std::vector<AttrSpec> type_attrs() {
  return {required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders"),
          default_attr("dtype", kFloat32, "element type")};
}

}  // namespace

OpSpec zeros_spec() {
  return {.name = "zeros",
          .category = "sources",
          .doc = "0 (false) everywhere.",
          .attrs = type_attrs(),
          .expand = [](ExpandContext& c) { return std::vector{c.b.full(type_of(c), 0)}; }};
}

OpSpec ones_spec() {
  return {.name = "ones",
          .category = "sources",
          .doc = "1 (true) everywhere.",
          .attrs = type_attrs(),
          .expand = [](ExpandContext& c) { return std::vector{c.b.full(type_of(c), 1)}; }};
}

OpSpec fill_spec() {
  std::vector<AttrSpec> attrs = type_attrs();
  attrs.insert(attrs.begin() + 1, required_attr("value", 0.0, "of every element"));
  return {.name = "fill",
          .category = "sources",
          .doc = "The same value everywhere.",
          .attrs = std::move(attrs),
          .expand = [](ExpandContext& c) { return std::vector{c.b.full(type_of(c), c.float_attr("value"))}; }};
}

namespace {

Tensor make(std::string_view op, const DimsArg& dims, ir::AttrMap attrs, std::string_view name,
            std::source_location loc) {
  Graph graph = default_graph();
  Expected<ir::Dims> resolved = dims.resolve(graph);
  if (!resolved) throw Exception(std::move(resolved).error().at(loc));
  attrs["dims"] = std::move(resolved).value();
  return apply_at(loc, op, std::move(attrs), name);
}

}  // namespace

Tensor zeros(const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return make("zeros", dims, {{"dtype", dtype}}, name, loc);
}
Tensor ones(const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return make("ones", dims, {{"dtype", dtype}}, name, loc);
}
Tensor fill(const DimsArg& dims, double value, DType dtype, std::string_view name, std::source_location loc) {
  return make("fill", dims, {{"value", value}, {"dtype", dtype}}, name, loc);
}

}  // namespace dlc
