#include "frontend/session/session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <shared_mutex>

#include "frontend/graph/node.h"
#include "frontend/session/program_cache.h"
#include "frontend/session/variable_store.h"
#include "support/flags.h"
#include "support/interrupt.h"

namespace dlc {

struct Session::Impl {
  /// The environment decides what the options leave open. Throws an Exception (kInvalidArgument) for numbers that make
  /// no sense.
  static SessionOptions completed(SessionOptions options) {
    constexpr int kMostThreads = 1024;
    const auto need = [](bool holds, const char* option, auto value, const std::string& needed) {
      if (!holds)
        throw Exception(
            make_error(ErrorCode::kInvalidArgument, "SessionOptions: {} is {}, needs {}", option, value, needed));
    };
    need(options.num_threads >= 0 && options.num_threads <= kMostThreads, "num_threads", options.num_threads,
         fmt::format("0 (all CPUs) to {}", kMostThreads));
    need(options.max_nodes >= 0, "max_nodes", options.max_nodes, "0 (no limit) or more");
    need(options.max_memory >= 0, "max_memory", options.max_memory, "0 (the machine's) or more");
    need(options.max_seconds >= 0, "max_seconds", options.max_seconds, "0 (no limit) or more");  // NaN is refused
    if (options.num_threads == 0) options.num_threads = debug_flags().threads;
    options.check_numerics = options.check_numerics || debug_flags().check_numerics;
    return options;
  }
  Impl(Graph g, SessionOptions o)
      : graph(std::move(g)),
        options(completed(std::move(o))),
        pool({.num_threads = options.num_threads,
              .bind_workers = options.bind_workers,
              .task_arena = options.task_arena}),
        cache(graph, options) {}
  ~Impl() {
    if (debug_flags().times("compile")) fmt::print(stderr, "session: {}\n", cache.stats().str());
  }

  runtime::ContextOptions context_options() {
    return {.pool = pool.num_threads() > 1 ? &pool : nullptr, .fp_mode = options.fp_mode};
  }

  /// Pointers of the variables among the parameters; an Error for one that is read and has no value.
  Expected<void> bind_variables(const LoweredStep& step, std::span<void*> params) {
    for (const VariableParam& v : step.variables) {
      VariableStore::Slot& slot = variables.slot(*v.node);
      if (v.read && !slot.initialized) return VariableStore::not_initialized(*v.node);
      params[static_cast<size_t>(v.param)] = slot.value.bytes();
    }
    return {};
  }

  /// The variable that is parameter `param` of the step.
  VariableStore::Slot& variable(const LoweredStep& step, int param) {
    for (const VariableParam& v : step.variables)
      if (v.param == param) return variables.slot(*v.node);
    DLC_UNREACHABLE("parameter {} is no variable", param);
  }

  /// Memory for the next values that the program does not put where the variables lie: a checked one.
  void bind_next_values(const LoweredStep& step, const backend::Program& program, std::span<void*> results) {
    if (!options.check_numerics) return;
    for (size_t r = 0; r < results.size(); ++r) {
      if (program.results()[r].swaps < 0) continue;
      VariableStore::Slot& slot = variable(step, program.results()[r].swaps);
      if (slot.next.dtype() != slot.value.dtype() || slot.next.shape() != slot.value.shape())
        slot.next = Array::uninitialized(slot.value.dtype(), slot.value.shape());
      results[r] = slot.next.bytes();
    }
  }

  /// After a run without a fault the next values are those of the variables.
  void take_next_values(const LoweredStep& step, const backend::Program& program) {
    if (!options.check_numerics) return;
    for (const backend::ProgramResult& r : program.results()) {
      if (r.swaps < 0) continue;
      VariableStore::Slot& slot = variable(step, r.swaps);
      std::swap(slot.value, slot.next);
    }
  }

