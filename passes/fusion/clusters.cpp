#include "passes/fusion/clusters.h"

#include <algorithm>
#include <numeric>

#include "ir/attr.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::passes {

using ir::OpKind;

FusionRole fusion_role(const ir::Op& op) {
  switch (op.kind()) {
    case OpKind::kConstant:
    case OpKind::kDimValue:
    case OpKind::kIota:
    case OpKind::kBroadcast:
    case OpKind::kTranspose:
    case OpKind::kSlice:
    case OpKind::kReverse: return FusionRole::kView;
    case OpKind::kReshape: return FusionRole::kAlias;
    case OpKind::kPad:
    case OpKind::kGather:
    case OpKind::kRngBits: return FusionRole::kIndexed;
    case OpKind::kDotGeneral: return FusionRole::kDot;
    case OpKind::kReduce: {
      const int64_t last = op.operand(0).rank() - 1;
      const ir::Ints& axes = op.ints_attr("axes");
      const bool neighbours = !axes.empty() && axes.back() - axes.front() + 1 == static_cast<int64_t>(axes.size());
      DLC_CHECK(neighbours, "a reduction over {} reached fusion: split-reductions must run before",
                ir::attr_str(ir::Attr(axes)));
      return axes.back() == last ? FusionRole::kRow : FusionRole::kColumn;
    }
    default: break;
  }
  return op.def().fusion == ir::FusionKind::kElementwise ? FusionRole::kElementwise : FusionRole::kAlone;
}

Clusters::Clusters(const ir::Function& function, PassContext& context) : log_(context.fusion_log) {
  RewriteCounter& rewrites = context.rewrites;
  cluster_of_.assign(function.num_ops() + 1, -1);
  uint32_t number = 0;
  for (ir::Op* op : function.ops()) op->scratch = ++number;
  for (ir::Op* op : function.ops()) {
    const FusionRole role = fusion_role(*op);
    if (role == FusionRole::kView || role == FusionRole::kAlias) continue;
    if (log_) log_->add(*op);
    if (context.options.fuse && rewrites.may_rewrite()) {
      rewrites.consider(*op);
      place(*op, role);
      const auto home = static_cast<size_t>(cluster_of(op->result()));
      if (clusters_[home].ops.size() > 1) rewrites.count("join-kernel");
    } else {
      static constexpr const char* kKinds[] = {"", "loop", "loop", "row", "column", "dot"};
      const int made = add(role == FusionRole::kAlone ? op->name() : kKinds[static_cast<size_t>(role)], *op);
      std::unordered_map<int, Apart> reasons;
      for (const int s : clusters_[static_cast<size_t>(made)].operands) reasons[s] = Apart::kOff;
      if (log_) log_apart(*op, role, reasons);
    }
  }
  if (!log_) return;
  for (const ir::Op* op : function.ops())
    if (const int c = cluster_of_[op->scratch]; c >= 0) log_->set_kernel(*op, find(c));
  log_->close();
}

int Clusters::cluster_of(ir::Value v) const {
  const int c = cluster_of_[v.op->scratch];  // those of parameters and of the return op are 0
  return c < 0 ? -1 : find(c);
}

bool Clusters::is_in(const ir::Op& op, int cluster) const {
  const int c = cluster_of_[op.scratch];
  return c >= 0 && find(c) == cluster;
}

void Clusters::sources(const ir::Op& op, std::unordered_set<int>& out) const {
  for (const ir::Value x : op.operands()) {
    if (x.is(OpKind::kParam)) continue;
    if (const int c = cluster_of(x); c >= 0)
      out.insert(c);
    else
      sources(*x.op, out);
  }
}

