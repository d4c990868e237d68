// Whether a pass kept a function's meaning: both forms are run by the interpreter on seeded random
// inputs, ordinary, large and special ones.
#pragma once

#include <cstdint>
#include <string>

#include "ir/function.h"
#include "passes/pass.h"

namespace dlc::tools {

struct EquivalenceOptions {
  uint64_t seed = 1;
  int trials = 4;
  /// Sizes of symbols; others get small random ones that fulfil the function's requirements.
  ir::SymbolBinding dims;
};

enum class Verdict {
  kEqual,
  kDiffers,
  kNotChecked,  ///< the function before cannot be interpreted (gradients are not expanded yet)
};
struct Equivalence {
  Verdict verdict = Verdict::kEqual;
  std::string reason;
};

/// exact: same bits (any NaN is any NaN). rounding: held to an f64 run of `before`, by the rule of
/// SEMANTICS, oracle 3; where `before` has a NaN or an infinity, `after` may have a number, never
/// the other way round.
Equivalence check_equivalent(const ir::Function& before, const ir::Function& after, passes::Exactness exactness,
                             const EquivalenceOptions& options);

}  // namespace dlc::tools