  /// Notes for the inputs of a failed run that were NaN or infinite before it.
  static std::vector<std::string> add_bad_inputs(const LoweredStep& step, const BoundProgram& bound,
                                                 std::span<void* const> params, std::vector<std::string> notes) {
    std::vector<bool> has_value(params.size(), true);  // a variable that is only written need not have one
    for (const VariableParam& v : step.variables) has_value[static_cast<size_t>(v.param)] = v.read;
    for (size_t p = 0; p < params.size(); ++p) {
      const backend::ProgramParam& param = bound.program().params()[p];
      if (!has_value[p] || !is_float(param.type.dtype)) continue;
      const int64_t n = value_or_throw(param.type.num_elements().evaluate(bound.binding()));
      const Array value = Array::borrow(param.type.dtype, {n}, params[p]);
      for (int64_t i = 0; i < n; ++i) {
        const double v = value.value_as_double(i);
        if (std::isfinite(v)) continue;
        notes.push_back(fmt::format("'{}' held {} at element {} before the run", param.info.name, v, i));
        break;
      }
    }
    return notes;
  }

  /// The caller's, with the session's own limit of time, which begins now.
  Interrupt limited(Interrupt interrupt) const {
    if (options.max_seconds <= 0) return interrupt;
    // Beyond a century the clock's numbers would end.
    const std::chrono::duration<double> most(std::min(options.max_seconds, 3e9));
    const auto end = Interrupt::Clock::now() + std::chrono::duration_cast<Interrupt::Clock::duration>(most);
    interrupt.deadline = interrupt.deadline ? std::min(*interrupt.deadline, end) : end;
    return interrupt;
  }

  /// Runs an instance under the session's lock.
  Expected<void> execute(const LoweredStep& step, const BoundProgram& bound, Instance& instance,
                         std::span<void*> params, std::span<void*> results, const Interrupt& interrupt) {
    uint64_t state = 0;
    bool drew = false;
    const auto attempt = [&]() -> Expected<void> {
      DLC_RETURN_IF_ERROR(bind_variables(step, params));
      bind_next_values(step, bound.program(), results);
      if (step.rng_param >= 0) {
        state = rng_state.fetch_add(1);
        drew = true;
        params[static_cast<size_t>(step.rng_param)] = &state;
      }
      const Interrupt* const watched = interrupt.possible() ? &interrupt : nullptr;
      DLC_RETURN_IF_ERROR(instance.execution->execute(instance.context, params, results, watched));
      if (instance.context.failed()) {
        Error error = bound.program().describe(*instance.context.fault());
        if (options.check_numerics) error.notes = add_bad_inputs(step, bound, params, std::move(error.notes));
        return error;
      }
      take_next_values(step, bound.program());
      for (const VariableParam& v : step.variables)
        if (v.updated) variables.slot(*v.node).initialized = true;
      return {};
    };
    const auto body = [&] {
      Expected<void> done = attempt();
      // A failed run changes nothing; numbers that another run has drawn since cannot be given back.
      if (uint64_t next = state + 1; !done && drew) rng_state.compare_exchange_strong(next, state);
      return done;
    };
    if (step.updates) {
      const std::unique_lock lock(mutex);
      return body();
    }
    {
      const std::shared_lock lock(mutex);
      // Slots that do not exist yet are made under the writers' lock.
      const bool known = std::all_of(step.variables.begin(), step.variables.end(),
                                     [&](const VariableParam& v) { return variables.find(*v.node) != nullptr; });
      if (known) return body();
    }
    const std::unique_lock lock(mutex);
    return body();
  }

  Graph graph;
  SessionOptions options;
  runtime::ThreadPool pool;
  ProgramCache cache;
  mutable std::shared_mutex mutex;  ///< readers: runs that update nothing
  VariableStore variables;
  std::atomic<uint64_t> rng_state{0};
};

namespace {

/// Feeds in the order of their nodes, so that the order in which they are written does not matter.
std::vector<size_t> canonical_order(const std::vector<Tensor>& fed) {
  std::vector<size_t> order(fed.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(fed[a].node().id, fed[a].index()) < std::pair(fed[b].node().id, fed[b].index());
  });
  return order;
}

/// Whether two arrays share memory.
bool overlap(const Array& a, const Array& b) {
  return a.bytes() < b.bytes() + b.num_bytes() && b.bytes() < a.bytes() + a.num_bytes();
}

}  // namespace

Session::Session(SessionOptions options) : Session(default_graph(), std::move(options)) {}
Session::Session(const Graph& graph, SessionOptions options)
    : impl_(std::make_shared<Impl>(graph, std::move(options))) {}
Session::~Session() = default;