namespace {

/// Whether all that may follow the product, element by element, reads more than one other array of its size, as an
/// update by Adam does. The kernel of a product goes through them tile by tile, in pieces too short for memory to
/// keep up; where they are large, a loop behind the product takes less time than that costs (measured: MLP training
/// with Adam 0.88 times, with momentum 1.0, by gradient descent, which reads one, 1.04).
bool followed_by_streams(const ir::Op& product, size_t most_ops) {
  constexpr int64_t kLarge = 1 << 16;  // elements
  const ir::Dims& dims = product.type().dims;
  const ir::Dim elements = ir::product(dims);
  if (elements.is_constant() && elements.constant() <= kLarge) return false;
  std::unordered_set<const ir::Op*> members{&product};
  std::vector<const ir::Op*> pending{&product};
  while (!pending.empty()) {
    const ir::Op& op = *pending.back();
    pending.pop_back();
    for (int r = 0; r < op.num_results(); ++r)
      for (const ir::Use& use : op.uses(r))
        if (members.size() < most_ops && fusion_role(*use.user) == FusionRole::kElementwise &&
            use.user->type().dims == dims && members.insert(use.user).second)
          pending.push_back(use.user);
  }
  members.erase(&product);
  std::unordered_set<ir::Value> read;
  for (const ir::Op* op : members)
    for (const ir::Value x : op->operands())
      if (x.dims() == dims && x.op != &product && !members.contains(x.op) &&
          (x.is(OpKind::kParam) || fusion_role(*x.op) != FusionRole::kView))
        read.insert(x);
  return read.size() > 1;
}

}  // namespace

namespace {

void insert_once(std::vector<int>& set, int element) {
  if (std::find(set.begin(), set.end(), element) == set.end()) set.push_back(element);
}

/// What is in `from` is in `into`.
void take_over(Cluster& into, Cluster& from) {
  into.ops.insert(into.ops.end(), from.ops.begin(), from.ops.end());
  for (const int s : from.operands) insert_once(into.operands, s);
  into.reads.insert(into.reads.end(), from.reads.begin(), from.reads.end());
  from.ops = {};
  from.operands = {};
  from.reads = {};
}

}  // namespace

int Clusters::add(std::string kind, ir::Op& op) {
  const int id = static_cast<int>(clusters_.size());
  clusters_.push_back({.kind = std::move(kind), .space = op.type().dims, .row = {}, .ops = {}, .operands = {}});
  order_.add();
  Cluster& c = clusters_.back();
  if (op.is(OpKind::kReduce) && c.kind == "row") {
    c.space = op.operand(0).dims();
    c.row = op.type().dims;
  }
  c.streams = op.is(OpKind::kDotGeneral) && followed_by_streams(op, kMostOps);
  join(id, op);
  return id;
}

void Clusters::join(int cluster, ir::Op& op) {
  std::unordered_set<int> from;
  sources(op, from);
  Cluster& c = clusters_[static_cast<size_t>(cluster)];
  for (const int s : from) {
    if (s == cluster) continue;
    insert_once(c.operands, s);
    order_.require(cluster, s);
  }
  c.reads.insert(c.reads.end(), op.operands().begin(), op.operands().end());
  c.ops.push_back(&op);
  cluster_of_[op.scratch] = cluster;
}

namespace {

/// A broadcast that gives every element of a row the row's value: axes 0, 1, ... in place.
bool spreads_rows(const ir::Op& op, const ir::Dims& row) {
  if (!op.is(OpKind::kBroadcast) || op.operand(0).dims() != row) return false;
  const ir::Ints& axes = op.ints_attr("axes");
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i] != static_cast<int64_t>(i)) return false;
  return true;
}

}  // namespace

/// Values of the cluster are read by `op` at its own index only (or, in a row cluster, as its row's).
bool Clusters::reads_fit(int cluster, const ir::Op& op) const {
  const Cluster& c = clusters_[static_cast<size_t>(cluster)];
  const auto fits = [&](const auto& self, ir::Value x, bool through_view) -> bool {
    if (x.is(OpKind::kParam)) return true;
    if (cluster_of(x) == cluster) return !through_view;
    if (cluster_of(x) >= 0) return true;
    // A view or an alias: what it shows must not come from the cluster.
    if (c.kind == "row" && !through_view && spreads_rows(*x.op, c.row) && x.dims() == c.space)
      return self(self, x.op->operand(0), false);
    return std::all_of(x.op->operands().begin(), x.op->operands().end(),
                       [&](ir::Value y) { return self(self, y, true); });
  };
  return std::all_of(op.operands().begin(), op.operands().end(), [&](ir::Value x) { return fits(fits, x, false); });
}

