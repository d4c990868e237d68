#include "tools/dlc/kernel_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace dlc::tools {

std::string kernel_table(std::vector<KernelProfile> rows) {
  std::erase_if(rows, [](const KernelProfile& r) { return r.runs == 0; });
  const auto mean = [](const KernelProfile& r) { return r.seconds / static_cast<double>(r.runs); };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const KernelProfile& a, const KernelProfile& b) { return mean(a) > mean(b); });
  double total = 0;
  for (const KernelProfile& r : rows) total += mean(r);
  std::string out = fmt::format("{:>12} {:>7} {:>9} {:>8}  kernel calls: {}, {:.2f} us together\n", "time", "share",
                                "GFLOP/s", "GB/s", rows.size(), total * 1e6);
  for (const KernelProfile& r : rows) {
    const double seconds = std::max(mean(r), 1e-9);  // the clock's step
    out += fmt::format("{:>9.2f} us {:>5.1f} % {:>9.2f} {:>8.2f}  {}\n", mean(r) * 1e6,
                       100 * mean(r) / std::max(total, 1e-9), static_cast<double>(r.flops) / seconds / 1e9,
                       static_cast<double>(r.bytes) / seconds / 1e9, backend::nodes_label(r.nodes));
  }
  return out;
}

}  // namespace dlc::tools
