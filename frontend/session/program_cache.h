// The programs of a session, by signature: what is fetched, what is fed, and of which sizes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend/compiler.h"
#include "frontend/graph/graph.h"
#include "frontend/session/session.h"
#include "runtime/parallel.h"
#include "support/trace.h"

namespace dlc {

/// One execution with the context it runs in.
struct Instance {
  std::unique_ptr<backend::Execution> execution;
  runtime::Context context;
  explicit Instance(runtime::ContextOptions options) : context(options) {}
};

/// A parameter of the step that is a variable.
struct VariableParam {
  int param = 0;
  const Node* node = nullptr;
  bool read = false;  ///< its value from before the run is used: it must be initialised
  bool updated = false;
};

/// A program with its sizes bound, and idle instances of it.
class BoundProgram {
 public:
  BoundProgram(std::shared_ptr<const backend::Program> program, ir::SymbolBinding binding)
      : program_(std::move(program)), binding_(std::move(binding)) {}
  const backend::Program& program() const { return *program_; }
  const ir::SymbolBinding& binding() const { return binding_; }
  Expected<std::unique_ptr<Instance>> acquire(const runtime::ContextOptions& options, bool checked,
                                              const backend::ExecutionOptions& execution);
  void release(std::unique_ptr<Instance> instance) noexcept;

 private:
  std::shared_ptr<const backend::Program> program_;
  ir::SymbolBinding binding_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Instance>> idle_;  ///< with room for all instances: release cannot fail
  size_t num_instances_ = 0;
};

/// What was lowered for one set of fetches and fed tensors.
struct LoweredStep {
  std::unique_ptr<ir::Function> function;
  std::vector<VariableParam> variables;
  int rng_param = -1;
  bool updates = false;
  std::string fetches;  ///< their names, for people
  std::string why;      ///< it was lowered
  double lower_ms = 0;  ///< not yet part of a Compilation
  std::vector<int64_t> key;
  std::mutex mutex;
  std::vector<Shape> last_shapes;  ///< of the program compiled last
  std::map<std::vector<Shape>, std::shared_ptr<BoundProgram>> bound;
  std::shared_ptr<const backend::Program> generic;  ///< compiled with symbols
  int specialised = 0;
};

class ProgramCache {
 public:
  ProgramCache(Graph graph, const SessionOptions& options)
      : graph_(std::move(graph)),
        options_(options),
        execution_{.trace = options.trace.empty() ? Trace::of_process() : value_or_throw(Trace::open(options.trace)),
                   .profile = options.profile,
                   .max_memory = options.max_memory} {}

  /// The lowered step; `fed` in the order of the parameters.
  Expected<LoweredStep*> lower_step(const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed);
  /// The program for feeds of these types.
  Expected<std::shared_ptr<BoundProgram>> bind(LoweredStep& step, std::span<const Array> feeds,
                                               const Interrupt& interrupt);
  /// Why the program for feeds of these types would be what it is.
  Expected<backend::Explanation> explain(LoweredStep& step, std::span<const Array> feeds);
  SessionStats stats() const;
  const backend::ExecutionOptions& execution_options() const { return execution_; }
  void count_run() { runs_.fetch_add(1, std::memory_order_relaxed); }

 private:
  /// Why fetches and feeds of this key are lowered, where others were before.
  std::string why_lowered(const std::vector<int64_t>& key, const std::vector<Tensor>& fed) const;
  /// The sizes of the step's symbols; an Error for feeds that do not fit.
  Expected<ir::SymbolBinding> symbols(const ir::Function& f, std::span<const Array> feeds) const;
  backend::CompileOptions compile_options() const;
  Expected<std::shared_ptr<const backend::Program>> compile(LoweredStep& step, std::unique_ptr<ir::Function> function,
                                                            std::string why, const Interrupt& interrupt);

  Graph graph_;
  const SessionOptions& options_;
  const backend::ExecutionOptions execution_;
  mutable std::mutex mutex_;
  std::map<std::vector<int64_t>, std::unique_ptr<LoweredStep>> steps_;
  const LoweredStep* last_step_ = nullptr;  ///< that was lowered
  SessionStats stats_;                      ///< all but the two below
  std::atomic<int64_t> runs_{0}, cache_hits_{0};
};

}  // namespace dlc