/// The op reads elements that a row cluster has not seen and has in common with it only what is said of
/// whole rows, as an update by a clipped gradient has the norm. In the row kernel it would run on as
/// many threads as there are rows, often one, and save no memory traffic.
bool Clusters::only_uses_rows(int cluster, const ir::Op& op) const {
  const Cluster& c = clusters_[static_cast<size_t>(cluster)];
  bool brings_elements = false;
  for (const ir::Value x : op.operands()) {
    const bool view = !x.is(OpKind::kParam) && fusion_role(*x.op) == FusionRole::kView;
    if (x.dims() != c.space || view) continue;
    if (cluster_of(x) == cluster || std::find(c.reads.begin(), c.reads.end(), x) != c.reads.end()) return false;
    brings_elements = true;
  }
  return brings_elements;
}

Apart Clusters::refusal(int cluster, const ir::Op& op, FusionRole role) const {
  const Cluster& c = clusters_[static_cast<size_t>(cluster)];
  if (c.ops.size() >= kMostOps) return Apart::kFull;
  const ir::Dims& dims = op.type().dims;
  if (role == FusionRole::kElementwise) {
    if (c.kind != "loop" && c.kind != "row" && c.kind != "column" && c.kind != "dot") return Apart::kKind;
    if (dims != c.space && !(c.kind == "row" && dims == c.row)) return Apart::kSizes;
    if (c.kind == "row" && dims != c.row && only_uses_rows(cluster, op)) return Apart::kRowsOnly;
    if (c.streams) return Apart::kStreams;
  } else if (role == FusionRole::kRow) {
    if (c.kind != "row") return Apart::kBehind;
    if (op.operand(0).dims() != c.space || dims != c.row) return Apart::kSizes;
    if (op.ints_attr("axes").size() != c.space.size() - c.row.size()) return Apart::kSizes;
  } else {
    return Apart::kBehind;
  }
  if (!reads_fit(cluster, op)) return Apart::kOtherPlace;
  // No cycle: nothing else that op reads may depend on the cluster.
  std::unordered_set<int> from;
  sources(op, from);
  const bool circle = std::any_of(from.begin(), from.end(), [&](int s) { return s != cluster && needs(s, cluster); });
  return circle ? Apart::kCircle : Apart::kNone;
}

Apart Clusters::merge_refusal(int home, int other, const ir::Op& op) const {
  const Cluster &a = clusters_[static_cast<size_t>(home)], &b = clusters_[static_cast<size_t>(other)];
  if (a.kind != "loop" || b.kind != "loop" || a.space != b.space) return Apart::kJoined;
  if (a.ops.size() + b.ops.size() > kMostOps) return Apart::kFull;
  if (!reads_fit(other, op)) return Apart::kOtherPlace;
  // Merging makes a cycle only through a third cluster.
  bool cycle = false;
  for (const int s : a.operands) cycle |= find(s) != other && find(s) != home && needs(s, other);
  for (const int s : b.operands) cycle |= find(s) != other && find(s) != home && needs(s, home);
  return cycle ? Apart::kCircle : Apart::kNone;
}

void Clusters::merge(int into, int from) {
  Cluster &a = clusters_[static_cast<size_t>(into)], &b = clusters_[static_cast<size_t>(from)];
  take_over(a, b);
  order_.merge(into, from);
  std::erase_if(a.operands, [&](int s) { return s == into || s == from; });
}

void Clusters::place(ir::Op& op, FusionRole role) {
  std::unordered_map<int, Apart> reasons;  // by cluster that was considered
  switch (role) {
    case FusionRole::kIndexed: add("loop", op); break;
    case FusionRole::kDot: add("dot", op); break;
    case FusionRole::kAlone: add(op.name(), op); break;
    default:
      if (join_operand(op, role, reasons)) break;
      if (role == FusionRole::kElementwise)
        add("loop", op);
      else
        start_reduction(op, role, reasons);
  }
  if (log_) log_apart(op, role, reasons);
}

