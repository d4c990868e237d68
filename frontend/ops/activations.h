// What activations share. Each is written so that its derivative, which differentiation builds from the
// same operators, has no 0 * inf.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

/// An operator of one operand, its expansion and perhaps attributes.
inline OpSpec activation(const char* name, const char* doc, OpSpec::Expand expand, std::vector<AttrSpec> attrs = {}) {
  return {.name = name,
          .category = "activations",
          .doc = doc,
          .operands = {{"x", "any shape, f32 or f64"}},
          .attrs = std::move(attrs),
          .expand = expand};
}

/// Expansions that several operators share; each stands in the file of its operator.
namespace expansions {

ir::Value elu(ir::Builder& b, ir::Value x, double alpha);
ir::Value relu(ir::Builder& b, ir::Value x);
ir::Value sigmoid(ir::Builder& b, ir::Value x);
/// log(1 + e^x) without overflow.
ir::Value softplus(ir::Builder& b, ir::Value x);

}  // namespace expansions

}  // namespace dlc
