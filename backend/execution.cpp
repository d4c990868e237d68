#include "backend/compiler.h"
#include "backend/native/native.h"
#include "backend/plan/bound_plan.h"
#include "backend/step_profile.h"
#include "runtime/frame.h"

namespace dlc::backend {

struct Execution::State {
  std::shared_ptr<const Program> program;
  BoundPlan bound;
  runtime::Frame frame;
  std::unique_ptr<StepProfile> profile;         ///< null: nobody watches
  std::vector<std::pair<size_t, size_t>> gaps;  ///< parts of the arena that no buffer covers
  bool checked = false;
};

Execution::Execution(std::unique_ptr<State> state) : state_(std::move(state)) {}
Execution::~Execution() = default;

Expected<std::unique_ptr<Execution>> Execution::create(std::shared_ptr<const Program> program,
                                                       const ir::SymbolBinding& binding, const WatchOptions& watch) {
  std::unique_ptr<StepProfile> profile;
  if (watch.any()) {
    DLC_ASSIGN_OR_RETURN(profile, StepProfile::create(program->plan(), *program->native_, binding, watch.trace));
  }
  const dlc_entry_fn entry = profile ? &StepProfile::entry : program->native_->entry();
  DLC_ASSIGN_OR_RETURN(BoundPlan bound, BoundPlan::create(program->plan(), binding, entry));
  auto state = std::make_unique<State>(State{std::move(program), std::move(bound), {}, std::move(profile), {}});
  DLC_ASSIGN_OR_RETURN(state->frame, runtime::Frame::create(state->bound.table()));
  state->gaps.assign(state->bound.gaps().begin(), state->bound.gaps().end());
  const auto used = static_cast<size_t>(state->bound.table().arena_bytes);
  if (const size_t size = state->frame.arena().size(); size > used) state->gaps.emplace_back(used, size);
  return std::unique_ptr<Execution>(new Execution(std::move(state)));
}

const Shape& Execution::result_shape(int result) const { return state_->bound.result_shape(result); }
size_t Execution::arena_bytes() const { return state_->frame.arena().size(); }
void Execution::set_checked(bool on) { state_->checked = on; }

Expected<void> Execution::execute(runtime::Context& context, std::span<void* const> params,
                                  std::span<void* const> results) {
  if (state_->profile) context.watch(state_->profile.get());
  if (!state_->checked) {
    state_->frame.run(context, params, results);
    return {};
  }
  runtime::Arena& arena = state_->frame.arena();
  arena.poison();
  for (const auto& [begin, end] : state_->gaps) arena.write_canary(begin, end - begin);
  state_->frame.run(context, params, results);
  for (const auto& [begin, end] : state_->gaps)
    if (const size_t at = arena.first_damage(begin, end - begin); at != end) return damage(at);
  return {};
}

std::vector<KernelProfile> Execution::profile() const {
  return state_->profile ? state_->profile->rows() : std::vector<KernelProfile>();
}

Error Execution::damage(size_t at) const {
  // The pointers of the calls that lie before the damage: the nearest is the buffer that was overrun.
  const Plan& plan = state_->program->plan();
  const runtime::Arena& arena = state_->frame.arena();
  const std::span<void* const> buffers = state_->frame.buffers();
  const PlanBuffer* nearest = nullptr;
  const std::byte* best = nullptr;
  size_t slot = 0;
  for (const PlanCall* call : handed_calls(plan))
    for (const PlanArg& arg : call->args) {
      const auto* start = static_cast<const std::byte*>(buffers[slot++]);
      const PlanBuffer& buffer = plan.buffers[static_cast<size_t>(arg.buffer)];
      if (buffer.kind != PlanBuffer::kArena || start > arena.data() + at || (nearest && start <= best)) continue;
      nearest = &buffer;
      best = start;
    }
  return make_error(ErrorCode::kInternal, "@{} wrote beside its buffers: byte {} of the arena of {} bytes, behind '{}'",
                    state_->program->name(), at, arena.size(), nearest ? nearest->name : "");
}

}  // namespace dlc::backend
