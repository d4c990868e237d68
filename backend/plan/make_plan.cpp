#include <algorithm>
#include <set>

#include "backend/cpu/kernels.h"
#include "backend/plan/kernel_name.h"
#include "backend/plan/plan.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {
namespace {

using ir::OpKind;
using ir::Value;

/// The value whose buffer `v` is: through reshapes.
Value base(Value v) {
  while (v.is(OpKind::kReshape)) v = v.op->operand(0);
  return v;
}

class Planner {
 public:
  Planner(const ir::Function& f, const ir::Target& target) : f_(f), target_(target) { plan_.name = f.name(); }

  Expected<Plan> run() {
    DLC_RETURN_IF_ERROR(build_kernels());
    describe_signature();
    choose_updates_in_place();
    order_calls();
    assign_buffers();
    emit_calls();
    commit_shadows();
    return std::move(plan_);
  }

 private:
  struct Node {
    const ir::Op* op = nullptr;
    BuiltKernel built;
    int kernel = 0;
    std::set<int> after;                  ///< nodes that must come before
    std::map<int, int> written_in_place;  ///< result -> variable parameter
    bool phase2 = false;
  };

  Expected<void> build_kernels() {
    std::map<std::string, int> by_name;
    for (const auto& op : f_.ops()) {
      if (op->is(OpKind::kReshape)) continue;
      DLC_CHECK(op->is(OpKind::kFusion), "{} in a fused function", op->name());
      Node node;
      node.op = op.get();
      DLC_ASSIGN_OR_RETURN(node.built, build_kernel(*op, target_));
      node.built.kernel.name = kernel_name(op->str_attr("kind"), node.built.kernel);
      const auto [it, fresh] = by_name.emplace(node.built.kernel.name, static_cast<int>(plan_.kernels.size()));
      if (fresh) plan_.kernels.push_back(node.built.kernel);
      node.kernel = it->second;
      const int id = static_cast<int>(nodes_.size());
      node_of_[op.get()] = id;
      for (const Value x : op->operands()) {
        const Value source = base(x);
        if (source.is(OpKind::kParam))
          readers_[f_.param_index(source)].insert(id);
        else
          node.after.insert(node_of_.at(source.op));
      }
      nodes_.push_back(std::move(node));
    }
    return {};
  }

  void describe_signature() {
    for (int i = 0; i < f_.num_params(); ++i)
      plan_.params.push_back({f_.param(i).type(), f_.param_info(i), f_.param(i).op->provenance()});
    for (int i = 0; i < f_.num_results(); ++i) {
      PlanResult r{f_.result(i).type(), f_.result_info(i), -1};
      if (r.info.kind == ir::ResultKind::kUpdate)
        for (int p = 0; p < f_.num_params(); ++p)
          if (f_.param_info(p).kind == ir::ParamKind::kVariable && f_.param_info(p).name == r.info.name) r.param = p;
      plan_.results.push_back(std::move(r));
    }
    plan_.requirements = f_.requirements();
  }

  /// Whether node `to` needs node `from`, by data or by an order imposed already.
  bool depends(int to, int from) const {
    std::vector<int> work{to};
    std::set<int> seen{to};
    while (!work.empty()) {
      const int n = work.back();
      work.pop_back();
      if (n == from) return true;
      for (const int s : nodes_[static_cast<size_t>(n)].after)
        if (seen.insert(s).second) work.push_back(s);
    }
    return false;
  }

  /// An update is written straight to the variable's buffer when its kernel is the last to look at
  /// the old value, and nothing that can fail comes after it.
  void choose_updates_in_place() {
    for (int i = 0; i < f_.num_results(); ++i) {
      const int p = plan_.results[static_cast<size_t>(i)].param;
      if (p < 0) continue;
      const Value v = f_.result(i);
      const int writer = node_of_.at(v.op);
      Node& node = nodes_[static_cast<size_t>(writer)];
      if (!reads_only_in_step(node, v.index, p) || blocked_by_check(writer)) continue;
      // Every other reader of the old value comes first, which must not close a circle.
      const std::set<int>& readers = readers_[p];
      const bool circle =
          std::any_of(readers.begin(), readers.end(), [&](int r) { return r != writer && depends(r, writer); });
      if (circle) continue;
      for (const int r : readers)
        if (r != writer) node.after.insert(r);
      node.written_in_place[v.index] = p;
    }
    // Phase 2: whoever writes a variable, and whoever needs that.
    for (bool changed = true; changed;) {
      changed = false;
      for (Node& node : nodes_) {
        const bool late =
            !node.written_in_place.empty() || std::any_of(node.after.begin(), node.after.end(),
                                                          [&](int s) { return nodes_[static_cast<size_t>(s)].phase2; });
        if (late && !node.phase2) changed = node.phase2 = true;
      }
    }
  }

