#include <sys/sysinfo.h>

#include <limits>
#include <sstream>
#include <string>
#include <utility>

#include "backend/compiler.h"
#include "backend/native/native.h"
#include "backend/plan/bound_plan.h"
#include "backend/plan/explain_plan.h"
#include "backend/watched_step.h"
#include "runtime/frame.h"

namespace dlc::backend {

struct Execution::State {
  std::shared_ptr<const Program> program;
  ir::SymbolBinding binding;
  BoundPlan bound;
  runtime::Frame frame;
  std::unique_ptr<WatchedStep> watched;         ///< null: nobody has looked on yet
  bool always_watched = false;                  ///< else only runs with an interrupt are
  std::vector<std::pair<size_t, size_t>> gaps;  ///< parts of the arena that no buffer covers
  bool checked = false;
};

namespace {

int64_t machine_memory() {
  struct sysinfo info{};
  if (sysinfo(&info) != 0) return std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>((info.totalram + info.totalswap) * info.mem_unit);
}

/// The error with what the plan says of its memory.
Error with_plan(Error error, const Plan& plan, const ir::SymbolBinding& binding, int64_t arena_bytes) {
  Explanation why;
  if (!explain_plan(plan, binding, why)) return error;
  why.arena_bytes = arena_bytes;
  std::istringstream memory(why.memory());
  for (std::string line; std::getline(memory, line);) error.notes.push_back(line);
  return error;
}

Expected<void> check_memory(const Plan& plan, const ir::SymbolBinding& binding, const dlc_program& table,
                            int64_t max_memory) {
  const int64_t most = max_memory > 0 ? max_memory : machine_memory();
  int64_t outside = 0;
  bool countable = true;
  for (const PlanBuffer& b : plan.buffers) {
    const bool variable =
        b.kind == PlanBuffer::kParam && plan.params[static_cast<size_t>(b.index)].info.kind == ir::ParamKind::kVariable;
    if (!variable && b.kind != PlanBuffer::kResult) continue;
    DLC_ASSIGN_OR_RETURN(const int64_t elements, b.elements.evaluate(binding));
    int64_t bytes = 0;
    countable = countable && !__builtin_mul_overflow(elements, static_cast<int64_t>(size_of(b.dtype)), &bytes) &&
                !__builtin_add_overflow(outside, bytes, &outside);
  }
  if (!countable) return make_error(ErrorCode::kResourceExhausted, "results of @{} need too many bytes", plan.name);
  if (outside <= most && table.arena_bytes <= most - outside) return {};
  Error error = make_error(ErrorCode::kResourceExhausted,
                           "@{} needs {} of working memory and {} for variables and results; {} is {}", plan.name,
                           bytes_str(table.arena_bytes), bytes_str(outside),
                           max_memory > 0 ? "the limit" : "all that the machine has", bytes_str(most));
  return with_plan(std::move(error), plan, binding, table.arena_bytes)
      .note(max_memory > 0 ? "use a smaller batch, or allow more: SessionOptions::max_memory, --max-memory of the tool"
                           : "use a smaller batch");
}

}  // namespace

Execution::Execution(std::unique_ptr<State> state) : state_(std::move(state)) {}
Execution::~Execution() = default;

Expected<std::unique_ptr<Execution>> Execution::create(std::shared_ptr<const Program> program,
                                                       const ir::SymbolBinding& binding,
                                                       const ExecutionOptions& options) {
  const Plan& plan = program->plan();
  DLC_ASSIGN_OR_RETURN(BoundPlan bound, BoundPlan::create(plan, binding, program->native_->entry()));
  DLC_RETURN_IF_ERROR(check_memory(plan, binding, bound.table(), options.max_memory));
  std::unique_ptr<WatchedStep> watched;
  const bool always_watched = options.trace || options.profile;
  if (always_watched) {
    DLC_ASSIGN_OR_RETURN(watched, WatchedStep::create(plan, *program->native_, binding, options.trace));
  }
  auto state = std::make_unique<State>(
      State{std::move(program), binding, std::move(bound), {}, std::move(watched), always_watched, {}});
  Expected<runtime::Frame> frame = runtime::Frame::create(state->bound.table());
  if (!frame) return with_plan(std::move(frame).error(), plan, binding, state->bound.table().arena_bytes);
  state->frame = std::move(*frame);
  state->gaps.assign(state->bound.gaps().begin(), state->bound.gaps().end());
  const auto used = static_cast<size_t>(state->bound.table().arena_bytes);
  if (const size_t size = state->frame.arena().size(); size > used) state->gaps.emplace_back(used, size);
  return std::unique_ptr<Execution>(new Execution(std::move(state)));
}

const Shape& Execution::result_shape(int result) const { return state_->bound.result_shape(result); }
size_t Execution::arena_bytes() const { return state_->frame.arena().size(); }
void Execution::set_checked(bool on) { state_->checked = on; }

Expected<void> Execution::run(runtime::Context& context, std::span<void* const> params, std::span<void* const> results,
                              const Interrupt* interrupt) {
  if (!interrupt && !state_->always_watched) {
    state_->frame.run(context, params, results);
    return {};
  }
  if (!state_->watched) {
    const Program& program = *state_->program;
    DLC_ASSIGN_OR_RETURN(state_->watched,
                         WatchedStep::create(program.plan(), *program.native_, state_->binding, nullptr));
  }
  WatchedStep& watched = *state_->watched;
  watched.set_interrupt(interrupt);
  context.watch(&watched);
  state_->frame.run(&WatchedStep::entry, context, params, results);
  context.watch(nullptr);
  if (watched.interrupted()) return interrupt->error().note("no variable was changed by this run");
  return {};
}

Expected<void> Execution::execute(runtime::Context& context, std::span<void* const> params,
                                  std::span<void* const> results, const Interrupt* interrupt) {
  if (!state_->checked) return run(context, params, results, interrupt);
  runtime::Arena& arena = state_->frame.arena();
  arena.poison();
  for (const auto& [begin, end] : state_->gaps) arena.write_canary(begin, end - begin);
  DLC_RETURN_IF_ERROR(run(context, params, results, interrupt));
  for (const auto& [begin, end] : state_->gaps)
    if (const size_t at = arena.first_damage(begin, end - begin); at != end) return damage(at);
  return {};
}

std::vector<KernelProfile> Execution::profile() const {
  return state_->always_watched ? state_->watched->rows() : std::vector<KernelProfile>();
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
