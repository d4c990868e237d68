// Session: runs a graph. Owns the values of its variables, the programs it has compiled, and the
// threads they run on.
//
//   Session session;                                     // over the thread's default graph
//   session.run(global_variables_initializer());
//   Array loss_value = session.run(loss, {{x, images}, {labels, digits}});
//
//   // The same step many times: nothing is looked up or allocated in a call.
//   Callable step = session.prepare({train, loss}, {{x, images.type()}, {labels, digits.type()}});
//   for (...) fmt::print("{}\n", step({images, digits})[1]);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "frontend/graph/graph.h"
#include "support/array.h"
#include "support/fp_mode.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct Interrupt;

struct SessionOptions {
  /// Threads that work on one step, the caller included, at most 1024; 0: as many as the CPUs this process may use.
  int num_threads = 0;
  /// Binds each worker thread to a CPU of its own.
  bool bind_workers = true;
  /// A tbb::task_arena of the caller's to run in, instead of threads of the session's own.
  void* task_arena = nullptr;
  /// Programs are compiled for the sizes they are fed. Off: one program serves all sizes. On, the
  /// session still turns to such a program after several sizes of one signature.
  bool bind_dims = true;
  /// Groups operations into kernels. Off: the same bits, slower.
  bool fuse = true;
  /// "host", "sse2", "avx2" or "avx512".
  std::string target = "host";
  FpMode fp_mode = FpMode::kFlushSubnormals;
  /// Where compiled kernels are kept for later processes: "off", a folder, or "": what DLC_CACHE says,
  /// by default the user's cache folder.
  std::string kernel_cache;
  /// What lint() says of the graph (frontend/graph/lint.h) goes to standard error when a step is lowered,
  /// each warning once for a graph.
  bool lint = true;
  /// A run in which a node makes a NaN or an infinity fails (kArithmetic), names the first such node
  /// with its place and element, and changes no variable. Costs little in a forward pass, less than a
  /// tenth in a training step: new values of variables get memory of their own. DLC_CHECK_NUMERICS=1
  /// turns it on as well.
  bool check_numerics = false;
  /// Measures each kernel call, for Callable::profile: the step is run call by call, with the same bits.
  bool profile = false;
  /// A file for what Perfetto shows: passes, compilations, kernels and their chunks (support/trace.h).
  /// Empty: the one that DLC_TRACE names, if any.
  std::string trace;
  /// Limits. A step beyond one fails with kResourceExhausted and says what is too large; 0: no limit, for
  /// memory what the machine has.
  int64_t max_nodes = 0;   ///< operations of a step, gradients included
  int64_t max_memory = 0;  ///< bytes of a step's working memory, variables and results
  double max_seconds = 0;  ///< from the call of run or prepare to its end, compilation included
  /// Tests: memory is filled with NaN before each run, and looked after.
  bool checked = false;
};

namespace backend {
struct Explanation;
struct KernelProfile;
}  // namespace backend

/// A tensor and the value it has in one run. Any tensor may be fed.
using Feeds = std::vector<std::pair<Tensor, Array>>;

/// Type and sizes of a feed, for prepare.
struct FeedType {
  DType dtype = kFloat32;
  Shape shape;
};

/// One compilation of a session, and what made it necessary.
struct Compilation {
  std::string step;          ///< what is fetched: "train, loss"
  std::string why;           ///< "feed 'x' is f32[32,784], was f32[64,784]"
  double lower_ms = 0;       ///< graph to IR; 0 when these fetches and feeds were lowered before
  double passes_ms = 0;      ///< passes over the IR
  double plan_ms = 0;        ///< kernels, buffers and order
  double native_ms = 0;      ///< machine code, compiled or found
  int kernels_compiled = 0;  ///< distinct ones, as the two below
  int kernels_reused = 0;    ///< found in memory
  int kernels_loaded = 0;    ///< found on disk
  int calls = 0;             ///< kernel calls of one step
};

struct SessionStats {
  int64_t runs = 0;
  int64_t programs_compiled = 0;
  int64_t cache_hits = 0;  ///< runs and prepares that found their program
  double compile_ms = 0;   ///< all compilations, lowering to machine code
  int64_t kernels_compiled = 0;
  int64_t kernels_reused = 0;  ///< found in memory
  int64_t kernels_loaded = 0;  ///< found on disk
  /// The last compilations, at most 32, the latest last.
  std::vector<Compilation> compilations;

  /// "12 runs, 10 found their program; 2 programs compiled in 35.1 ms: 7 kernels compiled, ..."
  std::string str() const;
};