  bool reads_only_in_step(const Node& node, int result, int param) const {
    const std::vector<std::vector<int>>& pairs = node.built.in_place;
    for (int q = 0; q < node.op->num_operands(); ++q) {
      const Value source = base(node.op->operand(q));
      if (!source.is(OpKind::kParam) || f_.param_index(source) != param) continue;
      if (static_cast<size_t>(result) >= pairs.size()) return false;
      const std::vector<int>& ok = pairs[static_cast<size_t>(result)];
      if (std::find(ok.begin(), ok.end(), q) == ok.end()) return false;
    }
    return true;
  }

  /// The kernel can fail, or one that can fail needs its value.
  bool blocked_by_check(int writer) const {
    for (size_t n = 0; n < nodes_.size(); ++n)
      if (nodes_[n].built.can_fail && depends(static_cast<int>(n), writer)) return true;
    return false;
  }

  void order_calls() {
    // Program order within a phase, as far as what must come before allows.
    std::vector<char> done(nodes_.size(), 0);
    const auto visit = [&](const auto& self, int n) -> void {
      if (done[static_cast<size_t>(n)]) return;
      done[static_cast<size_t>(n)] = 1;
      for (const int s : nodes_[static_cast<size_t>(n)].after) self(self, s);
      position_[n] = static_cast<int>(order_.size());
      order_.push_back(n);
    };
    for (size_t n = 0; n < nodes_.size(); ++n)
      if (!nodes_[n].phase2) visit(visit, static_cast<int>(n));
    plan_.phase2 = order_.size();
    for (size_t n = 0; n < nodes_.size(); ++n) visit(visit, static_cast<int>(n));
  }

  int add_buffer(PlanBuffer buffer) {
    plan_.buffers.push_back(std::move(buffer));
    return static_cast<int>(plan_.buffers.size()) - 1;
  }

  void assign_buffers() {
    for (int p = 0; p < f_.num_params(); ++p)
      buffer_of_[f_.param(p)] = add_buffer({PlanBuffer::kParam, p, f_.param(p).dtype(),
                                            f_.param(p).type().num_elements(), -1, -1, f_.param_info(p).name});
    for (int i = 0; i < f_.num_results(); ++i) {
      const Value v = f_.result(i);
      const PlanResult& r = plan_.results[static_cast<size_t>(i)];
      if (r.param >= 0) {
        const Node& node = nodes_[static_cast<size_t>(node_of_.at(v.op))];
        if (node.written_in_place.contains(v.index)) buffer_of_[v] = buffer_of_.at(f_.param(r.param));
        continue;  // others get a shadow in the arena
      }
      buffer_of_[v] = add_buffer({PlanBuffer::kResult, i, v.dtype(), v.type().num_elements(), -1, -1, r.info.name});
    }
    std::unordered_map<Value, int> last_use;
    for (const int n : order_)
      for (const Value x : nodes_[static_cast<size_t>(n)].op->operands()) last_use[base(x)] = position_[n];
    for (int i = 0; i < f_.num_results(); ++i) last_use[f_.result(i)] = static_cast<int>(order_.size());
    std::unordered_map<int, int> free_after;  // arena buffer -> position of the last reader
    for (const int n : order_) {
      const Node& node = nodes_[static_cast<size_t>(n)];
      const int at = position_[n];
      std::set<int> taken;
      for (int r = 0; r < node.op->num_results(); ++r) {
        const Value v{const_cast<ir::Op*>(node.op), r};
        const int last = last_use.contains(v) ? last_use.at(v) : at;
        if (const auto it = buffer_of_.find(v); it != buffer_of_.end()) continue;
        int buffer = dying_operand(node, r, at, free_after, taken);
        if (buffer < 0) {
          buffer = add_buffer(
              {PlanBuffer::kArena, 0, v.dtype(), v.type().num_elements(), at, last, node.op->provenance().node});
        }
        plan_.buffers[static_cast<size_t>(buffer)].last_call = last;
        free_after[buffer] = last;
        taken.insert(buffer);
        buffer_of_[v] = buffer;
      }
    }
  }

  /// An arena buffer that this node is the last to read, element by element, before it is written.
  int dying_operand(const Node& node, int result, int at, const std::unordered_map<int, int>& free_after,
                    const std::set<int>& taken) const {
    if (static_cast<size_t>(result) >= node.built.in_place.size()) return -1;
    for (const int q : node.built.in_place[static_cast<size_t>(result)]) {
      const auto it = buffer_of_.find(base(node.op->operand(q)));
      if (it == buffer_of_.end() || taken.contains(it->second)) continue;
      const auto last = free_after.find(it->second);
      if (last == free_after.end() || last->second != at) continue;
      // The same buffer may also be read in another way by this kernel.
      bool only_in_step = true;
      for (int o = 0; o < node.op->num_operands(); ++o) {
        const auto other = buffer_of_.find(base(node.op->operand(o)));
        const std::vector<int>& ok = node.built.in_place[static_cast<size_t>(result)];
        if (other != buffer_of_.end() && other->second == it->second && std::find(ok.begin(), ok.end(), o) == ok.end())
          only_in_step = false;
      }
      if (only_in_step) return it->second;
    }
    return -1;
  }

