// What assign, assign_add and assign_sub share. They have no gradient (SEMANTICS.md).
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec assignment_spec(std::string name, std::string doc, bool write_only, OpSpec::Expand expand);

/// The node `op` with its place where `value` was written.
Tensor make_assignment(std::string_view op, const Tensor& ref, const TensorArg& value, std::string_view name);

/// Operand 1 stretched to the type of the variable, where NumPy's rule allows it without changing that.
ir::Value stretched_to_variable(ExpandContext& c, const ir::TensorType& variable);

/// v, constant for gradients.
std::vector<ir::Value> without_gradient(ExpandContext& c, ir::Value v);

}  // namespace dlc
