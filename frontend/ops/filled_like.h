// What zeros_like and ones_like share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

OpSpec filled_like_spec(const char* name, const char* doc, OpSpec::Expand expand);
/// `value` everywhere, with the dimensions of operand 0.
std::vector<ir::Value> expand_filled_like(ExpandContext& c, double value);
Tensor make_filled_like(std::string_view op, const TensorArg& x, std::optional<DType> dtype, std::string_view name);

}  // namespace dlc
