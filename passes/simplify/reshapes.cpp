// Element-wise work moved in front of reshapes. A reshape computes nothing, but stands between ops
// that belong together: log(keepdims(sum(x))) is the logarithm of a sum.
#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// Pattern: op(reshape(x), reshape(y), s, ...) -> reshape(op(x, y, s, ...))
///   [op element-wise; x and y of one shape; s a repeated scalar; at least one reshape]
bool elementwise_of_reshapes(Op& root, Rewriter& rw) {
  if (root.num_results() != 1 || root.num_operands() == 0) return false;
  Value shaped;  // an operand of the shape that the op is to have
  for (const Value v : root.operands()) {
    if (v.dims() != root.type().dims) return false;
    if (v.is(OpKind::kReshape)) {
      const Value source = v.op->operand(0);
      if (shaped && source.dims() != shaped.dims()) return false;
      shaped = source;
    } else if (!v.is(OpKind::kBroadcast) || v.op->operand(0).rank() != 0) {
      return false;
    }
  }
  if (!shaped) return false;
  std::vector<Value> operands;
  for (const Value v : root.operands()) {
    const Value source = v.op->operand(0);
    operands.push_back(v.is(OpKind::kReshape) ? source : rw.broadcast(source, shaped.dims(), {}));
  }
  const Value moved = rw.create_like(root, operands)->result();
  rw.replace(root, rw.reshape(moved, root.type().dims));
  return true;
}

}  // namespace

void add_reshape_patterns(PatternSet& set) {
  for (const OpKind kind : ir::all_ops())
    if (is_free_elementwise(kind)) set.add("elementwise-of-reshapes", kind, elementwise_of_reshapes);
}

}  // namespace dlc::passes
