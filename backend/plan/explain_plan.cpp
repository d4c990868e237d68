#include "backend/plan/explain_plan.h"

namespace dlc::backend {

Expected<void> explain_plan(const Plan& plan, const ir::SymbolBinding& binding, Explanation& why) {
  why.program = plan.name;
  for (const PlanNode* launch : launches(plan)) {
    Explanation::Kernel& kernel = why.kernels.emplace_back();
    kernel.name = plan.kernels[static_cast<size_t>(launch->call.kernel)].name;
    for (const PlanCall* call : calls_of(*launch)) {
      kernel.nodes.insert(kernel.nodes.end(), call->nodes.begin(), call->nodes.end());
      DLC_ASSIGN_OR_RETURN(const int64_t flops, call->cost.flops.evaluate(binding));
      DLC_ASSIGN_OR_RETURN(const int64_t bytes, call->cost.bytes.evaluate(binding));
      kernel.flops += flops;
      kernel.bytes += bytes;
    }
  }
  for (const PlanBuffer& b : plan.buffers) {
    if (b.kind == PlanBuffer::kConstant) continue;
    DLC_ASSIGN_OR_RETURN(const int64_t elements, b.elements.evaluate(binding));
    why.buffers.push_back({.node = b.name,
                           .type = type_str(b.dtype, Shape{elements}),
                           .bytes = elements * static_cast<int64_t>(size_of(b.dtype)),
                           .first_call = b.first_call,
                           .last_call = b.last_call,
                           .in_arena = b.kind == PlanBuffer::kArena});
  }
  why.copies = why.fusion.copies();
  why.copies.insert(why.copies.end(), plan.shadows.begin(), plan.shadows.end());
  return {};
}

}  // namespace dlc::backend
