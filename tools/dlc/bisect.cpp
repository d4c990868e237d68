// dlc bisect: which rewrite of the compiler makes a result wrong. Passes number their rewrites and stop at
// a limit (passes/rewrite_counter.h); the search is for the smallest limit that fails.
#include <sys/wait.h>

#include <cstdlib>
#include <memory>

#include "passes/pass_manager.h"
#include "tools/dlc/opt_equivalence.h"
#include "tools/dlc/probe.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct BisectOptions {
  ProbeOptions probe;
  std::string command;
};

/// The smallest limit that fails, between `good` (which passes) and `bad` (which fails).
template <typename Fails>
int64_t search(int64_t good, int64_t bad, const Fails& fails) {
  while (bad - good > 1) {
    const int64_t middle = good + (bad - good) / 2;
    (fails(middle) ? bad : good) = middle;
  }
  return bad;
}

/// A limit that fails, found by doubling: for programs that do not say how many rewrites they make.
template <typename Fails>
Expected<int64_t> some_failing_limit(const Fails& fails) {
  constexpr int64_t kMost = int64_t{1} << 24;
  for (int64_t limit = 1; limit <= kMost; limit *= 2)
    if (fails(limit)) return limit;
  return make_error(ErrorCode::kFailedPrecondition,
                    "it fails without a limit, but with none up to {} rewrites: does it fail every time?", kMost);
}

// --- a command --------------------------------------------------------------------------------

/// Whether the command fails. Its output is thrown away unless `shown`.
bool command_fails(const std::string& command, std::optional<int64_t> limit, bool shown = false) {
  if (limit)
    setenv("DLC_REWRITE_LIMIT", std::to_string(*limit).c_str(), 1);
  else
    unsetenv("DLC_REWRITE_LIMIT");
  std::fflush(stdout);
  const std::string line =
      shown ? fmt::format("( {} ) 2>&1 >/dev/null | grep '^@.*: rewrite {}: ' | sort -u", command, *limit)
            : fmt::format("( {} ) >/dev/null 2>&1", command);
  return std::system(line.c_str()) != 0;
}

Expected<void> bisect_command(const std::string& command) {
  const auto fails = [&](int64_t limit) { return command_fails(command, limit); };
  if (!command_fails(command, std::nullopt))
    return make_error(ErrorCode::kInvalidArgument, "the command does not fail: it exits with 0");
  if (fails(0)) {
    fmt::print("It fails without any rewrite: the fault is in what every compilation needs, or in the command.\n");
    return {};
  }
  DLC_ASSIGN_OR_RETURN(const int64_t bad, some_failing_limit(fails));
  const int64_t limit = search(bad / 2, bad, fails);
  fmt::print("It passes with {} rewrites in each compilation and fails with {}. The last, by function:\n", limit - 1,
             limit);
  command_fails(command, limit, true);
  return {};
}

// --- a model ----------------------------------------------------------------------------------

/// The pass of a compilation without rewrites after which the interpreter gives something else; "" if none.
Expected<std::string> wrong_pass(const ir::Function& function, const ProbeOptions& options) {
  DLC_ASSIGN_OR_RETURN(const auto pipeline, passes::parse_pipeline(options.compile.passes));
  DLC_ASSIGN_OR_RETURN(const auto dims, parse_dims(options.dims));
  std::string found;
  const auto now = function.clone();
  std::unique_ptr<ir::Function> before = function.clone();
  passes::PassManagerOptions manager;
  manager.after_pass = [&](const passes::PassInfo& pass, const ir::Function& after, bool changed) {
    if (!changed || !found.empty()) return;
    const Equivalence e = check_equivalent(*before, after, pass.exactness, {.seed = options.seed, .dims = dims});
    if (e.verdict == Verdict::kDiffers) found = fmt::format("{}: {}", pass.name, e.reason);
    before = after.clone();
  };
  passes::PassContext context;
  context.rewrites = passes::RewriteCounter(0);
  DLC_RETURN_IF_ERROR(passes::PassManager(std::move(manager)).run(*now, pipeline, context));
  return found;
}

Diagnosis with_limit(const ir::Function& function, ProbeOptions options, std::optional<int64_t> limit) {
  options.compile.rewrite_limit = limit;
  return probe(function, options);
}

Expected<void> bisect_model(ProbeOptions options) {
  DLC_ASSIGN_OR_RETURN(const auto function, load_probed(options));
  Diagnosis whole = with_limit(*function, options, std::nullopt);
  if (whole.symptom == Symptom::kInvalid || whole.symptom == Symptom::kNone)
    return make_error(ErrorCode::kInvalidArgument, "'{}' {}", options.model,
                      whole.symptom == Symptom::kNone ? "is compiled right: there is nothing to find"
                                                      : "cannot be checked: " + whole.what);
  fmt::print("without a limit: {}: {}\n", to_string(whole.symptom), whole.what);
  const auto fails = [&](int64_t limit) {
    const Diagnosis d = with_limit(*function, options, limit);
    return d.symptom != Symptom::kNone && d.symptom != Symptom::kInvalid;
  };
  if (fails(0)) {
    DLC_ASSIGN_OR_RETURN(const std::string pass, wrong_pass(*function, options));
    if (pass.empty())
      fmt::print("It fails without any rewrite, and the passes keep what it means: the fault is in the backend.\n");
    else
      fmt::print("It fails without any rewrite. The wrong pass is {}\n", pass);
    return {};
  }
  int64_t bad = whole.rewrites;
  // What crashed could not tell how many there were.
  if (bad == 0) {
    DLC_ASSIGN_OR_RETURN(bad, some_failing_limit(fails));
  }
  const int64_t limit = search(0, bad, fails);
  const Diagnosis d = with_limit(*function, options, limit);
  if (whole.rewrites > 0)
    fmt::print("rewrite {} of {} makes it wrong:\n", limit, whole.rewrites);
  else
    fmt::print("rewrite {} makes it wrong:\n", limit);
  fmt::print("  {}\n", d.last_rewrite.empty() ? "(the process ended before it could say which)" : d.last_rewrite);
  fmt::print("with it: {}: {}\n", to_string(d.symptom), d.what);
  fmt::print("See it with DLC_REWRITE_LIMIT={} and DLC_REWRITE_LIMIT={} dlc compile --print-after-all\n", limit - 1,
             limit);
  return {};
}

int run_bisect(const BisectOptions& options) {
  const Expected<void> done = options.command.empty() ? bisect_model(options.probe) : bisect_command(options.command);
  return done ? kDone : report(done.error());
}

}  // namespace

std::function<int()> setup_bisect(CLI::App& app) {
  auto o = std::make_shared<BisectOptions>();
  add_probe_options(app, o->probe);
  app.add_option("--command", o->command,
                 "Instead of a model: a shell command that uses dlc and fails, by its exit code, when results are "
                 "wrong. It is run with other values of DLC_REWRITE_LIMIT");
  app.footer(
      "Passes number the rewrites of a compilation. The search is for the smallest number of rewrites with which the "
      "result is wrong (see `dlc check`); its last rewrite, with its pass and the op that it was applied to, is "
      "printed. If the result is wrong without any, the passes that every compilation needs are interpreted before and "
      "after, and what is left is the backend. Exit code 0 when the culprit was found.");
  return [o] { return run_bisect(*o); };
}

}  // namespace dlc::tools
