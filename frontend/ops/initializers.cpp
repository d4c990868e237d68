#include "frontend/ops/initializers.h"

#include "frontend/graph/make_node.h"
#include "frontend/ops/initializer_spec.h"

namespace dlc {

Initializer::Initializer(Recipe recipe) : recipe_(std::make_shared<const Recipe>(std::move(recipe))) {}
Initializer::Initializer(const Array& value) : Initializer(Recipe{.op = "", .value = value}) {}

Tensor Initializer::operator()(const Graph& graph, const DimsArg& dims, DType dtype, std::string_view name,
                               std::source_location loc) const {
  const auto& [op, recipe_attrs, value] = *recipe_;
  Expected<Shape> shape = dims.resolve_static(op.empty() ? "initial value" : op);
  if (!shape) throw Exception(std::move(shape).error().at(loc));
  if (op.empty()) {
    if (value.shape() != *shape)
      throw Exception(make_error(ErrorCode::kInvalidShape, "the initial value is {}, the variable {}", value.type_str(),
                                 type_str(dtype, *shape))
                          .at(loc));
    return apply_at(graph, loc, "constant", {{"value", value.dtype() == dtype ? value.clone() : value.cast(dtype)}},
                    name);
  }
  ir::AttrMap attrs = recipe_attrs;
  attrs["dims"] = ir::Dims(shape->begin(), shape->end());
  attrs["dtype"] = dtype;
  return apply_at(graph, loc, op, std::move(attrs), name);
}

Tensor Initializer::operator()(const DimsArg& dims, DType dtype, std::string_view name,
                               std::source_location loc) const {
  return (*this)(default_graph(), dims, dtype, name, loc);
}

Initializer zeros_initializer() { return Initializer({"zeros", {}}); }
Initializer ones_initializer() { return Initializer({"ones", {}}); }
Initializer constant_initializer(double value) { return Initializer({"fill", {{"value", value}}}); }
Initializer xavier_initializer(Seed seed, bool uniform_form) {
  return uniform_form ? glorot_uniform(seed) : glorot_normal(seed);
}

}  // namespace dlc
