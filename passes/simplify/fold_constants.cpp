// fold-constants: ops whose operands are constants are computed now, by their reference meaning.
//
// Element-wise ops on broadcast scalars become a broadcast scalar, whatever the (perhaps symbolic)
// shape. An op that would fault stays, so that the fault is told when the program runs.
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

using ir::Function;
using ir::FusionKind;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::TensorType;
using ir::Value;

/// The scalar that `v` is a broadcast of, as an array of rank 0.
std::optional<Array> scalar_of(Value v) {
  while (v.is(OpKind::kBroadcast)) v = v.op->operand(0);
  if (!v.is(OpKind::kConstant)) return std::nullopt;
  const Array& a = v.op->attr<Array>("value");
  if (a.num_elements() != 1) return std::nullopt;
  return a.reshaped({});
}

bool all_finite(const Array& a) {
  return dispatch(a.dtype(), [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>)
      return std::all_of(a.data<T>().begin(), a.data<T>().end(), [](T v) { return std::isfinite(v); });
    else
      return true;
  });
}

class Folder {
 public:
  Folder(Function& function, PassContext& context, int64_t& work)
      : function_(function), context_(context), options_(context.options), work_(work), rw_(function) {}

  Expected<bool> run() {
    bool changed = false;
    for (auto it = function_.ops().begin(); it != function_.ops().end();) {
      Op& op = **it++;
      for (const auto& region : op.regions()) {
        DLC_ASSIGN_OR_RETURN(const bool inner, Folder(*region, context_, work_).run());
        changed = changed || inner;
      }
      if (!may_fold(op) || !context_.rewrites.may_rewrite()) continue;
      context_.rewrites.consider(op);
      rw_.set_root(op);
      if (!fold_splat(op) && !fold(op)) continue;
      context_.rewrites.count("fold");
      changed = true;
    }
    return changed;
  }

 private:
  static bool may_fold(const Op& op) {
    switch (op.kind()) {
      // Constants already; and big ones are better made where they are read than stored.
      case OpKind::kConstant:
      case OpKind::kIota:
      case OpKind::kBroadcast:
      case OpKind::kRngBits:
      // Not touched before differentiation (SEMANTICS).
      case OpKind::kPin:
      case OpKind::kOverride:
      case OpKind::kGradients:
      case OpKind::kStopGradient: return false;
      default: break;
    }
    return !op.def().has_effects && op.def().reference != nullptr && op.num_operands() > 0 && !op.unused();
  }

  bool fold_splat(Op& op) {
    if (op.def().fusion != FusionKind::kElementwise || op.num_results() != 1 || op.type().rank() == 0) return false;
    std::vector<Array> scalars;
    for (const Value v : op.operands()) {
      const std::optional<Array> scalar = scalar_of(v);
      if (!scalar) return false;
      scalars.push_back(*scalar);
    }
    // The op on scalars, made for its type and attributes, and taken away again.
    std::vector<Value> operands;
    for (const Array& s : scalars) operands.push_back(rw_.constant(s));
    Op& small = *rw_.create_like(op, operands);
    std::optional<std::vector<Array>> values;
    if (small.type() == TensorType::scalar(op.type().dtype)) values = evaluate(small, scalars);
    rw_.erase(small);
    for (const Value v : operands) rw_.erase(*v.op);
    if (!values) return false;
    rw_.replace(op, rw_.broadcast(rw_.constant(std::move((*values)[0])), op.type().dims, {}));
    return true;
  }

  bool fold(Op& op) {
    std::vector<Array> operands;
    for (const Value v : op.operands()) {
      if (!v.is(OpKind::kConstant)) return false;
      operands.push_back(v.op->attr<Array>("value"));
    }
    std::optional<std::vector<Array>> values = evaluate(op, operands);
    if (!values) return false;
    std::vector<Value> constants;
    for (Array& a : *values) constants.push_back(rw_.constant(std::move(a)));
    rw_.replace(op, constants);
    return true;
  }

  /// nullopt: too much work, of unknown size, a fault, or a number that check-numerics is to name.
  std::optional<std::vector<Array>> evaluate(const Op& op, std::span<const Array> operands) {
    int64_t results = 0;
    for (int i = 0; i < op.num_results(); ++i) {
      if (!op.type(i).is_static()) return std::nullopt;
      const Expected<int64_t> n = checked_num_elements(op.type(i).shape(), op.type(i).dtype);
      if (!n || *n > options_.fold_max_elements) return std::nullopt;
      results = std::max(results, *n);
    }
    int64_t work = results;
    for (const Array& a : operands) work += a.num_elements();
    // A contraction reads each element of an operand many times: at most all against all.
    if (op.def().fusion == FusionKind::kContraction) work = contraction_work(operands, results);
    if (work > options_.fold_max_work - work_) return std::nullopt;
    work_ += work;
    Expected<std::vector<Array>> out = interpret_op(op, operands);
    if (!out) return std::nullopt;  // a fault: it is told when the program runs
    if (options_.check_numerics && !std::all_of(out->begin(), out->end(), all_finite)) return std::nullopt;
    return std::move(*out);
  }

  int64_t contraction_work(std::span<const Array> operands, int64_t results) const {
    int64_t most = 1;
    for (const Array& a : operands) most = std::max(most, a.num_elements());
    return most > options_.fold_max_work / std::max<int64_t>(1, results) ? options_.fold_max_work + 1 : most * results;
  }

  Function& function_;
  PassContext& context_;
  const PassOptions& options_;
  int64_t& work_;
  Rewriter rw_;
};

}  // namespace

Expected<bool> run_fold_constants(Function& function, PassContext& context) {
  int64_t work = 0;
  return Folder(function, context, work).run();
}

}  // namespace dlc::passes
