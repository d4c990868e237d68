// What clusters.cpp decided, put on record in the words that FusionLog keeps.
#include "ir/op_def.h"
#include "passes/fusion/clusters.h"

namespace dlc::passes {

using ir::OpKind;

namespace {

ir::Value first_result(const ir::Op& op) { return {const_cast<ir::Op*>(&op), 0}; }

/// Where place() looked at no cluster at all, the role of the op is the reason.
Apart reason_of_role(FusionRole role, const ir::Op* view) {
  switch (role) {
    case FusionRole::kIndexed: return Apart::kIndexed;
    case FusionRole::kDot: return Apart::kProduct;
    case FusionRole::kAlone: return Apart::kAlone;
    default: break;
  }
  if (view) return Apart::kView;
  return role == FusionRole::kElementwise ? Apart::kJoined : Apart::kBehind;
}

}  // namespace

void Clusters::log_apart(const ir::Op& op, FusionRole role, const std::unordered_map<int, Apart>& reasons) {
  const int home = cluster_of(first_result(op));
  // What is read, through views; `view` is the last of them.
  const auto look = [&](const auto& self, const ir::Op& reader, const ir::Op* view) -> void {
    for (const ir::Value x : reader.operands()) {
      if (x.is(OpKind::kParam)) continue;
      const int source = cluster_of(x);
      if (source < 0) {
        self(self, *x.op, x.op);
      } else if (source != home) {
        const auto met = reasons.find(source);
        const Apart reason = met != reasons.end() ? met->second : reason_of_role(role, view);
        log_->part(op, *x.op, reason, detail(reason, op, source, view));
      }
    }
  };
  look(look, op, nullptr);
}

std::string Clusters::detail(Apart reason, const ir::Op& reader, int source, const ir::Op* view) const {
  const Cluster& from = clusters_[static_cast<size_t>(source)];
  const auto loops = [](const Cluster& c) { return fmt::format("a `{}` over {}", c.kind, ir::dims_str(c.space)); };
  switch (reason) {
    case Apart::kView: return view->name();
    case Apart::kIndexed:
    case Apart::kAlone: return reader.name();
    case Apart::kKind:
    case Apart::kBehind: return from.kind;
    case Apart::kSizes:
      return fmt::format("the `{}` is of {}, the kernel is {}", reader.name(), ir::dims_str(reader.type().dims),
                         loops(from));
    case Apart::kJoined: {
      const Cluster& home = clusters_[static_cast<size_t>(cluster_of(first_result(reader)))];
      return fmt::format("these are {} and {}", loops(home), loops(from));
    }
    case Apart::kReadByMore: return other_reader(source, reader);
    default: return {};
  }
}

std::string Clusters::other_reader(int cluster, const ir::Op& reader) const {
  for (const ir::Op* member : clusters_[static_cast<size_t>(cluster)].ops)
    for (int r = 0; r < member->num_results(); ++r)
      for (const ir::Use& use : member->uses(r)) {
        if (use.user == &reader || is_in(*use.user, cluster)) continue;
        return use.user->is(OpKind::kReturn) ? "the caller reads"
                                             : fmt::format("'{}' reads", use.user->provenance().node());
      }
  return {};
}

}  // namespace dlc::passes
