// Pass fuse: groups ops into `fusion` regions, each to become one kernel. After it a function holds
// fusions, reshapes (aliases of buffers) and nothing else.
#include "passes/fusion/fuse.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/fusion/clusters.h"
#include "passes/pattern.h"
#include "support/check.h"

namespace dlc::passes {
namespace {

using ir::OpKind;
using ir::Value;

bool is_view(Value v) { return !v.is(OpKind::kParam) && fusion_role(*v.op) == FusionRole::kView; }
bool is_alias(Value v) { return v.is(OpKind::kReshape); }

/// Builds the fused function next to the old one, whose ops move into the regions; views that several read are
/// copied. What is left of the old function computes nothing that is needed.
class Fuser {
 public:
  Fuser(ir::Function& from, ir::Function& to, PassContext& context)
      : from_(from), to_(to), b_(to), clusters_(from, context), log_(context.fusion_log) {}

  void run() {
    for (int i = 0; i < from_.num_params(); ++i)
      map_[from_.param(i)] = to_.add_param(from_.param(i).type(), from_.param_info(i), from_.param(i).op->provenance());
    for (const ir::Requirement& r : from_.requirements()) value_or_throw(to_.require(r.a, r.b, r.provenance));
    for (const Cluster* c : clusters_.in_order()) emit(*c);
    std::vector<Value> results;
    std::vector<ir::ResultInfo> infos;
    std::unordered_set<Value> taken;
    for (int i = 0; i < from_.num_results(); ++i) {
      // Every result has a buffer of its own: parameters, views and second mentions are copied.
      const Value v = from_.result(i);
      const bool again = !taken.insert(v).second;
      const bool copied = again || v.is(OpKind::kParam) || is_view(v) || is_alias(v);
      if (copied && log_) log_->copy(why_copied(v, again));
      results.push_back(copied ? copy(v) : map_.at(v));
      infos.push_back(from_.result_info(i));
    }
    to_.set_results(results, std::move(infos));
    // What moved must not be known as read by what is left.
    ir::Rewriter(from_).set_results({}, {});
    ir::remove_dead_ops(from_);
  }

 private:
  Copied why_copied(Value v, bool again) const {
    const std::string node =
        v.is(OpKind::kParam) ? from_.param_info(from_.param_index(v)).name : v.op->provenance().node();
    if (again) return {node, "it is a result twice, and every result has memory of its own", "Fetch it once"};
    if (v.is(OpKind::kParam))
      return {node, "a parameter is a result as it stands, and the caller gets memory of its own",
              "Do not fetch what was fed; read a variable with Session::value"};
    if (is_alias(v))
      return {node,
              "a reshape is another name for memory that something else fills, and a result has memory of its own",
              "Fetch what is reshaped, and reshape the array"};
    return {node,
            fmt::format("`{}` computes nothing and is done again by whoever reads it; as a result it needs memory",
                        v.op->name()),
            "Fetch what it is made of"};
  }

  /// The value in the new function that a kernel reads: aliases are made on the way.
  Value outer(Value v) {
    if (const auto it = map_.find(v); it != map_.end()) return it->second;
    if (is_alias(v)) {
      const Value source = outer(v.op->operand(0));
      b_.set_provenance(v.op->provenance());
      return map_[v] = b_.reshape(source, v.dims());
    }
    DLC_CHECK(is_view(v), "value of {} is used before its cluster", v.op->name());
    if (log_)
      log_->copy({v.op->provenance().node(),
                  fmt::format("`{}` moves elements and what follows is a reshape, which is of memory", v.op->name()),
                  "Reshape first and move elements afterwards"});
    return map_[v] = copy(v);
  }

  /// A kernel that only writes `v` to a buffer.
  Value copy(Value v) {
    Region region(*this, "loop");
    const Value inside = region.inner(v);
    return region.finish({inside}, v.is(OpKind::kParam) ? ir::Provenance{} : v.op->provenance())->result();
  }

