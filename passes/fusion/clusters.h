// Which ops become one kernel. Clusters grow greedily in program order: an op joins the cluster of
// an operand when the kind of kernel allows it and no cycle of clusters comes of it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/function.h"
#include "passes/fusion/fusion_log.h"
#include "passes/pass.h"
#include "support/topological_order.h"

namespace dlc::passes {

/// How an op takes part.
enum class FusionRole : uint8_t {
  kView,         ///< costs nothing to compute again: every user has its own (constants, broadcasts, slices)
  kElementwise,  ///< element i from elements i
  kIndexed,      ///< element i from elements elsewhere: heads a loop, operands come from memory
  kRow,          ///< reduction over the last axes
  kColumn,       ///< reduction over outer axes
  kDot,
  kAlone,  ///< a kernel of its own
  kAlias,  ///< no kernel: a reshape of a buffer
};
FusionRole fusion_role(const ir::Op& op);

struct Cluster {
  std::string kind;              ///< the schedule: "loop" "row" "column" "dot", or the name of the op that is alone
  ir::Dims space;                ///< dims of its elements
  ir::Dims row;                  ///< kRow: dims of a row value
  std::vector<ir::Op*> ops;      ///< in program order, views not included
  std::vector<int> operands;     ///< clusters whose values it reads, each once
  std::vector<ir::Value> reads;  ///< operands of its ops
  bool streams = false;          ///< a product: what may follow it reads too much to be in its kernel
};

class Clusters {
 public:
  /// With PassOptions::fuse off every op is a cluster of its own. That an op joins others is a rewrite.
  /// PassContext::fusion_log is told what came together and why other things did not. Ops are numbered in program
  /// order, from 1, in Op::scratch, and stay so.
  Clusters(const ir::Function& function, PassContext& context);
  /// Every cluster after those it reads.
  std::vector<const Cluster*> in_order() const;
  /// The cluster that makes the value, or null: it is a parameter, a view or an alias.
  const Cluster* find(ir::Value v) const {
    const int c = cluster_of(v);
    return c < 0 ? nullptr : &clusters_[static_cast<size_t>(c)];
  }

 private:
  /// The code generator's time and the depth of its recursion grow with a kernel.
  static constexpr size_t kMostOps = 256;
  static constexpr int kMostSearched = 256;

  void place(ir::Op& op, FusionRole role);
  /// Finds the cluster that `op` joins, and the loops that become one by it; false when there is none.
  bool join_operand(ir::Op& op, FusionRole role, std::unordered_map<int, Apart>& reasons);
  /// A cluster for a reduction, which takes in the loop that makes its operand.
  void start_reduction(ir::Op& op, FusionRole role, std::unordered_map<int, Apart>& reasons);
  int add(std::string kind, ir::Op& op);
  void join(int cluster, ir::Op& op);
  /// Why `op` may not join the cluster; kNone when it may.
  Apart refusal(int cluster, const ir::Op& op, FusionRole role) const;
  /// Why the loops of two clusters, which meet in `op`, may not become one.
  Apart merge_refusal(int home, int other, const ir::Op& op) const;
  /// Puts on record what `op` reads from other clusters, for the reasons that place() met by cluster.
  void log_apart(const ir::Op& op, FusionRole role, const std::unordered_map<int, Apart>& reasons);
  std::string detail(Apart reason, const ir::Op& reader, int source, const ir::Op* view) const;
  std::string other_reader(int cluster, const ir::Op& reader) const;
  bool reads_fit(int cluster, const ir::Op& op) const;
  bool only_uses_rows(int cluster, const ir::Op& op) const;
  void merge(int into, int from);
  int find(int cluster) const { return order_.find(cluster); }
  /// Whether `cluster` needs `other`. Between the ends of a long program the way is not searched: it does.
  bool needs(int cluster, int other) const { return order_.may_need(cluster, other, kMostSearched); }
  int cluster_of(ir::Value v) const;
  bool is_in(const ir::Op& op, int cluster) const;
  /// Clusters behind the operands of `op`, through views and aliases.
  void sources(const ir::Op& op, std::unordered_set<int>& out) const;

  FusionLog* const log_;
  std::vector<Cluster> clusters_;
  TopologicalOrder order_;       ///< of clusters; those that became one are merged in it
  std::vector<int> cluster_of_;  ///< by number of op; -1 for what is in none
};

}  // namespace dlc::passes
