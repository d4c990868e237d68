#include "frontend/ops/initializers.h"

#include "frontend/graph/make_node.h"

namespace dlc {

Tensor Initializer::operator()(const Graph& graph, const DimsArg& dims, DType dtype, std::string_view name,
                               std::source_location loc) const {
  Expected<Shape> shape = dims.resolve_static(op_.empty() ? "initial value" : op_);
  if (!shape) throw Exception(std::move(shape).error().at(loc));
  if (value_) {
    if (value_->shape() != *shape)
      throw Exception(make_error(ErrorCode::kInvalidShape, "the initial value is {}, the variable {}",
                                 value_->type_str(), type_str(dtype, *shape))
                          .at(loc));
    return apply_at(graph, loc, "constant",
                    {{"value", value_->dtype() == dtype ? value_->clone() : value_->cast(dtype)}}, name);
  }
  ir::AttrMap attrs = attrs_;
  attrs["dims"] = ir::Dims(shape->begin(), shape->end());
  attrs["dtype"] = dtype;
  return apply_at(graph, loc, op_, std::move(attrs), name);
}

Tensor Initializer::operator()(const DimsArg& dims, DType dtype, std::string_view name,
                               std::source_location loc) const {
  return (*this)(default_graph(), dims, dtype, name, loc);
}

Initializer zeros_initializer() { return {"zeros", {}}; }
Initializer ones_initializer() { return {"ones", {}}; }
Initializer constant_initializer(double value) { return {"fill", {{"value", value}}}; }
Initializer xavier_initializer(Seed seed, bool uniform_form) {
  return uniform_form ? glorot_uniform(seed) : glorot_normal(seed);
}

}  // namespace dlc
