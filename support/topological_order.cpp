#include "support/topological_order.h"

#include <algorithm>
#include <iterator>

namespace dlc {

int TopologicalOrder::add() {
  const int n = size();
  nodes_.push_back({.parent = n, .position = static_cast<int>(at_.size()), .needs = {}});
  at_.push_back(n);
  return n;
}

int TopologicalOrder::find(int n) const {
  while (node(n).parent != n) n = node(n).parent;
  return n;
}

int TopologicalOrder::mark_needed(int from, int first, int target, int most) const {
  const int mark = ++search_;
  std::vector<int> work{from};
  node(from).seen = mark;
  while (!work.empty()) {
    const int n = work.back();
    work.pop_back();
    for (const int raw : node(n).needs) {
      const int m = find(raw);
      if (node(m).position < first || node(m).seen == mark) continue;
      node(m).seen = mark;
      if (m == target) return mark;
      if (--most <= 0) return -1;
      work.push_back(m);
    }
  }
  return mark;
}

bool TopologicalOrder::needs(int n, int other) const { return may_need(n, other, std::numeric_limits<int>::max()); }

bool TopologicalOrder::may_need(int n, int other, int most) const {
  n = find(n);
  other = find(other);
  if (n == other || node(n).position < node(other).position) return false;
  const int mark = mark_needed(n, node(other).position, other, most);
  return mark < 0 || node(other).seen == mark;
}

void TopologicalOrder::move_before(int first, int last, bool with_last) {
  const int from = node(first).position, to = node(last).position + 1;
  const int mark = mark_needed(last, from);
  std::vector<int> before, behind;
  for (int p = from; p < to; ++p) {
    const int n = at_[static_cast<size_t>(p)];
    if (n < 0 || (n == last && !with_last)) continue;
    (n != first && node(n).seen == mark ? before : behind).push_back(n);
  }
  int p = from;
  const auto place = [&](int n) {
    at_[static_cast<size_t>(p)] = n;
    node(n).position = p++;
  };
  for (const int n : before) place(n);
  for (const int n : behind) place(n);
  for (; p < to; ++p) at_[static_cast<size_t>(p)] = -1;
}

void TopologicalOrder::require(int n, int other) {
  n = find(n);
  other = find(other);
  if (n == other) return;
  if (node(n).position < node(other).position) move_before(n, other, true);
  node(n).needs.push_back(other);
}

void TopologicalOrder::merge(int into, int from) {
  into = find(into);
  from = find(from);
  if (into == from) return;
  // What the later one needs goes before the earlier one, whose place the two then have.
  const bool into_first = node(into).position < node(from).position;
  const int first = into_first ? into : from, last = into_first ? from : into;
  move_before(first, last, false);
  std::vector<int>& needs = node(into).needs;
  std::vector<int>& others = node(from).needs;
  needs.insert(needs.end(), others.begin(), others.end());
  others = {};
  const int place = node(first).position;
  at_[static_cast<size_t>(place)] = into;
  node(into).position = place;
  node(from).parent = into;
  std::erase_if(needs, [&](int m) { return find(m) == into; });
}

std::vector<int> TopologicalOrder::sorted() const {
  std::vector<int> nodes;
  std::copy_if(at_.begin(), at_.end(), std::back_inserter(nodes), [](int n) { return n >= 0; });
  return nodes;
}

}  // namespace dlc
