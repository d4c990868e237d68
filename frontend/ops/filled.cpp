#include "frontend/ops/filled.h"

namespace dlc {

OpSpec filled_spec(const char* name, const char* doc, OpSpec::Expand expand, std::vector<AttrSpec> others) {
  std::vector<AttrSpec> attrs = std::move(others);
  attrs.insert(attrs.begin(), required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders"));
  attrs.push_back(default_attr("dtype", kFloat32, "element type"));
  return {.name = name, .category = "sources", .doc = doc, .attrs = std::move(attrs), .expand = expand};
}

std::vector<ir::Value> expand_filled(ExpandContext& c, double value) {
  return {c.b.full({c.dtype_attr("dtype"), c.dims_attr("dims")}, value)};
}

}  // namespace dlc
