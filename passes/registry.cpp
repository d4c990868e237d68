// The catalogue of passes: one row each.
#include "passes/autodiff/autodiff.h"
#include "passes/debug/break_on_purpose.h"
#include "passes/decompose/decompose.h"
#include "passes/fusion/fuse.h"
#include "passes/numerics/check_numerics.h"
#include "passes/pass.h"
#include "passes/recognize/recognize.h"
#include "passes/simplify/families.h"

namespace dlc::passes {

const char* to_string(Exactness e) { return e == Exactness::kExact ? "exact" : "rounding"; }

std::span<const PassInfo> all_passes() {
  using enum Exactness;
  constexpr bool kSettles = true;
  static constexpr PassInfo kPasses[] = {
      {"canonicalize", "Rewrites ops to their simplest equal form.", kExact, run_canonicalize, {}, kSettles},
      {"fold-constants", "Computes ops whose operands are constants.", kExact, run_fold_constants},
      {"cse", "Merges ops that compute the same value.", kExact, run_cse, {}, kSettles},
      {"dce", "Removes ops that nobody reads and that have no effect.", kExact, run_dce, {}, kSettles},
      {"bind-dims", "Gives symbols the sizes that PassOptions::bind_dims holds.", kExact, run_bind_dims},
      {"recognize-softmax", "Makes softmax, log_softmax and a stable logsumexp of what users wrote for them.",
       kRounding, run_recognize_softmax},
      {"recognize-softmax-cross-entropy",
       "Makes the losses of softmax, dense and sparse, of what users wrote for them.", kRounding,
       run_recognize_cross_entropy},
      {"autodiff", "Expands gradients into ordinary ops.", kExact, run_autodiff},
      {"drop-pins", "Removes what only differentiation looks at: pin, override, stop_gradient.", kExact, run_drop_pins,
       ir::Stage::kDifferentiated},
      {"form-fma", "Fuses a product and the sum that alone reads it into one rounding.", kRounding, run_form_fma},
      {"decompose", "Composites become the simpler ops that define them.", kExact, run_decompose},
      {"split-reductions", "A reduction over axes that are no neighbours becomes one per run of neighbours.", kRounding,
       run_split_reductions},
      {"break-on-purpose", "Wrong, and in no pipeline: what the tests of `dlc bisect` and `dlc reduce` find.", kExact,
       run_break_on_purpose},
      {"check-numerics", "Checks the values of the user's nodes for NaN and infinities.", kExact, run_check_numerics},
      {"fuse", "Groups ops into fusion regions, each to become one kernel.", kExact, run_fuse, ir::Stage::kFused},
  };
  return kPasses;
}

const PassInfo* find_pass(std::string_view name) {
  for (const PassInfo& pass : all_passes())
    if (name == pass.name) return &pass;
  return nullptr;
}

}  // namespace dlc::passes
