// How far rounding may carry a result: the function is run again with every rounding replaced by a
// random one a little larger (stochastic arithmetic, after Vignes, "Discrete stochastic arithmetic
// for validating results of numerical software", 2004). What moves is what rounding moves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/function.h"
#include "support/array.h"
#include "support/expected.h"

namespace dlc::oracles {

/// Where roundings go.
enum class Towards : uint8_t { kInfinity, kZero, kAnywhere };

/// interpret() with the results of inexact ops off by random amounts of a few units in the last
/// place, more where many roundings are behind one another; sums and products by as much of the sum of their terms'
/// magnitudes; NaN of either sign. Ops that round nothing (data movement, max, compare, integers) are exact.
Expected<std::vector<Array>> interpret_perturbed(const ir::Function& function, std::span<const Array> params,
                                                 uint64_t seed, Towards to);

}  // namespace dlc::oracles
