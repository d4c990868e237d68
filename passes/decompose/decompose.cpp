// Passes decompose (composites become the simpler ops that define them) and split-reductions.
#include "passes/decompose/decompose.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"

namespace dlc::passes {

Expected<bool> run_decompose(ir::Function& function, PassContext&) {
  ir::Rewriter rw(function);
  // A decomposition may use composites itself: again until none is left.
  for (bool again = true; again;) {
    again = false;
    for (auto it = function.ops().begin(); it != function.ops().end();) {
      ir::Op& op = **it++;
      if (!op.def().decompose) continue;
      rw.set_root(op);
      rw.replace(op, op.def().decompose(rw, op));
      again = true;
    }
  }
  return rw.changed();
}

Expected<bool> run_split_reductions(ir::Function& function, PassContext&) {
  ir::Rewriter rw(function);
  for (auto it = function.ops().begin(); it != function.ops().end();) {
    ir::Op& op = **it++;
    if (!op.is(ir::OpKind::kReduce)) continue;
    const ir::Ints axes = op.ints_attr("axes");
    if (axes.empty()) {
      rw.replace(op, op.operand(0));
      continue;
    }
    // The last run of neighbouring axes is reduced first, then the one in front of it, and so on.
    std::vector<ir::Ints> runs;
    for (const int64_t a : axes) {
      if (runs.empty() || runs.back().back() + 1 != a) runs.emplace_back();
      runs.back().push_back(a);
    }
    if (runs.size() < 2) continue;
    rw.set_root(op);
    ir::Value x = op.operand(0);
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) x = rw.reduce(op.str_attr("kind"), x, *run);
    rw.replace(op, x);
  }
  return rw.changed();
}

}  // namespace dlc::passes
