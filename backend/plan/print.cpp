#include <fmt/ranges.h>

#include "backend/plan/plan.h"

namespace dlc::backend {
namespace {

std::string scalar_str(const ScalarArg& arg) {
  switch (arg.kind) {
    case ScalarArg::kDim: return arg.dim.str();
    case ScalarArg::kBits: return fmt::format("0x{:x}", arg.bits);
    case ScalarArg::kSite: return fmt::format("site {}", arg.bits);
  }
  return "?";
}

std::string buffer_str(const Plan& plan, size_t i) {
  const PlanBuffer& b = plan.buffers[i];
  std::string text = fmt::format("  buffer %{} ", i);
  switch (b.kind) {
    case PlanBuffer::kParam: text += fmt::format("param {}", b.index); break;
    case PlanBuffer::kResult: text += fmt::format("result {}", b.index); break;
    case PlanBuffer::kConstant: text += fmt::format("constant {}", b.index); break;
    case PlanBuffer::kArena: text += fmt::format("arena, calls {}..{}", b.first_call, b.last_call); break;
  }
  text += fmt::format(" : {}[{}]", b.dtype, b.elements);
  if (!b.name.empty()) text += fmt::format("  // {}", b.name);
  return text + "\n";
}

}  // namespace

std::string print(const Plan& plan) {
  std::string out = fmt::format("plan @{}\n", plan.name);
  for (size_t i = 0; i < plan.buffers.size(); ++i) out += buffer_str(plan, i);
  for (size_t i = 0; i < plan.sites.size(); ++i)
    out += fmt::format("  site {}: {}, {}\n", i, plan.sites[i].provenance.node, plan.sites[i].check);
  for (size_t i = 0; i < plan.calls.size(); ++i) {
    if (i == 0 && plan.phase2 > 0) out += "  phase 1\n";
    if (i == plan.phase2) out += "  phase 2\n";
    const PlanCall& call = plan.calls[i];
    std::vector<std::string> scalars;
    for (const ScalarArg& arg : call.scalars) scalars.push_back(scalar_str(arg));
    out += fmt::format("    {}: call {}(%{}) ({})", i, plan.kernels[static_cast<size_t>(call.kernel)].name,
                       fmt::join(call.buffers, ", %"), fmt::join(scalars, ", "));
    if (!call.nodes.empty()) {
      out += "  // " + call.nodes.back();
      if (call.nodes.size() > 1) out += fmt::format(" (+{} more)", call.nodes.size() - 1);
    }
    out += "\n";
  }
  return out;
}

}  // namespace dlc::backend
