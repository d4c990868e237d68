#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec constant_spec() {
  return {.name = "constant",
          .category = "sources",
          .doc = "These numbers.",
          .attrs = {required_attr("value", Array(), "the elements")},
          .expand = [](ExpandContext& c) { return std::vector{c.b.constant(c.attr<Array>("value"))}; }};
}

namespace {

Tensor make_constant(const Graph& graph, const TensorArg& value, std::optional<DType> dtype, std::string_view name) {
  if (const Tensor* t = value.tensor()) {
    if (dtype && *dtype != t->dtype())
      throw Exception(
          make_error(ErrorCode::kInvalidType, "constant: {} is no {}; cast it", t->str(), *dtype).at(value.where()));
    return *t;
  }
  Array array;
  if (const Literal* literal = value.literal()) {
    Expected<Array> converted = literal->to_array(dtype.value_or(literal->natural_dtype()));
    if (!converted) throw Exception(std::move(converted).error().at(value.where()));
    array = std::move(converted).value();
  } else if (value.array()) {
    // A copy: a node never changes.
    array = dtype && *dtype != value.array()->dtype() ? value.array()->cast(*dtype) : value.array()->clone();
  } else {
    throw Exception(make_error(ErrorCode::kInvalidArgument, "constant: there is no value").at(value.where()));
  }
  return make_node(graph, "constant", {}, {{"value", std::move(array)}}, name, value.where()).output();
}

}  // namespace

Tensor constant(const TensorArg& value, std::string_view name) {
  return make_constant(default_graph(), value, {}, name);
}
Tensor constant(const TensorArg& value, DType dtype, std::string_view name) {
  return make_constant(default_graph(), value, dtype, name);
}
Tensor constant(const Graph& graph, const TensorArg& value, std::string_view name) {
  return make_constant(graph, value, {}, name);
}
Tensor constant(const Graph& graph, const TensorArg& value, DType dtype, std::string_view name) {
  return make_constant(graph, value, dtype, name);
}

}  // namespace dlc
