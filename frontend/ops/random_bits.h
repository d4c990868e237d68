// Random numbers out of random bits, in arithmetic that no machine and no pass rounds differently.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/ops/initializers.h"

namespace dlc {

/// Seeds, which every random operator has.
std::vector<AttrSpec> with_seed_attrs(std::vector<AttrSpec> attrs);
/// The attributes with the seed, if one is given.
ir::AttrMap with_seed(ir::AttrMap attrs, Seed seed);
/// The type that the attributes `dims` and `dtype` say; fails unless it is f32 or f64.
ir::TensorType random_type(const ExpandContext& c);

/// The state that initialisers draw with: not the session's, so that they do not depend on it.
ir::Value initializer_rng_state(ExpandContext& c);

/// Uniform on [0, 1): multiples of 2^-24 (f32) or 2^-53 (f64).
ir::Value unit_uniform(ExpandContext& c, const ir::TensorType& type, ir::Value state);
/// Uniform on (-1, 1), symmetric, never 0: odd multiples of 2^-23 (f32) or 2^-52 (f64).
ir::Value signed_uniform(ExpandContext& c, const ir::TensorType& type, ir::Value state);
/// Uniform on [minval, maxval). Throws unless minval <= maxval.
ir::Value uniform(ExpandContext& c, const ir::TensorType& type, ir::Value state, double minval, double maxval);
/// mean + stddev * N(0, 1), by inversion of the distribution function. `truncated`: cut off at two
/// standard deviations. Throws unless stddev >= 0.
ir::Value normal(ExpandContext& c, const ir::TensorType& type, ir::Value state, double mean, double stddev,
                 bool truncated);

}  // namespace dlc
