#include <fmt/ranges.h>

#include "backend/plan/plan.h"

namespace dlc::backend {
namespace {

std::string scalar_str(const ScalarArg& arg) {
  switch (arg.kind) {
    case ScalarArg::kDim: return arg.dim.str();
    case ScalarArg::kBits: return fmt::format("0x{:x}", arg.bits);
    case ScalarArg::kSeed: return fmt::format("half {} of key {}", arg.bits, arg.number);
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

std::string args_str(const PlanCall& call) {
  std::vector<std::string> args;
  for (const PlanArg& arg : call.args) {
    const int value = arg.writes >= 0 ? arg.writes : arg.reads;
    args.push_back(value > 0 ? fmt::format("%{}.{}", arg.buffer, value) : fmt::format("%{}", arg.buffer));
  }
  return fmt::format("({})", fmt::join(args, ", "));
}

std::string nodes_str(const PlanCall& call) {
  if (call.nodes.empty()) return "";
  std::string text = "  // " + call.nodes.back();
  if (call.nodes.size() > 1) text += fmt::format(" (+{} more)", call.nodes.size() - 1);
  return text;
}

class TreePrinter {
 public:
  explicit TreePrinter(const Plan& plan) : plan_(plan) {}

  std::string run() {
    const bool starts_in_phase_2 = !plan_.root.children.empty() && plan_.root.children[0].kind == PlanNode::kPhase;
    if (!plan_.root.children.empty() && !starts_in_phase_2) out_ += "  phase 1\n";
    node(plan_.root);
    return std::move(out_);
  }

 private:
  std::string launch(const char* what, const PlanCall& call) {
    std::vector<std::string> scalars;
    for (const ScalarArg& arg : call.scalars) scalars.push_back(scalar_str(arg));
    return fmt::format("    {}: {} {}{} ({})", number_++, what, plan_.kernels[static_cast<size_t>(call.kernel)].name,
                       args_str(call), fmt::join(scalars, ", "));
  }

  void node(const PlanNode& n) {
    switch (n.kind) {
      case PlanNode::kPhase: out_ += "  phase 2\n"; return;
      case PlanNode::kCall: out_ += launch("call", n.call) + nodes_str(n.call) + "\n"; return;
      case PlanNode::kPar:
        out_ += launch("par", n.call) + fmt::format("  // {} calls\n", n.children.size());
        for (const PlanNode& row : n.children)
          out_ += fmt::format("      row {}{}\n", args_str(row.call), nodes_str(row.call));
        return;
      case PlanNode::kSeq:
        for (const PlanNode& child : n.children) node(child);
        return;
    }
  }

  const Plan& plan_;
  std::string out_;
  int number_ = 0;
};

}  // namespace

std::string print(const Plan& plan) {
  std::string out = fmt::format("plan @{}\n", plan.name);
  for (size_t i = 0; i < plan.buffers.size(); ++i) out += buffer_str(plan, i);
  for (size_t i = 0; i < plan.sites.size(); ++i)
    out += fmt::format("  site {}: {}, {}\n", i, plan.sites[i].provenance.node(), plan.sites[i].check);
  return out + TreePrinter(plan).run();
}

}  // namespace dlc::backend