/// A step made ready by Session::prepare. One thread at a time; several Callables, of one step too, run
/// at the same time. Keeps what it needs alive: it goes on working when its Session is gone.
class Callable {
 public:
  Callable(Callable&&) noexcept;
  Callable& operator=(Callable&&) noexcept;
  ~Callable();

  /// Runs the step. `feeds` are values in the order given to prepare, of exactly those types; they are
  /// borrowed for the call. The results, one per fetch (an Operation's is empty), are valid until the
  /// next call; a feed that lies in them is copied first. Throws as Session::run does. Allocates
  /// nothing, but room for that copy, and for runs that may be interrupted, when they come first.
  const std::vector<Array>& operator()(std::span<const Array> feeds = {});
  const std::vector<Array>& operator()(std::initializer_list<Array> feeds);
  /// The same, result i going to `results[i]`, an array of the right type (unused for Operations), each
  /// in memory of its own.
  void run_into(std::span<const Array> feeds, std::span<Array> results);
  /// The same for runs that `interrupt` (support/interrupt.h, which a caller includes) may end early, with
  /// kCancelled or kResourceExhausted: while they compute and have written no variable yet.
  const std::vector<Array>& operator()(std::span<const Array> feeds, const Interrupt& interrupt);
  const std::vector<Array>& operator()(std::initializer_list<Array> feeds, const Interrupt& interrupt);
  void run_into(std::span<const Array> feeds, std::span<Array> results, const Interrupt& interrupt);
  /// Bytes of working memory.
  size_t arena_bytes() const;
  /// With SessionOptions::profile: what the kernel calls of the step took so far, in order, else nothing.
  /// See frontend/session/explain.h, which a caller includes.
  std::vector<backend::KernelProfile> profile() const;

 private:
  friend class Session;
  struct Impl;
  explicit Callable(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// Thread-safe: any number of threads may run at the same time; programs that update variables run
/// alone. A run that fails leaves every variable as it was.
class Session {
 public:
  explicit Session(SessionOptions options = {});
  explicit Session(const Graph& graph, SessionOptions options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The values of `fetches`, all of one execution; an Operation gives an empty slot. A variable that
  /// the run updates is fetched as it was before. Throws Exception: kFailedPrecondition for a
  /// placeholder that is not fed or a variable that is not initialised, kInvalidShape and
  /// kInvalidType for a feed that does not fit, kOutOfRange and kArithmetic for a check that failed.
  std::vector<Array> run(const std::vector<Fetch>& fetches, const Feeds& feeds = {});
  Array run(const Tensor& fetch, const Feeds& feeds = {});
  void run(const Operation& operation, const Feeds& feeds = {});
  /// The same for a run that `interrupt` (support/interrupt.h, which a caller includes) may end early, with
  /// kCancelled or kResourceExhausted: while it compiles, or computes and has written no variable yet.
  std::vector<Array> run(const std::vector<Fetch>& fetches, const Feeds& feeds, const Interrupt& interrupt);
  Array run(const Tensor& fetch, const Feeds& feeds, const Interrupt& interrupt);
  void run(const Operation& operation, const Feeds& feeds, const Interrupt& interrupt);

  /// Compiles the step for these feeds and reserves what it needs.
  Callable prepare(const std::vector<Fetch>& fetches, const std::vector<std::pair<Tensor, FeedType>>& feeds = {});
  Callable prepare(const std::vector<Fetch>& fetches, const std::vector<std::pair<Tensor, FeedType>>& feeds,
                   const Interrupt& interrupt);

  /// Why the step for these feeds becomes the program that it is; nothing is compiled. See
  /// frontend/session/explain.h, which a caller includes.
  backend::Explanation explain(const std::vector<Fetch>& fetches,
                               const std::vector<std::pair<Tensor, FeedType>>& feeds = {});

  /// A copy of a variable's value. kFailedPrecondition when it is not initialised.
  Array value(const Tensor& variable) const;
  bool is_initialized(const Tensor& variable) const;
  /// Sets a variable, which is initialised by it. kInvalidShape or kInvalidType when it does not fit.
  void set_value(const Tensor& variable, const Array& value);

  /// The state that random operations draw from; each run that draws advances it by one.
  uint64_t rng_state() const;
  void set_rng_state(uint64_t state);

  const Graph& graph() const;
  const SessionOptions& options() const;
  SessionStats stats() const;

 private:
  friend class Callable;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace dlc DLC_PUBLIC
