#include "backend/plan/plan.h"

#include <unordered_map>

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

std::vector<int> updated_params(const ir::Function& function) {
  std::unordered_map<std::string, int> variables;
  for (int p = 0; p < function.num_params(); ++p)
    if (function.param_info(p).kind == ir::ParamKind::kVariable) variables.emplace(function.param_info(p).name, p);
  std::vector<int> params;
  for (int i = 0; i < function.num_results(); ++i) {
    const ir::ResultInfo& result = function.result_info(i);
    const auto variable = variables.find(result.name);
    params.push_back(result.kind == ir::ResultKind::kUpdate && variable != variables.end() ? variable->second : -1);
  }
  return params;
}

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
