#include "passes/autodiff/autodiff.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "support/check.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Value;

/// The operands of a `gradients` op by their roles.
struct Request {
  explicit Request(const Op& op) {
    const std::span<const Value> all = op.operands();
    const auto count = [&](const char* name) { return static_cast<size_t>(op.int_attr(name)); };
    ys = all.first(count("num_ys"));
    grad_ys = all.subspan(ys.size(), count("num_grad_ys"));
    stops = all.last(count("num_stops"));
    xs = all.subspan(ys.size() + grad_ys.size(), all.size() - ys.size() - grad_ys.size() - stops.size());
  }
  std::span<const Value> ys, grad_ys, xs, stops;
};

/// The expansion of one `gradients` op.
class Expansion {
 public:
  Expansion(ir::Function& function, Op& gradients)
      : gradients_(gradients), request_(gradients), rw_(function), function_(function) {
    stops_.insert(request_.stops.begin(), request_.stops.end());
  }

  Expected<void> run() {
    find_active();
    rw_.set_root(gradients_);
    seed();
    for (Op* op : std::vector<Op*>(path_.rbegin(), path_.rend())) DLC_RETURN_IF_ERROR(differentiate(*op));
    rw_.set_root(gradients_);
    std::vector<Value> results;
    for (const Value x : request_.xs) {
      const Value total = adjoint(x);
      results.push_back(total ? total : rw_.full_like(x, 0.0));
    }
    rw_.replace(gradients_, results);
    return {};
  }

 private:
  /// Whether a gradient may flow from a result of `op` into operand i. Ops with bodies say yes, so
  /// that differentiate() can name the one that is met.
  static bool differentiable(const Op& op, int i) {
    const DType dtype = op.operand(i).dtype();
    return op.def().num_regions > 0 ? is_float(dtype) : op.def().differentiable_operand(i, dtype);
  }

  bool needed(const Op& op, int i) const { return active_.contains(op.operand(i)) && differentiable(op, i); }

  /// Marks the values that depend on an x, and lists the ops in between, in program order.
  void find_active() {
    active_.insert(request_.xs.begin(), request_.xs.end());
    for (const auto& op : function_.ops()) {
      if (op == &gradients_) break;
      bool depends = false;
      for (int i = 0; i < op->num_operands() && !depends; ++i) depends = needed(*op, i);
      if (!depends) continue;
      path_.push_back(op);
      for (int i = 0; i < op->num_results(); ++i)
        if (is_float(op->type(i).dtype) && !stops_.contains(op->result(i))) active_.insert(op->result(i));
    }
  }

  void seed() {
    for (size_t i = 0; i < request_.ys.size(); ++i) {
      const Value y = request_.ys[i];
      if (!active_.contains(y)) continue;
      contributions_[y].push_back(request_.grad_ys.empty() ? rw_.full_like(y, 1.0) : request_.grad_ys[i]);
    }
  }

  /// The sum of what has flowed into `v`; an empty Value if nothing has.
  Value adjoint(Value v) {
    const auto it = contributions_.find(v);
    if (it == contributions_.end()) return {};
    std::vector<Value>& parts = it->second;
    for (size_t i = 1; i < parts.size(); ++i) parts[0] = rw_.add(parts[0], parts[i]);
    parts.resize(1);
    return parts[0];
  }

  /// Hands the adjoints of op's results on to its operands.
  Expected<void> differentiate(Op& op) {
    rw_.set_provenance(op.provenance());
    std::vector<Value> result_grads;
    bool any = false;
    for (int i = 0; i < op.num_results(); ++i) {
      const Value result = op.result(i);
      result_grads.push_back(stops_.contains(result) ? Value{} : adjoint(result));
      any = any || result_grads.back();
    }
    if (!any) return {};
    if (op.def().num_regions > 0)
      return make_error(ErrorCode::kUnimplemented,
                        "the gradient of '{}' is not supported: node '{}' lies between the values to differentiate and "
                        "what they are differentiated by; use stop_gradient there if no gradient should pass",
                        op.name(), op.provenance().node())
          .at(op.provenance().loc());

    std::vector<bool> wanted;
    for (int i = 0; i < op.num_operands(); ++i) wanted.push_back(needed(op, i));
    ir::GradContext context(rw_, op, result_grads, wanted);
    const ir::Gradients grads = op.def().gradient(context);
    DLC_CHECK(static_cast<int>(grads.size()) == op.num_operands(),
              "the gradient rule of {} gave {} values for {} operands", op.name(), grads.size(), op.num_operands());
    for (int i = 0; i < op.num_operands(); ++i)
      if (wanted[static_cast<size_t>(i)] && grads[static_cast<size_t>(i)])
        contributions_[op.operand(i)].push_back(as_type_of(grads[static_cast<size_t>(i)], op.operand(i), op));
    return {};
  }

  /// Dimensions that are required to be equal may be written differently on the two sides of an op.
  Value as_type_of(Value grad, Value operand, const Op& op) {
    if (grad.type() == operand.type()) return grad;
    DLC_CHECK(grad.dtype() == operand.dtype() && grad.rank() == operand.rank(),
              "the gradient rule of {} gave {} for an operand of {}", op.name(), grad.type(), operand.type());
    return rw_.reshape(grad, operand.dims());
  }

  Op& gradients_;
  const Request request_;
  ir::Rewriter rw_;
  ir::Function& function_;
  std::unordered_set<Value> stops_;
  std::unordered_set<Value> active_;  // depend on an x
  std::vector<Op*> path_;             // ops with an active operand
  std::unordered_map<Value, std::vector<Value>> contributions_;
};

}  // namespace

Expected<bool> run_autodiff(ir::Function& function, PassContext&) {
  std::vector<Op*> requests;
  for (const auto& op : function.ops())
    if (op->is(OpKind::kGradients)) requests.push_back(op);
  for (Op* op : requests) DLC_RETURN_IF_ERROR(Expansion(function, *op).run());
  return !requests.empty();
}

}  // namespace dlc::passes
