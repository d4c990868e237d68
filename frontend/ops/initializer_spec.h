// What the operators of initialisers share.
#pragma once

#include "frontend/ops/initializers.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

/// The attributes `dims`, `dtype`, `attrs` and the seeds.
OpSpec initializer_spec(std::string name, std::string doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand);

/// Draws of variance `scale` divided by the fan that `mode` says, uniform or truncated normal.
enum class FanMode : uint8_t { kAverage, kIn };
std::vector<ir::Value> expand_scaled(ExpandContext& c, double scale, FanMode mode, bool uniform_form);

}  // namespace dlc