std::vector<Array> Session::run(const std::vector<Fetch>& fetches, const Feeds& feeds, const Interrupt& given) {
  const Interrupt interrupt = impl_->limited(given);
  value_or_throw(interrupt.check());
  std::vector<Tensor> fed;
  for (const auto& [tensor, value] : feeds) fed.push_back(tensor);
  std::vector<Tensor> ordered;
  std::vector<Array> values;
  for (const size_t i : canonical_order(fed)) {
    ordered.push_back(fed[i]);
    values.push_back(feeds[i].second);
  }
  LoweredStep& step = *value_or_throw(impl_->cache.lower_step(fetches, ordered));
  const std::shared_ptr<BoundProgram> bound = value_or_throw(impl_->cache.bind(step, values, interrupt));
  std::unique_ptr<Instance> instance = value_or_throw(
      bound->acquire(impl_->context_options(), impl_->options.checked, impl_->cache.execution_options()));
  const backend::Program& program = bound->program();

  std::vector<void*> params(program.params().size(), nullptr), results;
  for (size_t i = 0; i < values.size(); ++i) params[i] = values[i].bytes();
  std::vector<Array> outputs;
  for (size_t r = 0; r < program.results().size(); ++r) {
    if (program.results()[r].param >= 0 || program.results()[r].swaps >= 0) {
      results.push_back(nullptr);
      continue;
    }
    outputs.push_back(
        Array::uninitialized(program.results()[r].type.dtype, instance->execution->result_shape(static_cast<int>(r))));
    results.push_back(outputs.back().bytes());
  }
  std::vector<Array> fetched;
  size_t next = 0;
  for (const Fetch& f : fetches) fetched.push_back(f.is_tensor() ? outputs[next++] : Array());
  // From here on nothing is allocated: a run that has changed variables does not fail.
  Expected<void> done = impl_->execute(step, *bound, *instance, params, results, interrupt);
  bound->release(std::move(instance));
  impl_->cache.count_run();
  if (!done) throw Exception(std::move(done).error());
  return fetched;
}

std::vector<Array> Session::run(const std::vector<Fetch>& fetches, const Feeds& feeds) {
  return run(fetches, feeds, Interrupt());
}
Array Session::run(const Tensor& fetch, const Feeds& feeds) { return run(fetch, feeds, Interrupt()); }
void Session::run(const Operation& operation, const Feeds& feeds) { run(operation, feeds, Interrupt()); }

Array Session::run(const Tensor& fetch, const Feeds& feeds, const Interrupt& interrupt) {
  return run(std::vector<Fetch>{fetch}, feeds, interrupt)[0];
}
void Session::run(const Operation& operation, const Feeds& feeds, const Interrupt& interrupt) {
  run(std::vector<Fetch>{operation}, feeds, interrupt);
}

struct Callable::Impl {
  Session::Impl* session = nullptr;
  std::shared_ptr<Session::Impl> keep;
  LoweredStep* step = nullptr;
  std::shared_ptr<BoundProgram> bound;
  std::unique_ptr<Instance> instance;
  std::vector<size_t> param_of_feed;  ///< feed as given -> parameter
  std::vector<std::string> feed_names;
  std::vector<FeedType> feed_types;
  std::vector<Array> staging;        ///< for feeds that overlap results; allocated when the first does
  std::vector<int> result_of_fetch;  ///< fetch -> result, or -1
  std::vector<Array> results;        ///< by fetch
  std::vector<void*> params;
  std::vector<void*> result_pointers;

  void check_feed(size_t i, const Array& value) const {
    if (value.dtype() == feed_types[i].dtype && value.shape() == feed_types[i].shape) return;
    throw Exception(
        make_error(value.dtype() == feed_types[i].dtype ? ErrorCode::kInvalidShape : ErrorCode::kInvalidType,
                   "feed '{}' was prepared as {}, got {}", feed_names[i],
                   type_str(feed_types[i].dtype, feed_types[i].shape), value.type_str()));
  }

