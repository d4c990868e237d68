// TopologicalOrder against a plain search, on random graphs that grow and shrink.
#include "support/topological_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace dlc {
namespace {

/// The same by plain search over edges between representatives.
class Plain {
 public:
  void add() { group_.push_back(static_cast<int>(group_.size())); }
  int find(int n) const { return group_[static_cast<size_t>(n)]; }
  bool needs(int n, int other) const {
    std::set<int> seen;
    return reaches(find(n), find(other), seen);
  }
  void require(int n, int other) { edges_.emplace(n, other); }
  void merge(int into, int from) {
    const int from_group = find(from), into_group = find(into);
    std::replace(group_.begin(), group_.end(), from_group, into_group);
  }
  const std::set<std::pair<int, int>>& edges() const { return edges_; }

 private:
  bool reaches(int n, int other, std::set<int>& seen) const {
    for (const auto& [a, b] : edges_) {
      if (find(a) != n || find(b) == n) continue;
      if (find(b) == other) return true;
      if (seen.insert(find(b)).second && reaches(find(b), other, seen)) return true;
    }
    return false;
  }
  std::vector<int> group_;
  std::set<std::pair<int, int>> edges_;
};

void expect_sorted(const TopologicalOrder& order, const Plain& plain) {
  std::vector<int> position(static_cast<size_t>(order.size()), -1);
  const std::vector<int> sorted = order.sorted();
  for (size_t i = 0; i < sorted.size(); ++i) position[static_cast<size_t>(order.find(sorted[i]))] = static_cast<int>(i);
  std::set<int> groups;
  for (int n = 0; n < order.size(); ++n) groups.insert(order.find(n));
  EXPECT_EQ(groups.size(), sorted.size());
  for (const auto& [a, b] : plain.edges()) {
    const auto later = static_cast<size_t>(order.find(a)), earlier = static_cast<size_t>(order.find(b));
    if (later != earlier) {
      EXPECT_LT(position[earlier], position[later]) << a << " needs " << b;
    }
  }
}

TEST(TopologicalOrder, IsThatOfAPlainSearch) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    TopologicalOrder order;
    Plain plain;
    const auto any = [&] { return static_cast<int>(random() % static_cast<unsigned>(order.size())); };
    int merged = 0;
    for (int step = 0; step < 60; ++step) {
      if (order.size() < 2 || random() % 3 == 0) {
        order.add();
        plain.add();
        continue;
      }
      const int a = any(), b = any();
      ASSERT_EQ(order.needs(a, b), plain.needs(a, b)) << "seed " << seed << " step " << step;
      if (random() % 4 == 0) {
        // Only what no third lies between.
        const auto lies_between = [&](int c) {
          return (plain.needs(a, c) && plain.needs(c, b)) || (plain.needs(b, c) && plain.needs(c, a));
        };
        bool between = false;
        for (int c = 0; c < order.size(); ++c) between |= lies_between(c);
        if (between) continue;
        order.merge(a, b);
        plain.merge(a, b);
        ++merged;
      } else if (!plain.needs(b, a)) {
        order.require(a, b);
        plain.require(a, b);
      }
      expect_sorted(order, plain);
      if (HasFailure()) return;
    }
    EXPECT_GT(merged, 0);
  }
}

}  // namespace
}  // namespace dlc
