// What argmax and argmin share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/reductions.h"

namespace dlc {

OpSpec arg_extreme_spec(const char* name, const char* doc, OpSpec::Expand expand);
/// kind: "max" "min".
std::vector<ir::Value> expand_arg_extreme(ExpandContext& c, const char* kind);

}  // namespace dlc
