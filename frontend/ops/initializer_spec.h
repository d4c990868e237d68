// What the operators of initialisers share.
#pragma once

#include "frontend/ops/initializers.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

struct Initializer::Recipe {
  /// The user operator that makes the value; it takes `dims` and `dtype`, and these attributes.
  std::string op;
  ir::AttrMap attrs = {};
  /// Or, for an empty `op`, the value.
  Array value = {};
};

/// The attributes `dims`, `dtype`, `attrs` and the seeds.
OpSpec initializer_spec(std::string name, std::string doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand);

/// Draws of variance `scale` divided by the fan that `mode` says, uniform or truncated normal.
enum class FanMode : uint8_t { kAverage, kIn };
std::vector<ir::Value> expand_scaled(ExpandContext& c, double scale, FanMode mode, bool uniform_form);

}  // namespace dlc
