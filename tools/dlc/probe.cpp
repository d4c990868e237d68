#include "tools/dlc/probe.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX, not in <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <set>

#include "backend/native/target.h"
#include "ir/verifier.h"
#include "passes/pipeline.h"
#include "support/check.h"
#include "tools/dlc/model.h"
#include "tools/dlc/verb.h"
#include "tools/oracles/inputs.h"

namespace dlc::tools {

const char* to_string(Symptom s) {
  switch (s) {
    case Symptom::kNone: return "none";
    case Symptom::kInvalid: return "invalid";
    case Symptom::kDiffers: return "differs";
    case Symptom::kError: return "error";
    case Symptom::kCrash: return "crash";
    case Symptom::kTimeout: return "timeout";
  }
  return "";
}

void add_probe_options(CLI::App& app, ProbeOptions& o) {
  app.add_option("model", o.model, "Graph file (.dlc) or IR text (.dlir), told by content; '-' reads standard input");
  app.add_option("--fetch", o.fetches,
                 "Of a graph file: NAME or NAME:K; without it, every tensor that nothing else computes with");
  app.add_option("--feed", o.feeds, "NAME=DTYPE[DIMS]: compiles for these sizes; without it, for all sizes");
  app.add_option("--dims", o.dims, "Sizes NAME=SIZE of symbols, of the made-up inputs; others get small ones")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--seed", o.seed, "Seed of the made-up inputs")->capture_default_str();
  app.add_option("--target", o.compile.target, "host, sse2, avx2 or avx512")->capture_default_str();
  app.add_option("--ways", o.ways, "With fusion, without, or both, which must give the same bits")
      ->check(CLI::IsMember({"fused", "unfused", "both"}))
      ->capture_default_str();
  app.add_option("--threads", o.compile.threads, "Numbers of threads to run on")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--passes", o.compile.passes, "Passes and pipelines to compile with; 'fuse' must be the last")
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "Time that one compilation and its runs may take")->capture_default_str();
}

std::string probe_arguments(const ProbeOptions& o) {
  const ProbeOptions defaults;
  std::string out;
  for (const std::string& dim : o.dims) out += " --dims " + dim;
  if (o.seed != defaults.seed) out += fmt::format(" --seed {}", o.seed);
  if (o.ways != defaults.ways) out += " --ways " + o.ways;
  if (o.compile.target != defaults.compile.target) out += " --target " + o.compile.target;
  if (o.compile.threads != defaults.compile.threads)
    out += fmt::format(" --threads {}", fmt::join(o.compile.threads, ","));
  if (o.compile.passes != defaults.compile.passes) out += " --passes " + o.compile.passes;
  return out;
}

namespace {

/// What would make every compilation fail is a mistake in the options, and nothing about the function.
Expected<void> check_options(const ProbeOptions& options, const ir::Function& function) {
  DLC_RETURN_IF_ERROR(passes::parse_pipeline(options.compile.passes));
  DLC_RETURN_IF_ERROR(backend::native_target(options.compile.target));
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding dims, parse_dims(options.dims));
  std::set<std::string> symbols;
  for (int i = 0; i < function.num_params(); ++i)
    for (const ir::Dim& dim : function.param(i).dims()) dim.collect_symbols(symbols);
  for (const auto& [name, size] : dims)
    if (!symbols.contains(name))
      return make_error(ErrorCode::kInvalidArgument, "--dims {}={}: the model has no size '{}'; it has: {}", name, size,
                        name, symbols.empty() ? "none" : fmt::format("{}", fmt::join(symbols, ", ")));
  return {};
}

}  // namespace

Expected<std::unique_ptr<ir::Function>> load_probed(ProbeOptions& options) {
  if (options.model.empty())
    return make_error(ErrorCode::kInvalidArgument, "expected a model: a graph file or IR text");
  options.compile.fused = options.ways != "unfused";
  options.compile.unfused = options.ways != "fused";
  DLC_ASSIGN_OR_RETURN(Model model, load_model(options.model));
  DLC_ASSIGN_OR_RETURN(std::unique_ptr<ir::Function> function, function_of(model, options.fetches, options.feeds));
  DLC_RETURN_IF_ERROR(check_options(options, *function));
  return function;
}

