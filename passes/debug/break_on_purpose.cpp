#include "passes/debug/break_on_purpose.h"

#include "passes/pattern.h"
#include "passes/pattern_set.h"

namespace dlc::passes {
namespace {

bool swap_difference(ir::Op& root, ir::Rewriter& rw) {
  // A difference that begins with a product is left alone, so that the pattern does not undo itself.
  if (!root.operand(1).is(ir::OpKind::kMul) || root.operand(0).is(ir::OpKind::kMul)) return false;
  rw.replace(root, rw.sub(root.operand(1), root.operand(0)));
  return true;
}

PatternSet breaking_patterns() {
  PatternSet set;
  set.add("swap-difference", ir::OpKind::kSub, swap_difference);
  return set;
}

}  // namespace

Expected<bool> run_break_on_purpose(ir::Function& function, PassContext& context) {
  static const PatternSet set = breaking_patterns();
  return apply_patterns(function, set, context.rewrites);
}

}  // namespace dlc::passes
