// canonicalize: the rewrite patterns of this folder, until none fires.
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

PatternSet all_families() {
  PatternSet set;
  add_arithmetic_patterns(set);
  add_logic_patterns(set);
  add_conversion_patterns(set);
  add_shape_patterns(set);
  add_broadcast_patterns(set);
  add_reshape_patterns(set);
  add_slice_patterns(set);
  add_reduction_patterns(set);
  add_contraction_patterns(set);
  return set;
}

}  // namespace

Expected<bool> run_canonicalize(ir::Function& function, PassContext& context) {
  static const PatternSet set = all_families();
  return apply_patterns(function, set, context.rewrites);
}

}  // namespace dlc::passes