Diagnosis diagnose(const ir::Function& function, const ProbeOptions& options) {
  Diagnosis d;
  const auto invalid = [&](std::string why) {
    d.symptom = Symptom::kInvalid;
    d.what = std::move(why);
    return d;
  };
  const Expected<ir::SymbolBinding> dims = parse_dims(options.dims);
  if (!dims) return invalid(dims.error().str());
  if (const Expected<void> ok = ir::verify(function); !ok) return invalid(ok.error().str());
  for (int trial = 0; trial < oracles::kTrials; ++trial) {
    const auto sizes = oracles::pick_sizes(function, *dims, options.seed, trial);
    if (!sizes) return invalid("no sizes were found that fulfil the requirements; give some with --dims");
    const std::vector<Array> inputs = oracles::random_inputs(function, *sizes, options.seed, trial, true);
    auto meaning = oracles::Meaning::of(function, inputs, options.seed);
    if (!meaning) return invalid(meaning.error().str());
    if (meaning->fault()) ++d.faults;
    const oracles::Finding found = oracles::hold(function, inputs, *meaning, options.compile, d.tally);
    if (trial == 0) d.rewrites = found.rewrites, d.last_rewrite = found.last_rewrite;
    if (found.kind == oracles::Finding::kNone) continue;
    d.symptom = found.kind == oracles::Finding::kError ? Symptom::kError : Symptom::kDiffers;
    d.what = fmt::format("{} (inputs of kind {}, seed {})", found.what, trial, options.seed);
    return d;
  }
  return d;
}

namespace {

/// A diagnosis as the child writes it: numbers in a line, then two texts.
std::string packed(const Diagnosis& d) {
  return fmt::format("{} {} {} {}\n{}{}{}", static_cast<int>(d.symptom), d.rewrites, d.tally.compared, d.tally.dropped,
                     d.what, '\0', d.last_rewrite);
}

Diagnosis unpacked(const std::string& text) {
  Diagnosis d;
  int symptom = 0, at = 0;
  long long rewrites = 0, compared = 0, dropped = 0;
  const bool read =
      std::sscanf(text.c_str(), "%d %lld %lld %lld%n", &symptom, &rewrites, &compared, &dropped, &at) == 4;
  DLC_CHECK(read, "a probe's answer is no diagnosis: '{}'", text);
  d.symptom = static_cast<Symptom>(symptom);
  d.rewrites = rewrites;
  d.tally = {compared, dropped};
  const std::string rest = text.substr(static_cast<size_t>(at) + 1);
  d.what = rest.substr(0, rest.find('\0'));
  d.last_rewrite = rest.substr(d.what.size() + 1);
  return d;
}

/// Everything that the child writes, or nullopt when it is not done in time.
std::optional<std::string> read_all(int fd, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::string text;
  char buffer[4096];
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd wait{fd, POLLIN, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<int64_t>(left.count(), 1000)));
    if (ready <= 0) continue;
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) return text;
    text.append(buffer, static_cast<size_t>(n));
  }
}

[[noreturn]] void answer(int fd, const ir::Function& function, const ProbeOptions& options) {
  // A crash that is looked for need not be told each time.
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDERR_FILENO);
  Diagnosis d;
  try {
    d = diagnose(function, options);
  } catch (const std::exception& e) {
    d.symptom = Symptom::kError;
    d.what = e.what();
  }
  const std::string text = packed(d);
  for (size_t at = 0; at < text.size();) {
    const ssize_t n = write(fd, text.data() + at, text.size() - at);
    if (n <= 0) break;
    at += static_cast<size_t>(n);
  }
  // Without destructors: threads of the child may still run.
  _exit(0);
}

}  // namespace

Diagnosis probe(const ir::Function& function, const ProbeOptions& options) {
  int ends[2];
  if (pipe(ends) != 0)
    throw Exception(make_error(ErrorCode::kResourceExhausted, "cannot make a pipe: {}", std::strerror(errno)));
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0)
    throw Exception(make_error(ErrorCode::kResourceExhausted, "cannot start a process: {}", std::strerror(errno)));
  if (child == 0) {
    close(ends[0]);
    answer(ends[1], function, options);
  }
  close(ends[1]);
  const std::optional<std::string> text = read_all(ends[0], options.seconds);
  close(ends[0]);
  if (!text) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  Diagnosis d;
  if (!text) {
    d.symptom = Symptom::kTimeout;
    d.what = fmt::format("not done in {} s", options.seconds);
  } else if (WIFSIGNALED(status) || text->empty()) {
    d.symptom = Symptom::kCrash;
    d.what = WIFSIGNALED(status) ? fmt::format("signal {}: {}", WTERMSIG(status), strsignal(WTERMSIG(status)))
                                 : "it ended without an answer";
  } else {
    d = unpacked(*text);
  }
  return d;
}

}  // namespace dlc::tools