  void call(std::span<const Array> feeds, std::span<Array> into, const Interrupt& given) {
    const Interrupt interrupt = session->limited(given);
    value_or_throw(interrupt.check());
    if (feeds.size() != feed_types.size())
      throw Exception(make_error(ErrorCode::kInvalidArgument, "the step was prepared with {} feeds, got {}",
                                 feed_types.size(), feeds.size()));
    for (size_t i = 0; i < feeds.size(); ++i) {
      check_feed(i, feeds[i]);
      const Array* value = &feeds[i];
      for (size_t f = 0; f < into.size(); ++f) {
        if (result_of_fetch[f] < 0 || !overlap(*value, into[f])) continue;
        if (staging[i].num_bytes() != value->num_bytes())
          staging[i] = Array::uninitialized(value->dtype(), value->shape());
        if (value->num_bytes() > 0) std::memcpy(staging[i].bytes(), value->bytes(), value->num_bytes());
        value = &staging[i];
        break;
      }
      params[param_of_feed[i]] = const_cast<std::byte*>(value->bytes());
    }
    for (size_t f = 0; f < into.size(); ++f)
      if (result_of_fetch[f] >= 0) result_pointers[static_cast<size_t>(result_of_fetch[f])] = into[f].bytes();
    Expected<void> done = session->execute(*step, *bound, *instance, params, result_pointers, interrupt);
    session->cache.count_run();
    if (!done) throw Exception(std::move(done).error());
  }
};

