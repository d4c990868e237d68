#include <map>
#include <set>

#include "backend/plan/plan.h"

namespace dlc::backend {
namespace {

/// Walks the tree in the order in which it runs and knows which value every buffer holds.
class PlanVerifier {
 public:
  explicit PlanVerifier(const Plan& plan) : plan_(plan) {}

  Expected<void> run() {
    for (const PlanBuffer& b : plan_.buffers)
      holds_.push_back(b.kind == PlanBuffer::kParam || b.kind == PlanBuffer::kConstant ? 0 : kNothing);
    DLC_RETURN_IF_ERROR(check(plan_.root));
    for (size_t i = 0; i < plan_.buffers.size(); ++i) {
      const PlanBuffer& b = plan_.buffers[i];
      // Of no elements there is nothing to write, and no kernel does.
      if (b.kind == PlanBuffer::kResult && holds_[i] == kNothing && !b.elements.is(0))
        return broken("result {} is never written", b.index);
    }
    return check_updates();
  }

 private:
  static constexpr int kNothing = -1;

  template <typename... Args>
  static Error broken(fmt::format_string<Args...> format, Args&&... args) {
    return make_error(ErrorCode::kInternal, "plan: {}", fmt::format(format, std::forward<Args>(args)...));
  }

  Expected<void> check_updates() const {
    std::map<int, const PlanResult*> updates;  // by parameter
    for (const PlanResult& r : plan_.results)
      if (r.param >= 0) updates.emplace(r.param, &r);
    for (size_t i = 0; i < plan_.buffers.size(); ++i) {
      const PlanBuffer& b = plan_.buffers[i];
      if (b.kind == PlanBuffer::kParam && updates.contains(b.index) && holds_[i] == 0 && !b.elements.is(0))
        return broken("the update of variable '{}' is never written", updates.at(b.index)->info.name);
    }
    return {};
  }

  Expected<void> check(const PlanNode& node) {
    switch (node.kind) {
      case PlanNode::kSeq:
        for (const PlanNode& child : node.children) DLC_RETURN_IF_ERROR(check(child));
        return {};
      case PlanNode::kPhase:
        if (phase2_) return broken("phase 2 begins twice");
        phase2_ = true;
        return {};
      case PlanNode::kCall:
      case PlanNode::kPar: return check_launch(node);
    }
    return {};
  }

  Expected<void> check_launch(const PlanNode& node) {
    const loops::Kernel& kernel = plan_.kernels[static_cast<size_t>(node.call.kernel)];
    if (node.call.scalars.size() != kernel.scalars.size())
      return broken("call {} does not fit kernel {}", number_, kernel.name);
    if (node.call.can_fail && phase2_) return broken("call {} of phase 2 can fail", number_);
    if ((node.kind == PlanNode::kPar) != (kernel.count(loops::Space::kTable) > 0))
      return broken("call {} and kernel {} do not agree on rows", number_, kernel.name);
    writes_.clear();
    DLC_RETURN_IF_ERROR(check_args(node.call, kernel, loops::Space::kParam));
    std::map<int, size_t> writer;           // buffer -> row
    std::map<int, std::set<size_t>> users;  // buffer -> rows
    for (size_t row = 0; row < node.children.size(); ++row) {
      const PlanNode& child = node.children[row];
      if (child.kind != PlanNode::kCall || child.call.kernel != node.call.kernel || child.call.can_fail ||
          !child.call.scalars.empty())
        return broken("row {} of call {} is no plain row of its kernel", row, number_);
      DLC_RETURN_IF_ERROR(check_args(child.call, kernel, loops::Space::kTable));
      for (const PlanArg& arg : child.call.args) {
        users[arg.buffer].insert(row);
        if (arg.writes != kNothing) writer[arg.buffer] = row;
      }
    }
    for (const auto& [buffer, row] : writer)
      for (const size_t other : users.at(buffer))
        if (other != row)
          return broken("call {}: row {} writes buffer %{} of row {}: they are not independent", number_, row, buffer,
                        other);
    for (const auto& [buffer, value] : writes_) holds_[static_cast<size_t>(buffer)] = value;
    ++number_;
    return {};
  }

  /// The arguments of one call, or of one row, for the buffers of one space of its kernel.
  Expected<void> check_args(const PlanCall& call, const loops::Kernel& kernel, loops::Space space) {
    std::vector<const loops::Buffer*> expected;
    for (const loops::Buffer& b : kernel.buffers)
      if (b.space == space) expected.push_back(&b);
    if (call.args.size() != expected.size()) return broken("call {} does not fit kernel {}", number_, kernel.name);
    std::set<int> alone, written;
    for (size_t a = 0; a < call.args.size(); ++a) {
      const PlanArg& arg = call.args[a];
      const PlanBuffer& buffer = plan_.buffers[static_cast<size_t>(arg.buffer)];
      const bool lives =
          buffer.kind != PlanBuffer::kArena || (buffer.first_call <= number_ && number_ <= buffer.last_call);
      if (!lives) return broken("call {} uses buffer %{} outside its life", number_, arg.buffer);
      if (buffer.dtype != expected[a]->elem) return broken("call {}: buffer %{} has another type", number_, arg.buffer);
      if (expected[a]->written != (arg.writes != kNothing))
        return broken("call {}: buffer %{} is {}, which its kernel does otherwise", number_, arg.buffer,
                      arg.writes != kNothing ? "written" : "read only");
      if (expected[a]->noalias && !alone.insert(arg.buffer).second &&
          (expected[a]->written || written.contains(arg.buffer)))
        return broken("call {}: buffer %{} is passed twice where it must be alone", number_, arg.buffer);
      if (arg.reads != kNothing) DLC_RETURN_IF_ERROR(check_read(arg, buffer));
      if (arg.writes == kNothing) continue;
      DLC_RETURN_IF_ERROR(check_write(arg, buffer));
      written.insert(arg.buffer);
      writes_.emplace(arg.buffer, arg.writes);
    }
    return {};
  }

  Expected<void> check_read(const PlanArg& arg, const PlanBuffer& buffer) const {
    const int held = holds_[static_cast<size_t>(arg.buffer)];
    if (held == arg.reads || buffer.elements.is(0)) return {};
    if (held == kNothing) return broken("call {} reads buffer %{} before it is written", number_, arg.buffer);
    return broken("call {} reads value {} of buffer %{} ('{}'), which holds its value {} then", number_, arg.reads,
                  arg.buffer, buffer.name, held);
  }

  Expected<void> check_write(const PlanArg& arg, const PlanBuffer& buffer) const {
    if (buffer.kind == PlanBuffer::kConstant) return broken("call {} writes constant %{}", number_, arg.buffer);
    if (buffer.kind == PlanBuffer::kParam) {
      if (plan_.params[static_cast<size_t>(buffer.index)].info.kind != ir::ParamKind::kVariable)
        return broken("call {} writes feed %{}", number_, arg.buffer);
      if (!phase2_) return broken("call {} writes variable %{} in phase 1", number_, arg.buffer);
    }
    const int held = holds_[static_cast<size_t>(arg.buffer)];
    if (arg.writes != held + 1)
      return broken("call {} writes value {} of buffer %{}, which holds its value {} then", number_, arg.writes,
                    arg.buffer, held);
    return {};
  }

  const Plan& plan_;
  std::vector<int> holds_;  ///< by buffer: the number of the value
  bool phase2_ = false;
  int number_ = 0;             ///< of the launch
  std::map<int, int> writes_;  ///< of the launch: buffer -> value
};

}  // namespace

Expected<void> verify(const Plan& plan) { return PlanVerifier(plan).run(); }

}  // namespace dlc::backend
