#include "backend/watched_step.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <new>
#include <utility>

#include "backend/native/native.h"
#include "backend/plan/plan.h"
#include "runtime/context.h"
#include "runtime/generated_code.h"

namespace dlc::backend {
namespace {

/// Members of a JSON object that say what a kernel call is.
std::string describe(const KernelProfile& row) {
  std::vector<std::string> nodes;
  for (const std::string& node : row.nodes) nodes.push_back(Trace::json(node));
  return fmt::format(R"("kernel":{},"nodes":[{}],"flops":{},"bytes":{})", Trace::json(row.kernel),
                     fmt::join(nodes, ","), row.flops, row.bytes);
}

}  // namespace

Expected<std::unique_ptr<WatchedStep>> WatchedStep::create(const Plan& plan, const NativeProgram& native,
                                                           const ir::SymbolBinding& binding,
                                                           std::shared_ptr<Trace> trace) {
  std::unique_ptr<WatchedStep> step(new WatchedStep);
  step->name_ = fmt::format("run @{}", plan.name);
  step->trace_ = std::move(trace);
  int64_t buffers = 0, scalars = 0;
  bool phase_border = false, variables_written = false;
  const auto writes_variable = [&](const PlanCall& call) {
    return std::any_of(call.args.begin(), call.args.end(), [&](const PlanArg& arg) {
      return arg.writes >= 0 && plan.buffers[static_cast<size_t>(arg.buffer)].kind == PlanBuffer::kParam;
    });
  };
  const auto add = [&](const PlanNode& launch) -> Expected<void> {
    Call& call = step->calls_.emplace_back();
    call.row.kernel = plan.kernels[static_cast<size_t>(launch.call.kernel)].name;
    call.kernel = native.kernel(call.row.kernel);
    call.buffers_at = buffers;
    call.scalars_at = scalars;
    call.ends_on_fault = std::exchange(phase_border, false);
    for (const PlanCall* part : calls_of(launch)) {
      variables_written = variables_written || writes_variable(*part);
      buffers += std::ssize(part->args);
      scalars += std::ssize(part->scalars);
      call.row.nodes.insert(call.row.nodes.end(), part->nodes.begin(), part->nodes.end());
      DLC_ASSIGN_OR_RETURN(const int64_t flops, part->cost.flops.evaluate(binding));
      DLC_ASSIGN_OR_RETURN(const int64_t bytes, part->cost.bytes.evaluate(binding));
      call.row.flops += flops;
      call.row.bytes += bytes;
    }
    call.may_end = !variables_written;
    call.label = nodes_label(call.row.nodes);
    call.args = describe(call.row);
    return {};
  };
  const auto walk = [&](const auto& self, const PlanNode& node) -> Expected<void> {
    switch (node.kind) {
      case PlanNode::kSeq:
        for (const PlanNode& child : node.children) DLC_RETURN_IF_ERROR(self(self, child));
        return {};
      case PlanNode::kPhase: phase_border = true; return {};
      case PlanNode::kCall:
      case PlanNode::kPar: break;
    }
    return add(node);
  };
  DLC_RETURN_IF_ERROR(walk(walk, plan.root));
  return step;
}

void WatchedStep::entry(dlc_context* context, void* const* buffers, const int64_t* scalars) {
  static_cast<WatchedStep*>(runtime::Context::of(context).watcher())->run(context, buffers, scalars);
}

DLC_CALLS_GENERATED_CODE void WatchedStep::run(dlc_context* context, void* const* buffers, const int64_t* scalars) {
  const auto began = Clock::now();
  interrupted_ = false;
  for (Call& call : calls_) {
    if (call.ends_on_fault && context->fault_site != DLC_NO_FAULT) break;
    current_ = &call;
    const auto start = Clock::now();
    call.kernel(context, buffers + call.buffers_at, scalars + call.scalars_at);
    const auto end = Clock::now();
    // Chunks of it may have been left out.
    if (call.may_end && ends_now()) interrupted_ = true;
    const double seconds = std::chrono::duration<double>(end - start).count();
    call.row.least_seconds = call.row.runs == 0 ? seconds : std::min(call.row.least_seconds, seconds);
    call.row.seconds += seconds;
    ++call.row.runs;
    if (trace_) trace_->add({"kernel", call.label, start, end, call.args, Trace::this_thread()});
    if (interrupted_) break;
  }
  if (trace_) trace_->add({"run", name_, began, Clock::now(), {}, Trace::this_thread()});
}

void WatchedStep::chunk_ran(int64_t chunk, Clock::time_point start, Clock::time_point end) noexcept {
  if (!trace_) return;
  try {
    trace_->add({"chunk", current_->label, start, end, fmt::format(R"("chunk":{})", chunk), Trace::this_thread()});
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    // An event that there is no memory for is not written; the run goes on.
  }
}

std::vector<KernelProfile> WatchedStep::rows() const {
  std::vector<KernelProfile> rows;
  for (const Call& call : calls_) rows.push_back(call.row);
  return rows;
}

}  // namespace dlc::backend
