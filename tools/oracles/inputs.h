// Made-up inputs for a function: sizes for its symbols and arrays for its parameters. A parameter's
// numbers depend on the seed, the trial and its name, so that they stay when others go.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/function.h"
#include "support/array.h"

namespace dlc::oracles {

/// How many kinds of inputs there are. Trial 0 and 1: ordinary numbers. 2: so large that exp
/// overflows. 3: with zeros of both signs, infinities and NaN among them.
constexpr int kTrials = 4;

/// Sizes for the symbols that `given` leaves open: small, different if the requirements let them be;
/// nullopt when none were found that fulfil them.
std::optional<ir::SymbolBinding> pick_sizes(const ir::Function& f, const ir::SymbolBinding& given, uint64_t seed,
                                            int trial);

/// A value for each parameter. `special`: infinities and NaN are welcome in trial 3.
std::vector<Array> random_inputs(const ir::Function& f, const ir::SymbolBinding& sizes, uint64_t seed, int trial,
                                 bool special);

}  // namespace dlc::oracles
