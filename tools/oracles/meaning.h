// What a function means on given inputs, and whether results of compiled code are that: oracle 3 of
// SEMANTICS. The meaning is the interpreter's; the truth is the interpreter's in f64; how far rounding
// may carry a result is found by running the function with its roundings perturbed (perturb.h).
//
//   DLC_ASSIGN_OR_RETURN(Meaning meaning, Meaning::of(function, inputs, seed));
//   const std::string wrong = meaning.difference(results, tally);
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/function.h"
#include "support/array.h"
#include "support/expected.h"
#include "tools/oracles/perturb.h"

namespace dlc::oracles {

/// Elements that were compared, and those that no tolerance fits: rounding decides about them.
struct Tally {
  int64_t compared = 0, dropped = 0;
};

class Meaning {
 public:
  /// Gradients are expanded first. An Error when the function is wrong, not when its run faults.
  static Expected<Meaning> of(const ir::Function& function, std::span<const Array> inputs, uint64_t seed);

  /// A run faults, by the interpreter.
  const std::optional<Error>& fault() const { return fault_; }
  /// "" when results are as near to the truth as rounding lets them be, else what differs first. Before it says
  /// so it looks closer, with more perturbed runs: of a hundred thousand elements there is one whose perturbations
  /// undo each other in all of the few.
  std::string difference(std::span<const Array> results, Tally& tally);

 private:
  std::string compare_all(std::span<const Array> results, Tally& tally) const;
  Expected<void> perturb(Towards to);

  std::unique_ptr<ir::Function> function_;  ///< without gradients and pins
  std::vector<Array> inputs_;
  uint64_t next_run_ = 0;  ///< the seed of the next perturbed run
  bool looked_closer_ = false;
  std::optional<Error> fault_;
  std::vector<Array> reference_, truth_;
  std::vector<std::vector<Array>> perturbed_;
};

/// A copy with gradients expanded and pins gone, by the passes autodiff and drop-pins alone. An Error for
/// a gradient of what is neither a pin (as lowering makes them) nor a parameter: its meaning hangs on passes.
Expected<std::unique_ptr<ir::Function>> differentiated(const ir::Function& function);

/// "" when both are the same bits (any NaN equals any other), else what differs first.
std::string bit_difference(std::span<const Array> a, std::span<const Array> b);

}  // namespace dlc::oracles
