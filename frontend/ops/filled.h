// What zeros, ones and fill share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

/// The attributes `dims` and `dtype`; `others` stand between them.
OpSpec filled_spec(const char* name, const char* doc, OpSpec::Expand expand, std::vector<AttrSpec> others = {});

/// `value` everywhere in the type that `dims` and `dtype` say.
std::vector<ir::Value> expand_filled(ExpandContext& c, double value);

}  // namespace dlc
