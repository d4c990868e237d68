#include <set>

#include "backend/plan/plan.h"

namespace dlc::backend {
namespace {

class PlanVerifier {
 public:
  explicit PlanVerifier(const Plan& plan) : plan_(plan) {}

  Expected<void> run() {
    for (size_t i = 0; i < plan_.buffers.size(); ++i) {
      const PlanBuffer& buffer = plan_.buffers[i];
      const bool has_value = buffer.kind == PlanBuffer::kParam || buffer.kind == PlanBuffer::kConstant;
      // Of no elements there is nothing to write, and no kernel does.
      if (has_value || buffer.elements.is(0)) written_.insert(static_cast<int>(i));
    }
    for (size_t c = 0; c < plan_.calls.size(); ++c) DLC_RETURN_IF_ERROR(check_call(c));
    for (const PlanBuffer& b : plan_.buffers)
      if (b.kind == PlanBuffer::kResult && !written_.contains(static_cast<int>(&b - plan_.buffers.data())))
        return broken("result {} is never written", b.index);
    return {};
  }

 private:
  template <typename... Args>
  static Error broken(fmt::format_string<Args...> format, Args&&... args) {
    return make_error(ErrorCode::kInternal, "plan: {}", fmt::format(format, std::forward<Args>(args)...));
  }

  Expected<void> check_call(size_t c) {
    const PlanCall& call = plan_.calls[c];
    const loops::Kernel& kernel = plan_.kernels[static_cast<size_t>(call.kernel)];
    std::vector<const loops::Buffer*> expected;  // scratch on the stack is not passed
    for (const loops::Buffer& b : kernel.buffers)
      if (b.space == loops::Space::kParam) expected.push_back(&b);
    if (call.can_fail && c >= plan_.phase2) return broken("call {} of phase 2 can fail", c);
    if (call.buffers.size() != expected.size() || call.scalars.size() != kernel.scalars.size())
      return broken("call {} does not fit kernel {}", c, kernel.name);
    std::set<int> writes, exclusive;
    for (size_t a = 0; a < call.buffers.size(); ++a) {
      const int id = call.buffers[a];
      const PlanBuffer& buffer = plan_.buffers[static_cast<size_t>(id)];
      const bool lives = buffer.kind != PlanBuffer::kArena ||
                         (buffer.first_call <= static_cast<int>(c) && static_cast<int>(c) <= buffer.last_call);
      if (!lives) return broken("call {} uses buffer %{} outside its life", c, id);
      if (buffer.dtype != expected[a]->elem) return broken("call {}: buffer %{} has another type", c, id);
      const bool written = expected[a]->written;
      if (expected[a]->noalias && !exclusive.insert(id).second && (written || writes.contains(id)))
        return broken("call {}: buffer %{} is passed twice where it must be alone", c, id);
      if (written) {
        writes.insert(id);
        if (buffer.kind == PlanBuffer::kConstant) return broken("call {} writes constant %{}", c, id);
        if (buffer.kind == PlanBuffer::kParam) {
          if (plan_.params[static_cast<size_t>(buffer.index)].info.kind != ir::ParamKind::kVariable)
            return broken("call {} writes feed %{}", c, id);
          if (c < plan_.phase2) return broken("call {} writes variable %{} in phase 1", c, id);
        }
      } else if (!written_.contains(id)) {
        return broken("call {} reads buffer %{} before it is written", c, id);
      }
    }
    written_.insert(writes.begin(), writes.end());
    return {};
  }

  const Plan& plan_;
  std::set<int> written_;
};

}  // namespace

Expected<void> verify(const Plan& plan) { return PlanVerifier(plan).run(); }

}  // namespace dlc::backend
