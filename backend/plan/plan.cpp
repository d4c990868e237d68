#include "backend/plan/plan.h"

namespace dlc::backend {
namespace {

void collect(const PlanNode& node, std::vector<const PlanNode*>& found) {
  if (node.kind == PlanNode::kCall || node.kind == PlanNode::kPar) {
    found.push_back(&node);
    return;
  }
  for (const PlanNode& child : node.children) collect(child, found);
}

}  // namespace

std::vector<const PlanNode*> launches(const Plan& plan) {
  std::vector<const PlanNode*> found;
  collect(plan.root, found);
  return found;
}

std::vector<const PlanCall*> calls_of(const PlanNode& launch) {
  std::vector<const PlanCall*> calls = {&launch.call};
  for (const PlanNode& row : launch.children) calls.push_back(&row.call);
  return calls;
}

std::vector<const PlanCall*> handed_calls(const Plan& plan) {
  std::vector<const PlanCall*> calls;
  for (const PlanNode* launch : launches(plan))
    for (const PlanCall* call : calls_of(*launch)) calls.push_back(call);
  return calls;
}

}  // namespace dlc::backend
