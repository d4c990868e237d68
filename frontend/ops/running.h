// What cumsum and cumprod share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/reductions.h"

namespace dlc {

OpSpec running_spec(const char* name, const char* doc, OpSpec::Expand expand);
/// kind: "sum" "prod".
std::vector<ir::Value> expand_running(ExpandContext& c, const char* kind);

}  // namespace dlc