Callable::Callable(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Callable::Callable(Callable&&) noexcept = default;
Callable& Callable::operator=(Callable&&) noexcept = default;
Callable::~Callable() {
  if (impl_ && impl_->instance) impl_->bound->release(std::move(impl_->instance));
}

const std::vector<Array>& Callable::operator()(std::span<const Array> feeds, const Interrupt& interrupt) {
  impl_->call(feeds, impl_->results, interrupt);
  return impl_->results;
}

const std::vector<Array>& Callable::operator()(std::initializer_list<Array> feeds, const Interrupt& interrupt) {
  return (*this)(std::span<const Array>(feeds.begin(), feeds.size()), interrupt);
}

const std::vector<Array>& Callable::operator()(std::span<const Array> feeds) { return (*this)(feeds, Interrupt()); }
const std::vector<Array>& Callable::operator()(std::initializer_list<Array> feeds) {
  return (*this)(feeds, Interrupt());
}
void Callable::run_into(std::span<const Array> feeds, std::span<Array> results) {
  run_into(feeds, results, Interrupt());
}

void Callable::run_into(std::span<const Array> feeds, std::span<Array> results, const Interrupt& interrupt) {
  if (results.size() != impl_->results.size())
    throw Exception(make_error(ErrorCode::kInvalidArgument, "the step has {} fetches, got {} results",
                               impl_->results.size(), results.size()));
  for (size_t f = 0; f < results.size(); ++f) {
    const Array& expected = impl_->results[f];
    if (impl_->result_of_fetch[f] < 0 ||
        (results[f].dtype() == expected.dtype() && results[f].shape() == expected.shape()))
      continue;
    throw Exception(make_error(ErrorCode::kInvalidShape, "result {} is {}, got room for {}", f, expected.type_str(),
                               results[f].type_str()));
  }
  const auto given = [&](size_t f) { return impl_->result_of_fetch[f] >= 0; };
  for (size_t f = 0; f < results.size(); ++f)
    for (size_t g = 0; g < f; ++g)
      if (given(f) && given(g) && overlap(results[f], results[g]))
        throw Exception(make_error(ErrorCode::kInvalidArgument,
                                   "results {} and {} were given the same memory; each needs its own", g, f));
  impl_->call(feeds, results, interrupt);
}

std::vector<backend::KernelProfile> Callable::profile() const { return impl_->instance->execution->profile(); }

size_t Callable::arena_bytes() const { return impl_->instance->execution->arena_bytes(); }

backend::Explanation Session::explain(const std::vector<Fetch>& fetches,
                                      const std::vector<std::pair<Tensor, FeedType>>& feeds) {
  std::vector<Tensor> fed, ordered;
  std::vector<Array> shapes_only;
  for (const auto& [tensor, type] : feeds) fed.push_back(tensor);
  for (const size_t i : canonical_order(fed)) {
    const FeedType& type = feeds[i].second;
    ordered.push_back(fed[i]);
    shapes_only.push_back(Array::borrow(type.dtype, type.shape, static_cast<void*>(nullptr)));
  }
  LoweredStep& step = *value_or_throw(impl_->cache.lower_step(fetches, ordered));
  return value_or_throw(impl_->cache.explain(step, shapes_only));
}

Callable Session::prepare(const std::vector<Fetch>& fetches, const std::vector<std::pair<Tensor, FeedType>>& feeds) {
  return prepare(fetches, feeds, Interrupt());
}

Callable Session::prepare(const std::vector<Fetch>& fetches, const std::vector<std::pair<Tensor, FeedType>>& feeds,
                          const Interrupt& given) {
  const Interrupt interrupt = impl_->limited(given);
  value_or_throw(interrupt.check());
  auto call = std::make_unique<Callable::Impl>();
  call->keep = impl_;
  call->session = impl_.get();
  std::vector<Tensor> fed;
  for (const auto& [tensor, type] : feeds) fed.push_back(tensor);
  const std::vector<size_t> order = canonical_order(fed);
  std::vector<Tensor> ordered;
  std::vector<Array> shapes_only;
  call->param_of_feed.resize(feeds.size());
  for (size_t p = 0; p < order.size(); ++p) {
    const auto& [tensor, type] = feeds[order[p]];
    ordered.push_back(tensor);
    shapes_only.push_back(Array::borrow(type.dtype, type.shape, static_cast<void*>(nullptr)));
    call->param_of_feed[order[p]] = p;
  }
  for (const auto& [tensor, type] : feeds) {
    call->feed_names.push_back(tensor.name());
    call->feed_types.push_back(type);
  }
  call->staging.resize(feeds.size());
  call->step = value_or_throw(impl_->cache.lower_step(fetches, ordered));
  call->bound = value_or_throw(impl_->cache.bind(*call->step, shapes_only, interrupt));
  call->instance = value_or_throw(
      call->bound->acquire(impl_->context_options(), impl_->options.checked, impl_->cache.execution_options()));
  const backend::Program& program = call->bound->program();
  call->params.assign(program.params().size(), nullptr);
  call->result_pointers.assign(program.results().size(), nullptr);
  int next = 0;  // fetched results come first, in the order of the fetches
  for (const Fetch& f : fetches) {
    call->result_of_fetch.push_back(f.is_tensor() ? next : -1);
    call->results.push_back(f.is_tensor()
                                ? Array::uninitialized(program.results()[static_cast<size_t>(next)].type.dtype,
                                                       call->instance->execution->result_shape(next))
                                : Array());
    if (f.is_tensor()) ++next;
  }
  return Callable(std::move(call));
}

namespace {

const Node& variable_node(const Graph& graph, const Tensor& t) {
  if (!(t.graph() == graph))
    throw Exception(
        make_error(ErrorCode::kInvalidArgument, "{} is of another graph than the session's", t.str()).at(t.node().loc));
  if (!t.node().is(OpRole::kVariable))
    throw Exception(make_error(ErrorCode::kInvalidArgument, "{} is no variable", t.str()).at(t.node().loc));
  return t.node();
}

}  // namespace

Array Session::value(const Tensor& variable) const {
  const std::shared_lock lock(impl_->mutex);
  const VariableStore::Slot* slot = impl_->variables.find(variable_node(impl_->graph, variable));
  if (!slot || !slot->initialized) throw Exception(VariableStore::not_initialized(variable.node()));
  return slot->value.clone();
}

bool Session::is_initialized(const Tensor& variable) const {
  const std::shared_lock lock(impl_->mutex);
  const VariableStore::Slot* slot = impl_->variables.find(variable_node(impl_->graph, variable));
  return slot && slot->initialized;
}

void Session::set_value(const Tensor& variable, const Array& value) {
  const std::unique_lock lock(impl_->mutex);
  VariableStore::Slot& slot = impl_->variables.slot(variable_node(impl_->graph, variable));
  if (value.dtype() != slot.value.dtype() || value.shape() != slot.value.shape())
    throw Exception(make_error(value.dtype() == slot.value.dtype() ? ErrorCode::kInvalidShape : ErrorCode::kInvalidType,
                               "variable {} cannot take {}", variable.str(), value.type_str())
                        .at(variable.node().loc));
  if (value.num_bytes() > 0) std::memcpy(slot.value.bytes(), value.bytes(), value.num_bytes());
  slot.initialized = true;
}

uint64_t Session::rng_state() const { return impl_->rng_state.load(); }
void Session::set_rng_state(uint64_t state) { impl_->rng_state.store(state); }
const Graph& Session::graph() const { return impl_->graph; }
const SessionOptions& Session::options() const { return impl_->options; }
SessionStats Session::stats() const { return impl_->cache.stats(); }

}  // namespace dlc