bool Clusters::join_operand(ir::Op& op, FusionRole role, std::unordered_map<int, Apart>& reasons) {
  if (role == FusionRole::kColumn) return false;
  // Clusters of direct operands, and of the rows they spread, in operand order.
  std::vector<int> candidates;
  const auto consider = [&](ir::Value x) {
    const int c = cluster_of(x);
    if (c >= 0 && std::find(candidates.begin(), candidates.end(), c) == candidates.end()) candidates.push_back(c);
  };
  for (const ir::Value x : op.operands()) {
    consider(x);
    if (x.is(OpKind::kBroadcast)) consider(x.op->operand(0));
  }
  // The rarer kinds first: a loop may be merged into whatever the op joins.
  const auto rank = [&](int c) { return clusters_[static_cast<size_t>(c)].kind == "loop" ? 1 : 0; };
  std::stable_sort(candidates.begin(), candidates.end(), [&](int a, int b) { return rank(a) < rank(b); });
  const auto home = std::find_if(candidates.begin(), candidates.end(), [&](int c) {
    const Apart why = refusal(c, op, role);
    if (why != Apart::kNone) reasons[c] = why;
    return why == Apart::kNone;
  });
  if (home == candidates.end()) return false;
  join(*home, op);
  if (role != FusionRole::kElementwise) return true;
  // Two loops over one space that meet here become one.
  for (const int c : candidates) {
    if (c == *home || find(c) != c) continue;
    const Apart why = merge_refusal(*home, c, op);
    if (why == Apart::kNone)
      merge(*home, c);
    else
      reasons.emplace(c, why);
  }
  return true;
}

void Clusters::start_reduction(ir::Op& op, FusionRole role, std::unordered_map<int, Apart>& reasons) {
  const int made = add(role == FusionRole::kRow ? "row" : "column", op);
  const int producer = cluster_of(op.operand(0));
  if (producer < 0) return;
  Cluster& p = clusters_[static_cast<size_t>(producer)];
  if (p.kind != "loop") {
    reasons[producer] = Apart::kBehind;
    return;
  }
  if (p.space != op.operand(0).dims()) {
    reasons[producer] = Apart::kSizes;
    return;
  }
  if (p.ops.size() >= kMostOps) {
    reasons[producer] = Apart::kFull;
    return;
  }
  // Nothing but the reduction may read it: element results of a row kernel would run on fewer
  // threads than a loop has, and a column kernel has none.
  for (const ir::Op* member : p.ops)
    for (int r = 0; r < member->num_results(); ++r)
      for (const ir::Use& use : member->uses(r)) {
        if (use.user == &op || is_in(*use.user, producer)) continue;
        reasons[producer] = Apart::kReadByMore;
        return;
      }
  Cluster& into = clusters_[static_cast<size_t>(made)];
  std::erase(into.operands, producer);
  take_over(into, p);
  order_.merge(made, producer);
}

std::vector<const Cluster*> Clusters::in_order() const {
  std::vector<const Cluster*> order;
  std::vector<char> state(clusters_.size(), 0);
  // Depth first, without recursion: chains of clusters are as long as the program.
  for (size_t root = 0; root < clusters_.size(); ++root) {
    if (find(static_cast<int>(root)) != static_cast<int>(root) || state[root] != 0) continue;
    std::vector<std::pair<int, bool>> work{{static_cast<int>(root), false}};
    while (!work.empty()) {
      const auto [c, expanded] = work.back();
      work.pop_back();
      if (expanded) {
        order.push_back(&clusters_[static_cast<size_t>(c)]);
        continue;
      }
      if (state[static_cast<size_t>(c)] != 0) continue;
      state[static_cast<size_t>(c)] = 1;
      work.emplace_back(c, true);
      std::vector<int> from(clusters_[static_cast<size_t>(c)].operands.begin(),
                            clusters_[static_cast<size_t>(c)].operands.end());
      std::sort(from.begin(), from.end(), std::greater<>());
      for (const int raw : from)
        if (const int s = find(raw); s != c && state[static_cast<size_t>(s)] == 0) work.emplace_back(s, false);
    }
  }
  return order;
}

}  // namespace dlc::passes
