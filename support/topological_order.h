// TopologicalOrder: nodes of which some need others, kept in an order in which every node comes behind all
// that it needs, while dependences are added and nodes are merged. A question that the order answers costs
// nothing; another, at most what lies between the two nodes in the order.
//
//   TopologicalOrder order;
//   const int a = order.add(), b = order.add();
//   if (!order.needs(a, b)) order.require(b, a);   // b comes behind a
//
// After D. Pearce and P. Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", 2006.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace dlc {

class TopologicalOrder {
 public:
  /// A new node, behind all others. They are numbered from 0.
  int add();
  int size() const { return static_cast<int>(nodes_.size()); }

  /// Whether `node` needs `other`, at once or through others. Of merged nodes any may be named.
  bool needs(int node, int other) const;
  /// The same, or true when it is not clear after a look at `most` nodes.
  bool may_need(int node, int other, int most) const;
  /// From now on `node` needs `other`, which must not need it; nothing happens when they are one.
  void require(int node, int other);
  /// Makes one node of two. No third may need the one and be needed by the other.
  void merge(int into, int from);
  /// The node that stands for what was merged into it.
  int find(int node) const;

  /// The nodes that stand for themselves, each behind what it needs.
  std::vector<int> sorted() const;

 private:
  struct Node {
    int parent = 0;          ///< itself, or what it was merged into
    int position = 0;        ///< in at_
    std::vector<int> needs;  ///< directly; ends of older numbers may have been merged since
    mutable int seen = 0;    ///< the search that came here last
  };
  const Node& node(int n) const { return nodes_[static_cast<std::size_t>(n)]; }
  Node& node(int n) { return nodes_[static_cast<std::size_t>(n)]; }
  /// Marks what `from` needs as far as it lies behind position `first`, `from` too, and ends early where `target`
  /// is met (-1: nowhere) or `most` nodes are marked. Returns the mark, or -1 when the last was the case.
  int mark_needed(int from, int first, int target = -1, int most = std::numeric_limits<int>::max()) const;
  /// Puts what `last` needs, and it, before `first`, which they do not need.
  void move_before(int first, int last, bool with_last);

  std::vector<Node> nodes_;
  std::vector<int> at_;  ///< by position: a node, or -1 where one was that is merged
  mutable int search_ = 0;
};

}  // namespace dlc
