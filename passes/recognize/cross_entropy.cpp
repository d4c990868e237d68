// recognize-softmax-cross-entropy: sums of labels times log-probabilities. Runs after
// recognize-softmax, which has made the logarithms log_softmax; a sum or mean over the batch stays
// outside, and so does the sign: neg(neg(x)) is canonicalize's.
#include <algorithm>

#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/recognize/recognize.h"
#include "passes/recognize/rows.h"

namespace dlc::passes {
namespace {

using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// x of neg(neg(...x)); `negative` is turned over for each.
Value through_signs(Value v, bool& negative) {
  for (; v.is(OpKind::kNeg); v = v.op->operand(0)) negative = !negative;
  return v;
}

bool is_log_softmax_of_rows(Value v) { return v.is(OpKind::kLogSoftmax) && v.op->int_attr("axis") == v.rank() - 1; }

/// `v` counts 0, 1, 2 ... along `axis`: an iota, or one of rank 1 that is repeated.
bool counts_along(Value v, int64_t axis) {
  if (v.is(OpKind::kBroadcast) && v.op->operand(0).rank() == 1)
    return v.op->ints_attr("axes") == Ints{axis} && v.op->operand(0).dims()[0] == v.type().dim(axis) &&
           counts_along(v.op->operand(0), 0);
  return v.is(OpKind::kIota) && v.op->int_attr("axis") == axis;
}

/// Labels as class numbers.
struct Classes {
  Value labels;
  /// A label outside [0, C) is a fault in the program as written: gather(iota(C), labels).
  bool checked = false;
};

/// Looks through the check: gather(iota(C), labels).
Classes through_check(Value labels, const ir::Dim& count) {
  if (labels.is(OpKind::kGather) && labels.op->operand(0).rank() == 1 && counts_along(labels.op->operand(0), 0) &&
      labels.op->operand(0).dims()[0] == count)
    return {labels.op->operand(1), true};
  return {labels, false};
}

/// `mask` is true where the last axis' index is the row's label.
std::optional<Classes> classes_of_mask(Value mask) {
  if (!mask.is(OpKind::kCompare) || mask.op->str_attr("direction") != "eq" || mask.rank() == 0) return std::nullopt;
  const int64_t axis = mask.rank() - 1;
  for (int i = 0; i < 2; ++i) {
    if (!counts_along(mask.op->operand(i), axis)) continue;
    if (const Value labels = repeated_along(mask.op->operand(1 - i), {axis}))
      return through_check(labels, mask.type().dim(axis));
  }
  return std::nullopt;
}

/// `v` is 1 where the last axis' index is the row's label, else 0.
std::optional<Classes> classes_of_one_hot(Value v) {
  v = through_stops(v);
  if (v.is(OpKind::kConvert) && v.op->operand(0).dtype() == kBool) return classes_of_mask(v.op->operand(0));
  Value mask;
  if (m::select(m::any(mask), m::splat(1.0), m::splat(0.0)).match(v)) return classes_of_mask(mask);
  return std::nullopt;
}

/// Whether a sparse op can take these labels for these logits.
bool fits(const Classes& classes, Value logits) {
  const DType t = classes.labels.dtype();
  const ir::Dim& count = logits.dims().back();
  // A count of u8 wraps: class 256 would be class 0 again.
  if (t == kUInt8 && !(count.is_constant() && count.constant() <= 256)) return false;
  return is_int(t) && t != kUInt64 && (count - 1).known_nonnegative() && classes.labels.rank() == logits.rank() - 1 &&
         std::equal(classes.labels.dims().begin(), classes.labels.dims().end(), logits.dims().begin());
}

/// The loss of each row. Unchecked labels outside [0, C) match no class: their rows lose nothing,
/// and must not begin to fault.
Value sparse_cross_entropy(Rewriter& rw, Value logits, const Classes& classes) {
  const Value given = classes.labels;
  const bool is_index = given.dtype() == kInt32 || given.dtype() == kInt64;
  const Value labels = is_index ? given : rw.convert(given, kInt64);
  if (classes.checked) return rw.op(OpKind::kSparseSoftmaxCrossEntropy, {logits, labels});
  const ir::Dim& count = logits.dims().back();
  const Value zero = rw.full_like(labels, 0.0);
  const Value end = rw.broadcast(rw.convert(rw.dim_value(count), labels.dtype()), labels.dims(), {});
  const Value inside = rw.logical_and(rw.compare("ge", labels, zero), rw.compare("lt", labels, end));
  const Value loss = rw.op(OpKind::kSparseSoftmaxCrossEntropy, {logits, rw.select(inside, labels, zero)});
  return rw.select(inside, loss, rw.full_like(loss, 0.0));
}

/// labels * log_softmax(logits), element by element.
struct Product {
  Value logits;
  Value labels;                    ///< weights; empty when `classes` says it all
  std::optional<Classes> classes;  ///< labels that are one-hot
  bool negative = false;
};

std::optional<Product> match_product(Value v) {
  Product p;
  v = through_signs(v, p.negative);
  Value a, b, mask;
  if (m::mul(m::any(a), m::any(b)).match(v)) {
    a = through_signs(a, p.negative);
    b = through_signs(b, p.negative);
    if (!is_log_softmax_of_rows(a)) std::swap(a, b);
    if (!is_log_softmax_of_rows(a)) return std::nullopt;
    p.logits = a.op->operand(0);
    p.labels = b;
    p.classes = classes_of_one_hot(b);
  } else if (m::select(m::any(mask), m::any(a), m::splat(0.0)).match(v)) {
    a = through_signs(a, p.negative);
    p.classes = classes_of_mask(mask);
    if (!is_log_softmax_of_rows(a) || !p.classes) return std::nullopt;
    p.logits = a.op->operand(0);
  } else {
    return std::nullopt;
  }
  if (p.classes && !fits(*p.classes, p.logits)) p.classes.reset();
  const bool dense = p.labels && p.labels.type() == p.logits.type();
  return p.classes || dense ? std::optional(p) : std::nullopt;
}

/// Pattern: sum(labels * log_softmax(z)) -> neg(softmax_cross_entropy(z, labels))
///          sum(one_hot(labels) * log_softmax(z)), sum(select(labels == iota, log_softmax(z), 0))
///            -> neg(sparse_softmax_cross_entropy(z, labels))
///   [over the last axis, which is log_softmax's; sums over more axes stay outside; signs anywhere]
/// Why: one pass over the row, the gradient softmax - labels, and no 0 * -inf where a class has
/// no weight in a one-hot row.
bool recognize_cross_entropy(Op& root, Rewriter& rw) {
  if (!is_reduce(root, "sum")) return false;
  const int64_t last = root.operand(0).rank() - 1;
  Ints outer = root.ints_attr("axes");
  if (outer.empty() || outer.back() != last) return false;
  const std::optional<Product> p = match_product(root.operand(0));
  if (!p) return false;
  outer.pop_back();
  const Value losses = p->classes ? sparse_cross_entropy(rw, p->logits, *p->classes)
                                  : rw.op(OpKind::kSoftmaxCrossEntropy, {p->logits, p->labels});
  const Value total = rw.reduce_sum(losses, std::move(outer));
  rw.replace(root, p->negative ? total : rw.neg(total));
  return true;
}

/// Pattern: softmax_cross_entropy(z, one_hot(labels)) -> sparse_softmax_cross_entropy(z, labels)
/// Why: the labels are read once a row, and their matrix is never made.
bool recognize_sparse(Op& root, Rewriter& rw) {
  const Value logits = root.operand(0);
  const std::optional<Classes> classes = classes_of_one_hot(root.operand(1));
  if (!classes || !fits(*classes, logits)) return false;
  rw.replace(root, sparse_cross_entropy(rw, logits, *classes));
  return true;
}

/// Pattern: gather(reshape(log_softmax(z), [n*C]), iota(n) * C + labels)
///            -> neg(sparse_softmax_cross_entropy(z, labels))
///   [z: [n,C]; the labels are checked, as gather(iota(C), labels)]
/// Without the check a label past its row reads the next one, and does not fault: not the same.
bool recognize_gathered(Op& root, Rewriter& rw) {
  Value flat, index;
  if (!m::gather(m::any(flat), m::any(index)).match(root)) return false;
  if (!flat.is(OpKind::kReshape) || flat.rank() != 1 || index.rank() != 1) return false;
  const Value log_softmax = flat.op->operand(0);
  if (!is_log_softmax_of_rows(log_softmax) || log_softmax.rank() != 2) return false;
  const ir::Dim& count = log_softmax.dims()[1];
  if (!count.is_constant()) return false;
  Value rows, labels;
  const auto row_starts = m::commutative_mul(m::any(rows), m::splat(static_cast<double>(count.constant())));
  if (!m::commutative_add(row_starts, m::any(labels)).match(index) || !counts_along(rows, 0)) return false;
  const Classes classes = through_check(labels, count);
  const Value logits = log_softmax.op->operand(0);
  if (!classes.checked || !fits(classes, logits)) return false;
  rw.replace(root, rw.neg(sparse_cross_entropy(rw, logits, classes)));
  return true;
}

PatternSet cross_entropy_patterns() {
  PatternSet set;
  add_cross_entropy_patterns(set);
  return set;
}

}  // namespace

void add_cross_entropy_patterns(PatternSet& set) {
  set.add("recognize-softmax-cross-entropy", OpKind::kReduce, recognize_cross_entropy, "cross-entropy");
  set.add("recognize-sparse-labels", OpKind::kSoftmaxCrossEntropy, recognize_sparse, "cross-entropy");
  set.add("recognize-gathered-log-probabilities", OpKind::kGather, recognize_gathered, "cross-entropy");
}

Expected<bool> run_recognize_cross_entropy(ir::Function& function, PassContext& context) {
  static const PatternSet set = cross_entropy_patterns();
  return apply_patterns(function, set, context.rewrites, context.fusion_log);
}

}  // namespace dlc::passes
