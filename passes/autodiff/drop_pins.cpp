#include <vector>

#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/autodiff/autodiff.h"

namespace dlc::passes {
namespace {

/// What stands for the op in a program without differentiation; empty for other ops.
ir::Value meaning(const ir::Op& op) {
  switch (op.kind()) {
    case ir::OpKind::kPin:
    case ir::OpKind::kStopGradient: return op.operand(0);
    case ir::OpKind::kOverride: return op.operand(1);
    default: return {};
  }
}

}  // namespace

Expected<bool> run_drop_pins(ir::Function& function, PassContext& context) {
  ir::Rewriter rw(function);
  bool changed = false;
  for (auto it = function.ops().begin(); it != function.ops().end();) {
    ir::Op& op = **it++;
    for (const auto& region : op.regions()) {
      DLC_ASSIGN_OR_RETURN(const bool inner, run_drop_pins(*region, context));
      changed = changed || inner;
    }
    const ir::Value value = meaning(op);
    if (!value) continue;
    rw.set_root(op);
    // An override's two operands may write equal dimensions differently.
    rw.replace(op, rw.reshape(value, op.type().dims));
    changed = true;
  }
  return changed;
}

}  // namespace dlc::passes
