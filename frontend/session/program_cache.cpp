#include "frontend/session/program_cache.h"

#include "frontend/graph/lower.h"
#include "ir/interp/bind_symbols.h"

namespace dlc {

Expected<std::unique_ptr<Instance>> BoundProgram::acquire(const runtime::ContextOptions& options, bool checked) {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Instance> instance = std::move(idle_.back());
      idle_.pop_back();
      return instance;
    }
  }
  auto instance = std::make_unique<Instance>(options);
  DLC_ASSIGN_OR_RETURN(instance->execution, backend::Execution::create(program_, binding_));
  instance->execution->set_checked(checked);
  return instance;
}

void BoundProgram::release(std::unique_ptr<Instance> instance) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(instance));
}

namespace {

/// Describes the variables; those only assigned become parameters too, so that they are written in place.
Expected<void> describe_variables(const Graph& graph, LoweredStep& step) {
  ir::Function& f = *step.function;
  const auto node_of = [&](const std::string& name) { return &graph.find_operation(name).node(); };
  for (int i = 0; i < f.num_params(); ++i) {
    const ir::ParamInfo& info = f.param_info(i);
    if (info.kind == ir::ParamKind::kRngState) step.rng_param = i;
    if (info.kind == ir::ParamKind::kVariable)
      step.variables.push_back({i, node_of(info.name), !ir::uses(f.param(i)).empty(), false});
  }
  for (int r = 0; r < f.num_results(); ++r) {
    if (f.result_info(r).kind != ir::ResultKind::kUpdate) continue;
    step.updates = true;
    const Node* node = node_of(f.result_info(r).name);
    bool known = false;
    for (VariableParam& v : step.variables)
      if (v.node == node) known = v.updated = true;
    if (known) continue;
    f.add_param(node->types[0], {ir::ParamKind::kVariable, node->name}, {node->name, node->loc});
    step.variables.push_back({f.num_params() - 1, node, false, true});
  }
  return {};
}

}  // namespace

Expected<LoweredStep*> ProgramCache::lower_step(const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed) {
  std::vector<int64_t> key;
  for (const Fetch& f : fetches) {
    key.push_back(f.node().id);
    key.push_back(f.is_tensor() ? f.tensor().index() : -1);
  }
  key.push_back(-2);
  for (const Tensor& t : fed) {
    key.push_back(t.node().id);
    key.push_back(t.index());
  }
  // Ids are only unique in one graph; handles of another are refused by lower().
  bool ours = true;
  for (const Fetch& f : fetches) ours = ours && f.operation().graph() == graph_;
  for (const Tensor& t : fed) ours = ours && t.graph() == graph_;
  const std::lock_guard lock(mutex_);
  if (const auto it = steps_.find(key); ours && it != steps_.end()) {
    ++stats_.cache_hits;
    return it->second.get();
  }
  auto step = std::make_unique<LoweredStep>();
  DLC_ASSIGN_OR_RETURN(step->function, lower(graph_, fetches, fed));
  DLC_RETURN_IF_ERROR(describe_variables(graph_, *step));
  return steps_.emplace(std::move(key), std::move(step)).first->second.get();
}

Expected<std::shared_ptr<BoundProgram>> ProgramCache::bind(LoweredStep& step, std::span<const Array> feeds) {
  const ir::Function& f = *step.function;
  std::vector<Shape> shapes;
  bool types_fit = true;
  for (size_t i = 0; i < feeds.size(); ++i) {
    shapes.push_back(feeds[i].shape());
    types_fit = types_fit && feeds[i].dtype() == f.param(static_cast<int>(i)).dtype();
  }
  const std::lock_guard lock(step.mutex);
  // Programs are found by shapes alone; feeds of a wrong element type get their Error below.
  if (const auto it = step.bound.find(shapes); types_fit && it != step.bound.end()) return it->second;
  // Variables have static types: only feeds bind symbols.
  std::vector<Array> params(feeds.begin(), feeds.end());
  for (int i = static_cast<int>(feeds.size()); i < f.num_params(); ++i) {
    const ir::TensorType& type = f.param(i).type();
    params.push_back(Array::borrow(type.dtype, type.shape(), static_cast<void*>(nullptr)));
  }
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding binding, ir::bind_symbols(f, params));
  constexpr int kMostSpecialised = 8;
  std::shared_ptr<const backend::Program> program;
  if (options_.bind_dims && step.specialised < kMostSpecialised) {
    DLC_ASSIGN_OR_RETURN(auto bound, f.specialize(binding));
    DLC_ASSIGN_OR_RETURN(program, compile(std::move(bound)));
    if (!binding.empty()) ++step.specialised;
  } else {
    if (!step.generic) {
      DLC_ASSIGN_OR_RETURN(step.generic, compile(f.clone()));
    }
    program = step.generic;
  }
  auto made = std::make_shared<BoundProgram>(program, binding);
  // Each holds working memory of its sizes: ever new sizes must not pile up. Who runs one keeps it.
  constexpr size_t kMostBound = 64;
  if (step.bound.size() >= kMostBound)
    std::erase_if(step.bound, [&](const auto& entry) { return &entry.second->program() == step.generic.get(); });
  step.bound.emplace(std::move(shapes), made);
  return made;
}

Expected<std::shared_ptr<const backend::Program>> ProgramCache::compile(std::unique_ptr<ir::Function> function) {
  backend::CompileOptions options;
  options.target = options_.target;
  options.fuse = options_.fuse;
  DLC_ASSIGN_OR_RETURN(auto program, backend::compile(std::move(function), options));
  const std::lock_guard lock(mutex_);
  ++stats_.programs_compiled;
  const backend::CompileStats& s = program->stats();
  stats_.compile_ms += s.passes_ms + s.plan_ms + s.native_ms;
  stats_.kernels_compiled += s.kernels - s.kernels_reused;
  stats_.kernels_reused += s.kernels_reused;
  return program;
}

SessionStats ProgramCache::stats() const {
  const std::lock_guard lock(mutex_);
  SessionStats stats = stats_;
  stats.runs = runs_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace dlc
