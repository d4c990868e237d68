#include "backend/name_code.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "backend/explanation.h"

namespace dlc::backend {

std::vector<NamedCode> name_code(const Plan& plan, const NativeProgram& native) {
  constexpr std::string_view kChunk = ".chunk";
  struct Names {
    std::string label;
    std::set<std::string> nodes;
  };
  std::map<std::string, Names, std::less<>> names;  // by kernel
  for (const PlanNode* launch : launches(plan)) {
    std::vector<std::string> nodes;
    for (const PlanCall* call : calls_of(*launch)) nodes.insert(nodes.end(), call->nodes.begin(), call->nodes.end());
    Names& n = names[plan.kernels[static_cast<size_t>(launch->call.kernel)].name];
    if (n.label.empty()) n.label = nodes_label(nodes);
    n.nodes.insert(nodes.begin(), nodes.end());
  }
  std::vector<NamedCode> code;
  for (const MachineFunction& f : native.functions()) {
    if (f.name == kStepSymbol) {
      code.push_back({fmt::format("@{}", plan.name), f.address, f.bytes});
      continue;
    }
    // LLVM numbers the chunks of a kernel that has several: KERNEL.chunk.1.
    const size_t dot = f.name.find(kChunk);
    // Objects hold kernels of other programs as well.
    const auto it = names.find(std::string_view(f.name).substr(0, dot));
    if (it == names.end()) continue;
    const bool is_chunk = dot != std::string::npos;
    code.push_back({it->second.label + (is_chunk ? " chunk" : ""), f.address, f.bytes});
    if (is_chunk) continue;
    for (const std::string& node : it->second.nodes) code.push_back({node, f.address, 0});
  }
  return code;
}

void write_perf_map(std::span<const NamedCode> code) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static std::FILE* const file = std::fopen(fmt::format("/tmp/perf-{}.map", getpid()).c_str(), "w");
  if (!file) return;
  for (const NamedCode& c : code)
    if (c.bytes > 0) fmt::print(file, "{:x} {:x} {}\n", reinterpret_cast<uintptr_t>(c.address), c.bytes, c.name);
  std::fflush(file);
}

}  // namespace dlc::backend
