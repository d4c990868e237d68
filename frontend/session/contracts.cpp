#include "frontend/session/contracts.h"

#include <algorithm>

namespace dlc {
namespace {

/// `reasons` are lines, each ended.
[[noreturn]] void broken(const std::string& what, std::string reasons) {
  if (reasons.ends_with('\n')) reasons.pop_back();
  throw Exception(make_error(ErrorCode::kFailedPrecondition, "{}\n{}", what, reasons));
}

}  // namespace

void require_fused(const Explanation& why, std::string_view a, std::string_view b) {
  if (!value_or_throw(why.fusion.together(a, b)))
    broken(fmt::format("'{}' and '{}' are not one kernel", a, b), value_or_throw(why.why_not_fused(a, b)));
}

void require_kernels(const Explanation& why, int most) {
  if (std::ssize(why.kernels) > most)
    broken(fmt::format("the step has {} kernel calls, at most {} were expected", why.kernels.size(), most),
           why.kernel_table() + why.partings());
}

void require_no_copies(const Explanation& why) {
  if (!why.copies.empty()) broken("the step copies values", why.copy_reasons());
}

void require_working_memory(const Explanation& why, int64_t most_bytes) {
  if (why.arena_bytes > most_bytes)
    broken(
        fmt::format("the step needs {} bytes of working memory, at most {} were expected", why.arena_bytes, most_bytes),
        why.memory());
}

void require_compilations(const SessionStats& before, const SessionStats& after, int64_t most) {
  const int64_t made = after.programs_compiled - before.programs_compiled;
  if (made <= most) return;
  std::string reasons;
  // The session remembers the last ones only.
  const int64_t told = std::min<int64_t>(made, std::ssize(after.compilations));
  for (const Compilation& c : std::span(after.compilations).last(static_cast<size_t>(told)))
    reasons += fmt::format("{}: {}\n", c.step, c.why);
  broken(fmt::format("{} programs were compiled, at most {} were expected", made, most), reasons);
}

}  // namespace dlc
