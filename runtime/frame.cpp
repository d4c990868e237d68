#include "runtime/frame.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <string_view>

namespace dlc::runtime {

Expected<Frame> Frame::create(const dlc_program& program) {
  Frame frame;
  frame.program_ = &program;
  DLC_ASSIGN_OR_RETURN(frame.arena_, Arena::allocate(static_cast<size_t>(program.arena_bytes)));
  const auto slots = std::span(program.slots, static_cast<size_t>(program.num_slots));
  frame.buffers_.assign(slots.size(), nullptr);
  for (size_t i = 0; i < slots.size(); ++i) {
    const auto at = static_cast<size_t>(slots[i].at);
    switch (slots[i].kind) {
      case DLC_AT_PARAM: frame.param_patches_.push_back({i, at}); break;
      case DLC_AT_RESULT: frame.result_patches_.push_back({i, at}); break;
      // Kernels take all buffers alike and write no constant: the plan's verifier sees to it.
      case DLC_AT_CONSTANT: frame.buffers_[i] = const_cast<void*>(program.constants[at].data); break;
      case DLC_AT_ARENA: frame.buffers_[i] = frame.arena_.data() + at; break;
      default: DLC_CHECK(false, "slot {} of @{} is of kind {}", i, program.name, slots[i].kind);
    }
  }
  return frame;
}

void Frame::run(dlc_entry_fn entry, Context& context, std::span<void* const> params, std::span<void* const> results) {
  for (const Patch& p : param_patches_) buffers_[p.slot] = params[p.index];
  for (const Patch& p : result_patches_) buffers_[p.slot] = results[p.index];
  context.reset();
  if (entry) run_entry(entry, context, buffers_.data(), program_->scalars);
}

Error describe(const dlc_site& site, const Fault& fault) {
  const std::string_view check = site.check;
  const ErrorCode code = check == "index out of range" ? ErrorCode::kOutOfRange : ErrorCode::kArithmetic;
  const auto real = std::bit_cast<double>(fault.value);
  const std::string value = !check.starts_with(kNotFinite) ? fmt::format("{}", fault.value)
                            : std::isnan(real)             ? "nan"  // its sign means nothing
                                                           : fmt::format("{}", real);
  return make_error(code, "'{}': {}: element {} has value {}", site.node, check, fault.element, value)
      .at({site.file, static_cast<int>(site.line), static_cast<int>(site.column)})
      .note("no variable was changed by this run");
}

Error describe(const dlc_program& program, const Fault& fault) {
  DLC_CHECK(fault.site >= 0 && fault.site < program.num_sites, "@{} has {} checks, not {}", program.name,
            program.num_sites, fault.site);
  return describe(program.sites[fault.site], fault);
}

}  // namespace dlc::runtime
