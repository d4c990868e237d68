#include <algorithm>
#include <cstring>

#include "backend/compiler.h"
#include "backend/native/native.h"
#include "backend/plan/plan.h"
#include "support/check.h"

namespace dlc::backend {
namespace {

constexpr size_t kAlignment = 64;
size_t align_up(size_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

/// Offsets of the arena buffers: largest first, each at the lowest place that is free during its life.
struct ArenaLayout {
  std::vector<size_t> offsets;  // by plan buffer
  size_t bytes = 0;
};

ArenaLayout lay_out(const Plan& plan, const std::vector<size_t>& sizes) {
  ArenaLayout layout;
  layout.offsets.assign(plan.buffers.size(), 0);
  std::vector<size_t> by_size;
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].kind == PlanBuffer::kArena) by_size.push_back(i);
  std::stable_sort(by_size.begin(), by_size.end(), [&](size_t a, size_t b) { return sizes[a] > sizes[b]; });
  std::vector<size_t> placed;
  for (const size_t i : by_size) {
    const PlanBuffer& buffer = plan.buffers[i];
    std::vector<std::pair<size_t, size_t>> busy;
    for (const size_t p : placed) {
      const PlanBuffer& other = plan.buffers[p];
      if (other.first_call <= buffer.last_call && buffer.first_call <= other.last_call)
        busy.emplace_back(layout.offsets[p], layout.offsets[p] + sizes[p]);
    }
    std::sort(busy.begin(), busy.end());
    size_t at = 0;
    for (const auto& [begin, end] : busy) {
      if (at + sizes[i] <= begin) break;
      at = std::max(at, end);
    }
    layout.offsets[i] = at;
    layout.bytes = std::max(layout.bytes, at + sizes[i]);
    placed.push_back(i);
  }
  return layout;
}

/// The parts of the arena that no buffer ever covers: tails of cache lines and the gaps between.
std::vector<std::pair<size_t, size_t>> unused_bytes(const Plan& plan, const ArenaLayout& layout,
                                                    const std::vector<size_t>& used, size_t arena_bytes) {
  std::vector<std::pair<size_t, size_t>> covered, unused;
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].kind == PlanBuffer::kArena)
      covered.emplace_back(layout.offsets[i], layout.offsets[i] + used[i]);
  std::sort(covered.begin(), covered.end());
  size_t end = 0;
  for (const auto& [from, to] : covered) {
    if (from > end) unused.emplace_back(end, from);
    end = std::max(end, to);
  }
  if (arena_bytes > end) unused.emplace_back(end, arena_bytes);
  return unused;
}

}  // namespace

Expected<std::unique_ptr<Execution>> Execution::create(std::shared_ptr<const Program> program,
                                                       const ir::SymbolBinding& binding) {
  const Plan& plan = program->plan();
  std::unique_ptr<Execution> run(new Execution);
  run->program_ = program;
  // A gap after each buffer: no kernel reads or writes there, which checked runs look after.
  constexpr size_t kGap = kAlignment;
  std::vector<size_t> used(plan.buffers.size(), 0), sizes(plan.buffers.size(), 0);
  for (size_t i = 0; i < plan.buffers.size(); ++i) {
    if (plan.buffers[i].kind != PlanBuffer::kArena) continue;
    DLC_ASSIGN_OR_RETURN(const int64_t elements, plan.buffers[i].elements.evaluate(binding));
    int64_t bytes = 0;
    if (elements < 0 ||
        __builtin_mul_overflow(elements, static_cast<int64_t>(size_of(plan.buffers[i].dtype)), &bytes) ||
        bytes > int64_t{1} << 46)
      return make_error(ErrorCode::kResourceExhausted, "'{}' needs {} elements of {}", plan.buffers[i].name, elements,
                        plan.buffers[i].dtype);
    used[i] = static_cast<size_t>(bytes);
    sizes[i] = align_up(used[i]) + kGap;
  }
  const ArenaLayout layout = lay_out(plan, sizes);
  DLC_ASSIGN_OR_RETURN(run->arena_, runtime::Arena::allocate(layout.bytes));
  run->gaps_ = unused_bytes(plan, layout, used, run->arena_.size());

  for (const PlanCall& call : plan.calls) {
    for (const int id : call.buffers) {
      const PlanBuffer& buffer = plan.buffers[static_cast<size_t>(id)];
      const int slot = static_cast<int>(run->buffers_.size());
      void* at = nullptr;
      switch (buffer.kind) {
        case PlanBuffer::kParam: run->param_patches_.push_back({slot, buffer.index}); break;
        case PlanBuffer::kResult: run->result_patches_.push_back({slot, buffer.index}); break;
        case PlanBuffer::kConstant:
          at = const_cast<std::byte*>(plan.constants[static_cast<size_t>(buffer.index)].bytes());
          break;
        case PlanBuffer::kArena: at = run->arena_.data() + layout.offsets[static_cast<size_t>(id)]; break;
      }
      run->buffers_.push_back(at);
    }
    for (const ScalarArg& arg : call.scalars) {
      if (arg.kind != ScalarArg::kDim) {
        run->scalars_.push_back(static_cast<int64_t>(arg.bits));
        continue;
      }
      DLC_ASSIGN_OR_RETURN(const int64_t value, arg.dim.evaluate(binding));
      run->scalars_.push_back(value);
    }
  }
  for (const ProgramResult& r : program->results()) {
    Shape shape;
    for (const ir::Dim& d : r.type.dims) {
      DLC_ASSIGN_OR_RETURN(const int64_t n, d.evaluate(binding));
      shape.push_back(n);
    }
    run->result_shapes_.push_back(std::move(shape));
  }
  return run;
}

Expected<void> Execution::execute(runtime::Context& context, std::span<void* const> params,
                                  std::span<void* const> results) {
  for (const Patch& p : param_patches_) buffers_[static_cast<size_t>(p.slot)] = params[static_cast<size_t>(p.index)];
  for (const Patch& p : result_patches_) buffers_[static_cast<size_t>(p.slot)] = results[static_cast<size_t>(p.index)];
  context.reset();
  if (checked_) {
    arena_.poison();
    for (const auto& [begin, end] : gaps_) arena_.write_canary(begin, end - begin);
  }
  if (const dlc_entry_fn entry = program_->native_->entry())
    runtime::run_entry(entry, context, buffers_.data(), scalars_.data());
  if (!checked_) return {};
  for (const auto& [begin, end] : gaps_)
    if (const size_t at = arena_.first_damage(begin, end - begin); at != end) return damage(at);
  return {};
}

Error Execution::damage(size_t at) const {
  // The pointers of the calls that lie before the damage: the nearest is the buffer that was overrun.
  const Plan& plan = program_->plan();
  const PlanBuffer* nearest = nullptr;
  const std::byte* best = nullptr;
  size_t slot = 0;
  for (const PlanCall& call : plan.calls)
    for (const int id : call.buffers) {
      const auto* start = static_cast<const std::byte*>(buffers_[slot++]);
      const PlanBuffer& buffer = plan.buffers[static_cast<size_t>(id)];
      if (buffer.kind != PlanBuffer::kArena || start > arena_.data() + at || (nearest && start <= best)) continue;
      nearest = &buffer;
      best = start;
    }
  return make_error(ErrorCode::kInternal, "@{} wrote beside its buffers: byte {} of the arena of {} bytes, behind '{}'",
                    program_->name(), at, arena_.size(), nearest ? nearest->name : "");
}

}  // namespace dlc::backend
