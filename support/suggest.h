// "did you mean ...?" for messages about unknown names.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace dlc {

/// The number of single-character edits between two names.
inline size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// "; did you mean 'relu'?" for the closest of `names`, or "" when none is near. Long names are
/// not compared: they may come from anywhere.
template <typename Names>
std::string did_you_mean(std::string_view name, const Names& names) {
  constexpr size_t kLongest = 100;
  if (name.size() > kLongest) return {};
  std::string best;
  size_t least = std::max<size_t>(1, name.size() / 3) + 1;
  for (const auto& candidate : names) {
    const std::string_view text(candidate);
    const size_t distance = text.size() > kLongest ? least : edit_distance(name, text);
    if (distance >= least) continue;
    least = distance;
    best = text;
  }
  return best.empty() ? best : "; did you mean '" + best + "'?";
}

}  // namespace dlc
