#include "backend/explanation.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "support/suggest.h"

namespace dlc::backend {
namespace {

/// `value` with the largest of the units of which it has at least one.
std::string scaled(double value, double factor, const std::vector<const char*>& units) {
  size_t unit = 0;
  while (value >= factor && unit + 1 < units.size()) {
    value /= factor;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} {}", value, units[0]) : fmt::format("{:.1f} {}", value, units[unit]);
}

bool alive(const Explanation::Buffer& b, int call) { return b.first_call <= call && call <= b.last_call; }

}  // namespace

std::string bytes_str(int64_t bytes) {
  return scaled(static_cast<double>(bytes), 1024, {"bytes", "KiB", "MiB", "GiB", "TiB"});
}

std::string flops_str(int64_t flops) {
  return scaled(static_cast<double>(flops), 1000, {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"});
}

std::string nodes_label(const std::vector<std::string>& nodes) {
  if (nodes.empty()) return "(no node)";
  return nodes.size() == 1 ? nodes.back() : fmt::format("{} (+{} more)", nodes.back(), nodes.size() - 1);
}

Expected<std::string> Explanation::why_not_fused(std::string_view a, std::string_view b) const {
  DLC_ASSIGN_OR_RETURN(const bool together, fusion.together(a, b));
  if (together) return fmt::format("'{}' and '{}' are in one kernel.\n", a, b);
  DLC_ASSIGN_OR_RETURN(const passes::Separation apart, fusion.why_apart(a, b));
  return apart.str() + "\n";
}

Expected<std::string> Explanation::kernels_of(std::string_view node) const {
  std::string out;
  std::vector<std::string> known;
  for (size_t i = 0; i < kernels.size(); ++i) {
    const Kernel& k = kernels[i];
    known.insert(known.end(), k.nodes.begin(), k.nodes.end());
    if (std::find(k.nodes.begin(), k.nodes.end(), node) == k.nodes.end()) continue;
    out += fmt::format("'{}' is computed by call {}, {}: {}\n", node, i, k.name, fmt::join(k.nodes, ", "));
  }
  if (!out.empty()) return out;
  if (const auto became = fusion.what_became_of(node))
    return make_error(ErrorCode::kNotFound, "no kernel computes '{}' alone: {}", node, *became);
  return make_error(ErrorCode::kNotFound,
                    "no kernel computes '{}': it is not part of this step, was simplified away, or is only another "
                    "view of memory{}",
                    node, did_you_mean(node, known));
}

std::string Explanation::kernel_table() const {
  std::string out = fmt::format("{} kernel calls\n", kernels.size());
  for (size_t i = 0; i < kernels.size(); ++i)
    out += fmt::format("{:>5}: {:>12} {:>12}  {}  // {}\n", i, flops_str(kernels[i].flops), bytes_str(kernels[i].bytes),
                       kernels[i].name, nodes_label(kernels[i].nodes));
  return out;
}

std::string Explanation::partings() const {
  std::string out;
  for (const passes::Separation& s : fusion.all()) out += s.str() + "\n";
  return out;
}

std::string Explanation::copy_reasons() const {
  std::string out;
  for (const passes::Copied& c : copies) out += c.str() + "\n";
  return out;
}

std::string Explanation::memory() const {
  int peak_call = 0;
  int64_t peak = 0, outside = 0;
  for (int call = 0; call < static_cast<int>(kernels.size()); ++call) {
    int64_t bytes = 0;
    for (const Buffer& b : buffers)
      if (b.in_arena && alive(b, call)) bytes += b.bytes;
    if (bytes > peak) {
      peak = bytes;
      peak_call = call;
    }
  }
  std::vector<Buffer> largest;
  for (const Buffer& b : buffers) {
    if (!b.in_arena) outside += b.bytes;
    if (b.in_arena && b.bytes > 0 && alive(b, peak_call)) largest.push_back(b);
  }
  std::stable_sort(largest.begin(), largest.end(), [](const Buffer& a, const Buffer& b) { return a.bytes > b.bytes; });
  std::string out =
      fmt::format("working memory {}; feeds, results and variables {}\n", bytes_str(arena_bytes), bytes_str(outside));
  if (largest.empty()) return out;
  out += fmt::format("most is in use in call {} ({}): {}\n", peak_call,
                     nodes_label(kernels[static_cast<size_t>(peak_call)].nodes), bytes_str(peak));
  constexpr size_t kMost = 20;
  for (size_t i = 0; i < largest.size() && i < kMost; ++i)
    out += fmt::format("{:>12}  {}  // {}, calls {} to {}\n", bytes_str(largest[i].bytes), largest[i].type,
                       largest[i].node, largest[i].first_call, largest[i].last_call);
  if (largest.size() > kMost) out += fmt::format("{:>12}  {} smaller ones\n", "", largest.size() - kMost);
  return out;
}

std::string Explanation::str() const {
  std::string out = fmt::format("@{}\n\n{}\n", program, kernel_table());
  if (const std::string apart = partings(); !apart.empty()) out += "Why not fewer kernels\n" + apart + "\n";
  if (const std::string copied = copy_reasons(); !copied.empty()) out += "Copies\n" + copied + "\n";
  return out + "Memory\n" + memory();
}

}  // namespace dlc::backend
