// form-fma: a product that only a sum reads becomes one fused multiply-add. One rounding instead of
// two, so the pass is `rounding`; where the machine has no such instruction it does nothing.
#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

bool is_lone_product(Value v) { return v.is(OpKind::kMul) && has_single_use(v) && is_float(v.dtype()); }

/// Pattern: add(mul(a, b), c), add(c, mul(a, b)) -> fma(a, b, c)   [the product has no other user]
bool form_fma_of_add(Op& root, Rewriter& rw) {
  for (int i = 0; i < 2; ++i) {
    if (!is_lone_product(root.operand(i))) continue;
    const Op& product = *root.operand(i).op;
    rw.replace(root, rw.op(OpKind::kFma, {product.operand(0), product.operand(1), root.operand(1 - i)}));
    return true;
  }
  return false;
}

/// -x; of a broadcast, the broadcast of what is negated at its own size: a negated learning rate stays a
/// number, where it would become a tensor of its own between two kernels.
Value negated(Value x, Rewriter& rw) {
  if (!x.is(OpKind::kBroadcast)) return rw.neg(x);
  return rw.broadcast(negated(x.op->operand(0), rw), x.dims(), x.op->ints_attr("axes"));
}

/// Pattern: sub(mul(a, b), c) -> fma(a, b, neg(c)); sub(c, mul(a, b)) -> fma(neg(a), b, c)
/// Negation is exact, and the machine's instruction has it built in.
bool form_fma_of_sub(Op& root, Rewriter& rw) {
  const Value minuend = root.operand(0), subtrahend = root.operand(1);
  if (is_lone_product(minuend)) {
    const Op& product = *minuend.op;
    rw.replace(root, rw.op(OpKind::kFma, {product.operand(0), product.operand(1), negated(subtrahend, rw)}));
    return true;
  }
  if (!is_lone_product(subtrahend)) return false;
  const Op& product = *subtrahend.op;
  rw.replace(root, rw.op(OpKind::kFma, {negated(product.operand(0), rw), product.operand(1), minuend}));
  return true;
}

PatternSet fma_patterns() {
  PatternSet set;
  set.add("form-fma-of-add", OpKind::kAdd, form_fma_of_add);
  set.add("form-fma-of-sub", OpKind::kSub, form_fma_of_sub);
  return set;
}

}  // namespace

Expected<bool> run_form_fma(ir::Function& function, PassContext& context) {
  if (!context.options.has_fma) return false;
  static const PatternSet set = fma_patterns();
  return apply_patterns(function, set, context.rewrites);
}

}  // namespace dlc::passes
