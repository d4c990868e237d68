#include "tests/backend/plan_interpreter.h"

#include <cstring>

#include "backend/loops/interpreter.h"
#include "backend/loops/verifier.h"
#include "backend/native/native.h"
#include "passes/pass_manager.h"
#include "runtime/arena.h"

namespace dlc::backend::testing {

Plan plan_function(const ir::Function& f, bool fuse) {
  const ir::Target target = value_or_throw(native_target("host"));
  passes::PassContext context;
  context.options.has_fma = target.has_fma;
  context.options.fuse = fuse;
  const auto function = f.clone();
  value_or_throw(passes::PassManager().run(*function, value_or_throw(passes::parse_pipeline("compile")), context));
  return value_or_throw(make_plan(*function, target, {.sweep = fuse}));
}

std::vector<size_t> writers(const Plan& plan, int param) {
  std::vector<size_t> found;
  const std::vector<const PlanNode*> all = launches(plan);
  for (size_t l = 0; l < all.size(); ++l)
    for (const PlanCall* call : calls_of(*all[l]))
      for (const PlanArg& arg : call->args) {
        const PlanBuffer& buffer = plan.buffers[static_cast<size_t>(arg.buffer)];
        if (arg.writes >= 0 && buffer.kind == PlanBuffer::kParam && buffer.index == param) found.push_back(l);
      }
  return found;
}

size_t calls_in_phase_1(const Plan& plan) {
  size_t n = 0;
  while (n < plan.root.children.size() && plan.root.children[n].kind != PlanNode::kPhase) ++n;
  return n;
}

namespace {

/// Walks the tree as the native step does.
class TreeRunner {
 public:
  TreeRunner(const Plan& plan, const ir::SymbolBinding& binding, std::vector<loops::BufferArg> buffers,
             uint64_t chunk_seed, int64_t max_steps)
      : plan_(plan), binding_(binding), buffers_(std::move(buffers)), chunk_seed_(chunk_seed), max_steps_(max_steps) {}

  const std::optional<runtime::Fault>& fault() const { return fault_; }

  Expected<void> run(const PlanNode& node) {
    switch (node.kind) {
      case PlanNode::kSeq:
        for (const PlanNode& child : node.children) {
          if (child.kind == PlanNode::kPhase && fault_) return {};
          DLC_RETURN_IF_ERROR(run(child));
        }
        return {};
      case PlanNode::kPhase: return {};
      case PlanNode::kCall:
      case PlanNode::kPar: break;
    }
    const loops::Kernel& kernel = plan_.kernels[static_cast<size_t>(node.call.kernel)];
    DLC_RETURN_IF_ERROR(loops::verify(kernel));
    loops::RunArgs args;
    for (const PlanCall* call : calls_of(node))
      for (const PlanArg& arg : call->args) args.buffers.push_back(buffers_[static_cast<size_t>(arg.buffer)]);
    for (const ScalarArg& arg : node.call.scalars)
      args.scalars.push_back(arg.kind == ScalarArg::kDim ? value_or_throw(arg.dim.evaluate(binding_))
                                                         : static_cast<int64_t>(arg.bits));
    args.fault = [&](int64_t site, int64_t element, int64_t value) {
      if (!fault_ || std::pair(site, element) < std::pair(fault_->site, fault_->element))
        fault_ = runtime::Fault{site, element, value};
    };
    args.chunk_seed = chunk_seed_;
    args.max_steps = max_steps_;
    return loops::interpret(kernel, args);
  }

 private:
  const Plan& plan_;
  const ir::SymbolBinding& binding_;
  const std::vector<loops::BufferArg> buffers_;
  const uint64_t chunk_seed_;
  const int64_t max_steps_;
  std::optional<runtime::Fault> fault_;
};

}  // namespace

Expected<RunOutcome> interpret_plan(const Plan& plan, const ir::SymbolBinding& binding,
                                    const std::vector<Array>& params, uint64_t chunk_seed, int64_t max_steps) {
  RunOutcome out;
  for (const Array& p : params) out.params.push_back(p.clone());
  for (const PlanResult& r : plan.results) {
    if (r.param >= 0) {
      out.results.push_back(out.params[static_cast<size_t>(r.param)]);  // shared
      continue;
    }
    Shape shape;
    for (const ir::Dim& d : r.type.dims) shape.push_back(value_or_throw(d.evaluate(binding)));
    out.results.emplace_back(r.type.dtype, shape);
    std::memset(out.results.back().bytes(), 0xFF, out.results.back().num_bytes());
  }
  std::vector<runtime::Arena> memory;
  std::vector<loops::BufferArg> buffers;
  for (const PlanBuffer& buffer : plan.buffers) {
    const size_t index = static_cast<size_t>(buffer.index);
    const auto of = [&](const Array& a) { buffers.push_back({const_cast<std::byte*>(a.bytes()), a.num_elements()}); };
    switch (buffer.kind) {
      case PlanBuffer::kParam: of(out.params[index]); break;
      case PlanBuffer::kResult: of(out.results[index]); break;
      case PlanBuffer::kConstant: of(plan.constants[index]); break;
      case PlanBuffer::kArena: {
        const int64_t elements = value_or_throw(buffer.elements.evaluate(binding));
        memory.push_back(
            value_or_throw(runtime::Arena::allocate(static_cast<size_t>(elements) * size_of(buffer.dtype) + 1)));
        memory.back().poison();
        buffers.push_back({memory.back().data(), elements});
        break;
      }
    }
  }
  TreeRunner runner(plan, binding, std::move(buffers), chunk_seed, max_steps);
  DLC_RETURN_IF_ERROR(runner.run(plan.root));
  const std::optional<runtime::Fault>& fault = runner.fault();
  if (fault) {
    const PlanSite& site = plan.sites[static_cast<size_t>(fault->site)];
    out.fault = make_error(ErrorCode::kOutOfRange, "'{}': {}", site.provenance.node(), site.check);
  }
  return out;
}

}  // namespace dlc::backend::testing
