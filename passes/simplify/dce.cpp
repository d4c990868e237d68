// dce: ops that nobody reads and that have no effect go.
#include "ir/rewriter.h"
#include "passes/simplify/families.h"

namespace dlc::passes {

Expected<bool> run_dce(ir::Function& function, PassContext& context) {
  // Removing what nobody reads is one rewrite, all of it.
  if (!context.rewrites.may_rewrite() || function.num_ops() == 0) return false;
  context.rewrites.consider(*function.ops().back());
  const bool changed = ir::remove_dead_ops(function);
  if (changed) context.rewrites.count("remove-dead");
  return changed;
}

}  // namespace dlc::passes