  void emit_calls() {
    for (const int n : order_) {
      Node& node = nodes_[static_cast<size_t>(n)];
      const int at = position_[n];
      PlanCall call;
      call.kernel = node.kernel;
      call.can_fail = node.built.can_fail;
      std::set<std::string> names;
      for (const auto& op : node.op->regions()[0]->ops())
        if (!op->provenance().node.empty() && names.insert(op->provenance().node).second)
          call.nodes.push_back(op->provenance().node);
      for (const BufferArg& arg : node.built.buffers) {
        switch (arg.kind) {
          case BufferArg::kParam: call.buffers.push_back(buffer_of_.at(base(node.op->operand(arg.index)))); break;
          case BufferArg::kResult:
            call.buffers.push_back(buffer_of_.at(Value{const_cast<ir::Op*>(node.op), arg.index}));
            break;
          case BufferArg::kConstant: call.buffers.push_back(constant(arg.data)); break;
          case BufferArg::kScratch:
            call.buffers.push_back(add_buffer({PlanBuffer::kArena, 0, arg.dtype, arg.elements, at, at, "scratch"}));
            break;
        }
      }
      call.scalars = node.built.scalars;
      for (ScalarArg& arg : call.scalars) {
        if (arg.kind != ScalarArg::kSite) continue;
        arg.bits = plan_.sites.size();
        plan_.sites.push_back({arg.provenance, arg.check});
      }
      plan_.calls.push_back(std::move(call));
    }
  }

  int constant(const Array& data) {
    for (size_t i = 0; i < plan_.buffers.size(); ++i)
      if (plan_.buffers[i].kind == PlanBuffer::kConstant &&
          plan_.constants[static_cast<size_t>(plan_.buffers[i].index)].identical(data))
        return static_cast<int>(i);
    plan_.constants.push_back(data);
    return add_buffer({PlanBuffer::kConstant, static_cast<int>(plan_.constants.size()) - 1, data.dtype(),
                       data.num_elements(), -1, -1, "constant"});
  }

  /// Updates that could not be written in place are copied at the very end.
  void commit_shadows() {
    for (int i = 0; i < f_.num_results(); ++i) {
      const int p = plan_.results[static_cast<size_t>(i)].param;
      const Value v = f_.result(i);
      if (p < 0 || buffer_of_.at(v) == buffer_of_.at(f_.param(p))) continue;
      ir::Function region("fusion");
      const ir::TensorType flat{v.dtype(), {v.type().num_elements()}};
      const Value in = region.add_param(flat, {ir::ParamKind::kFeed, "p0"});
      region.set_results(std::span(&in, 1));
      KernelContext context(region, target_, "loop");
      build_loop_kernel(context);
      BuiltKernel built = std::move(context).finish();
      built.kernel.name = kernel_name("loop", built.kernel);
      PlanCall call;
      const auto known = std::find_if(plan_.kernels.begin(), plan_.kernels.end(),
                                      [&](const loops::Kernel& k) { return k.name == built.kernel.name; });
      call.kernel = static_cast<int>(known - plan_.kernels.begin());
      if (known == plan_.kernels.end()) plan_.kernels.push_back(built.kernel);
      for (const BufferArg& arg : built.buffers)
        call.buffers.push_back(arg.kind == BufferArg::kParam ? buffer_of_.at(v) : buffer_of_.at(f_.param(p)));
      call.scalars = built.scalars;
      call.nodes = {plan_.results[static_cast<size_t>(i)].info.name};
      PlanBuffer& shadow = plan_.buffers[static_cast<size_t>(buffer_of_.at(v))];
      shadow.last_call = static_cast<int>(plan_.calls.size());
      plan_.calls.push_back(std::move(call));
    }
  }

  const ir::Function& f_;
  const ir::Target& target_;
  Plan plan_;
  std::vector<Node> nodes_;
  std::unordered_map<const ir::Op*, int> node_of_;
  std::map<int, std::set<int>> readers_;  ///< parameter -> nodes that read it
  std::vector<int> order_;
  std::map<int, int> position_;
  std::unordered_map<Value, int> buffer_of_;
};

}  // namespace

Expected<Plan> make_plan(const ir::Function& fused, const ir::Target& target) { return Planner(fused, target).run(); }

}  // namespace dlc::backend
