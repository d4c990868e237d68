#include "backend/cpu/dot_schedule.h"

#include <algorithm>
#include <span>
#include <utility>

namespace dlc::backend {

DotSchedule choose_dot_schedule(const ir::Target& target, DType dtype, const ir::Dim& m, const ir::Dim& n,
                                const ir::Dim& k) {
  DotSchedule best;
  best.lanes = target.lanes(dtype);
  const bool many = target.vector_registers >= 32;
  const std::pair<int, int> wide[] = {{8, 3}, {14, 2}, {12, 2}, {24, 1}, {8, 1}};
  const std::pair<int, int> narrow[] = {{6, 2}, {4, 2}, {4, 3}, {12, 1}, {4, 1}};
  double best_cost = 0;
  for (const auto& [mr, nv] : many ? std::span(wide) : std::span(narrow)) {
    // Per step of k: nv loads of B, mr broadcasts of A, mr * nv multiply-adds; two of each a cycle.
    const double cycles = std::max({mr * nv / 2.0, (mr + nv) / 2.0, 2.0});
    double per_flop = cycles / (mr * nv);
    const auto waste = [](const ir::Dim& size, int64_t tile) {
      if (!size.is_constant() || size.constant() == 0) return 1.0;
      const int64_t s = size.constant();
      const int64_t padded = (s + tile - 1) / tile * tile;
      return static_cast<double>(padded) / static_cast<double>(s);
    };
    per_flop *= waste(m, mr) * waste(n, static_cast<int64_t>(nv) * best.lanes);
    if (best_cost == 0 || per_flop < 0.98 * best_cost) {
      best_cost = best.cycles_per_vector = per_flop;
      best.mr = mr;
      best.nv = nv;
    }
  }
  // No more room than a short row of A takes, in cache lines.
  if (k.is_constant()) best.kc = std::clamp<int64_t>((k.constant() + 15) / 16 * 16, 16, best.kc);
  return best;
}

}  // namespace dlc::backend
