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
  return value_or_throw(make_plan(*function, target));
}

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
  std::optional<runtime::Fault> fault;
  for (size_t c = 0; c < plan.calls.size(); ++c) {
    if (c == plan.phase2 && fault) break;
    const PlanCall& call = plan.calls[c];
    const loops::Kernel& kernel = plan.kernels[static_cast<size_t>(call.kernel)];
    DLC_RETURN_IF_ERROR(loops::verify(kernel));
    loops::RunArgs args;
    for (const int id : call.buffers) args.buffers.push_back(buffers[static_cast<size_t>(id)]);
    for (const ScalarArg& arg : call.scalars)
      args.scalars.push_back(arg.kind == ScalarArg::kDim ? value_or_throw(arg.dim.evaluate(binding))
                                                         : static_cast<int64_t>(arg.bits));
    args.fault = [&](int64_t site, int64_t element, int64_t value) {
      if (!fault || std::pair(site, element) < std::pair(fault->site, fault->element))
        fault = runtime::Fault{site, element, value};
    };
    args.chunk_seed = chunk_seed;
    args.max_steps = max_steps;
    DLC_RETURN_IF_ERROR(loops::interpret(kernel, args));
  }
  if (fault) {
    const PlanSite& site = plan.sites[static_cast<size_t>(fault->site)];
    out.fault = make_error(ErrorCode::kOutOfRange, "'{}': {}", site.provenance.node, site.check);
  }
  return out;
}

}  // namespace dlc::backend::testing