  void emit(const Cluster& c) {
    std::vector<ir::Op*> ops = c.ops;
    std::sort(ops.begin(), ops.end(), [](const ir::Op* a, const ir::Op* b) { return a->scratch < b->scratch; });
    std::vector<Value> results;
    for (ir::Op* op : ops) {
      for (int r = 0; r < op->num_results(); ++r) {
        const auto uses = op->uses(r);
        if (std::any_of(uses.begin(), uses.end(), [&](const ir::Use& u) { return escapes_to(*u.user, c); }))
          results.push_back(op->result(r));
      }
    }
    if (results.empty()) return;  // nobody reads it
    Region region(*this, c.kind);
    for (ir::Op* op : ops) region.move(*op);
    ir::Op* fused = region.finish(results, ops.back()->provenance());
    for (size_t i = 0; i < results.size(); ++i) map_[results[i]] = fused->result(static_cast<int>(i));
  }

  /// A user outside the cluster, seen through views, which every cluster has its own copies of.
  bool escapes_to(ir::Op& user, const Cluster& cluster) const {
    if (user.is(OpKind::kReturn)) return true;
    if (const Cluster* const c = clusters_.find(user.result())) return c != &cluster;
    if (fusion_role(user) != FusionRole::kView) return true;
    const auto uses = user.uses();
    return std::any_of(uses.begin(), uses.end(), [&](const ir::Use& u) { return escapes_to(*u.user, cluster); });
  }

  /// One fusion region under construction.
  class Region {
   public:
    Region(Fuser& fuser, std::string kind)
        : fuser_(fuser), kind_(std::move(kind)), body_(std::make_unique<ir::Function>("fusion")), rw_(*body_) {}

    /// Takes an op in, and what it needs: views that it alone reads move with it.
    void move(ir::Op& op) {
      std::vector<Value> operands;
      for (const Value x : op.operands()) {
        if (x.op->parent() != body_.get() && is_view(x) && has_single_use(x)) move(*x.op);
        operands.push_back(inner(x));
      }
      if (ir::can_fail(op)) checks_.push_back(op.scratch);
      op.scratch = 0;
      rw_.adopt(op, operands);
    }

    /// The value inside the region: views are copied, the rest is a parameter.
    Value inner(Value v) {
      if (v.op->parent() == body_.get()) return v;
      const auto known = std::find_if(map_.begin(), map_.end(), [&](const auto& entry) { return entry.first == v; });
      if (known != map_.end()) return known->second;
      const Value inside = is_view(v) ? copy(*v.op) : capture(v);
      map_.emplace_back(v, inside);
      return inside;
    }

    ir::Op* finish(std::vector<Value> results, const ir::Provenance& provenance) {
      body_->set_results(results);
      std::vector<std::unique_ptr<ir::Function>> regions;
      regions.push_back(std::move(body_));
      fuser_.b_.set_provenance(provenance);
      return fuser_.b_.create(OpKind::kFusion, captures_, {{"kind", kind_}, {"checks", checks_}}, std::move(regions));
    }

   private:
    Value copy(const ir::Op& op) {
      std::vector<Value> operands;
      for (const Value x : op.operands()) operands.push_back(inner(x));
      rw_.set_provenance(op.provenance());
      return rw_.create_like(op, operands)->result();
    }

    Value capture(Value v) {
      const std::string name = "p" + std::to_string(captures_.size());
      captures_.push_back(fuser_.outer(v));
      return body_->add_param(v.type(), {ir::ParamKind::kFeed, name}, v.op->provenance());
    }

    Fuser& fuser_;
    std::string kind_;
    std::unique_ptr<ir::Function> body_;
    ir::Rewriter rw_;
    std::vector<std::pair<Value, Value>> map_;  // what was copied, and what are parameters; few
    std::vector<Value> captures_;
    ir::Ints checks_;  // places in the program of ops that can fail
  };

  ir::Function& from_;
  ir::Function& to_;
  ir::Builder b_;
  Clusters clusters_;
  FusionLog* const log_;
  std::unordered_map<Value, Value> map_;
};

}  // namespace

Expected<bool> run_fuse(ir::Function& function, PassContext& context) {
  ir::Function fused(function.name());
  Fuser(function, fused, context).run();
  function.take_body(fused);
  return true;
}

}  // namespace dlc::passes
