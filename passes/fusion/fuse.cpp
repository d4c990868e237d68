// Pass fuse: groups ops into `fusion` regions, each to become one kernel. After it a function holds
// fusions, reshapes (aliases of buffers) and nothing else.
#include "passes/fusion/fuse.h"

#include <algorithm>
#include <numeric>

#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/fusion/clusters.h"
#include "support/check.h"

namespace dlc::passes {
namespace {

using ir::OpKind;
using ir::Value;

bool is_view(Value v) { return !v.is(OpKind::kParam) && fusion_role(*v.op) == FusionRole::kView; }
bool is_alias(Value v) { return v.is(OpKind::kReshape); }

/// Builds the fused function next to the old one.
class Fuser {
 public:
  Fuser(const ir::Function& from, ir::Function& to, PassContext& context)
      : from_(from), to_(to), b_(to), clusters_(from, context), log_(context.fusion_log) {}

  void run() {
    for (int i = 0; i < from_.num_params(); ++i)
      map_[from_.param(i)] = to_.add_param(from_.param(i).type(), from_.param_info(i), from_.param(i).op->provenance());
    for (const ir::Requirement& r : from_.requirements()) value_or_throw(to_.require(r.a, r.b, r.provenance));
    for (const Cluster* c : clusters_.in_order()) emit(*c);
    std::vector<Value> results;
    std::vector<ir::ResultInfo> infos;
    for (int i = 0; i < from_.num_results(); ++i) {
      // Every result has a buffer of its own: parameters, views and second mentions are copied.
      const Value v = from_.result(i);
      const bool again = std::any_of(results.begin(), results.end(), [&](Value r) { return same_buffer(r, v); });
      const bool copied = again || v.is(OpKind::kParam) || is_view(v) || is_alias(v);
      if (copied && log_) log_->copy(why_copied(v, again));
      results.push_back(copied ? copy(v) : map_.at(v));
      infos.push_back(from_.result_info(i));
    }
    to_.set_results(results, std::move(infos));
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

  bool same_buffer(Value result, Value v) const {
    const auto it = map_.find(v);
    return it != map_.end() && it->second == result;
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
    // Producers outside first, so that nothing is emitted in the middle of the region.
    Region region(*this, c.kind);
    const std::unordered_set<const ir::Op*> members(c.ops.begin(), c.ops.end());
    std::vector<ir::Op*> ops = c.ops;
    std::stable_sort(ops.begin(), ops.end(), [&](const ir::Op* a, const ir::Op* b) { return order(a) < order(b); });
    for (ir::Op* op : ops) region.add(*op, members);
    std::vector<Value> results, outside;
    for (ir::Op* op : ops) {
      for (int r = 0; r < op->num_results(); ++r) {
        const auto uses = op->uses(r);
        const bool escapes =
            std::any_of(uses.begin(), uses.end(), [&](const ir::Use& u) { return escapes_to(*u.user, members); });
        if (!escapes) continue;
        results.push_back(region.inner(op->result(r)));
        outside.push_back(op->result(r));
      }
    }
    if (results.empty()) return;  // nobody reads it
    ir::Op* fused = region.finish(results, ops.back()->provenance());
    for (size_t i = 0; i < outside.size(); ++i) map_[outside[i]] = fused->result(static_cast<int>(i));
  }

  /// A user outside the cluster, seen through views, which every cluster has its own copies of.
  bool escapes_to(const ir::Op& user, const std::unordered_set<const ir::Op*>& members) const {
    if (members.contains(&user)) return false;
    if (user.is(OpKind::kReturn) || fusion_role(user) != FusionRole::kView) return true;
    const auto uses = user.uses();
    return std::any_of(uses.begin(), uses.end(), [&](const ir::Use& u) { return escapes_to(*u.user, members); });
  }

  size_t order(const ir::Op* op) {
    if (order_.empty()) {
      size_t n = 0;
      for (const auto& o : from_.ops()) order_[o.get()] = n++;
    }
    return order_.at(op);
  }

  /// One fusion region under construction.
  class Region {
   public:
    Region(Fuser& fuser, std::string kind)
        : fuser_(fuser), kind_(std::move(kind)), body_(std::make_unique<ir::Function>("fusion")), b_(*body_) {}

    void add(ir::Op& op, const std::unordered_set<const ir::Op*>& members) {
      members_ = &members;
      copy_op(op);
    }

    /// The value inside the region: members and views are copied in, the rest comes as a parameter.
    Value inner(Value v) {
      if (const auto it = map_.find(v); it != map_.end()) return it->second;
      if (is_view(v)) {
        copy_op(*v.op);
        return map_.at(v);
      }
      DLC_CHECK(v.is(OpKind::kParam) || !members_ || !members_->contains(v.op), "a member is read before it is made");
      captures_.push_back(fuser_.outer(v));
      return map_[v] = body_->add_param(v.type(), {ir::ParamKind::kFeed, fmt::format("p{}", captures_.size() - 1)},
                                        v.op->provenance());
    }

    ir::Op* finish(std::vector<Value> results, const ir::Provenance& provenance) {
      body_->set_results(results);
      std::vector<std::unique_ptr<ir::Function>> regions;
      regions.push_back(std::move(body_));
      fuser_.b_.set_provenance(provenance);
      return fuser_.b_.create(OpKind::kFusion, captures_, {{"kind", kind_}}, std::move(regions));
    }

   private:
    void copy_op(ir::Op& op) {
      std::vector<Value> operands;
      for (const Value x : op.operands()) operands.push_back(inner(x));
      b_.set_provenance(op.provenance());
      ir::Op* made = b_.create(op.kind(), operands, op.attrs());
      for (int r = 0; r < op.num_results(); ++r) map_[op.result(r)] = made->result(r);
    }

    Fuser& fuser_;
    std::string kind_;
    std::unique_ptr<ir::Function> body_;
    ir::Builder b_;
    std::unordered_map<Value, Value> map_;
    std::vector<Value> captures_;
    const std::unordered_set<const ir::Op*>* members_ = nullptr;
  };

  const ir::Function& from_;
  ir::Function& to_;
  ir::Builder b_;
  Clusters clusters_;
  FusionLog* const log_;
  std::unordered_map<Value, Value> map_;
  std::unordered_map<const ir::Op*, size_t> order_;
};

}  // namespace

Expected<std::unique_ptr<ir::Function>> fuse(const ir::Function& function, PassContext& context) {
  auto fused = std::make_unique<ir::Function>(function.name());
  Fuser(function, *fused, context).run();
  return fused;
}

Expected<bool> run_fuse(ir::Function& function, PassContext& context) {
  DLC_ASSIGN_OR_RETURN(auto fused, fuse(function, context));
  function.take_body(*fused);
  return true;
}

}  // namespace dlc::passes
