// dce: ops that nobody reads and that have no effect go.
#include "ir/rewriter.h"
#include "passes/simplify/families.h"

namespace dlc::passes {

Expected<bool> run_dce(ir::Function& function, PassContext&) { return ir::remove_dead_ops(function); }

}  // namespace dlc::passes
