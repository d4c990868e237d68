// dlc reduce: a failing model made small, and written as a test.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "ir/printer.h"
#include "tools/dlc/model.h"
#include "tools/dlc/probe.h"
#include "tools/dlc/reduce_function.h"
#include "tools/dlc/reduce_graph.h"
#include "tools/dlc/verb.h"
#include "tools/oracles/inputs.h"

namespace dlc::tools {
namespace {

struct ReduceOptions {
  ProbeOptions probe;
  std::string command, message, output = "-";
};

// --- failing: the interpreter and the compiler disagree -----------------------------------------------

Expected<std::string> reduce_by_probe(ReduceOptions& options) {
  DLC_ASSIGN_OR_RETURN(std::unique_ptr<ir::Function> function, load_probed(options.probe));
  const auto failure = [&](const ir::Function& f) -> std::optional<Diagnosis> {
    Diagnosis d = probe(f, options.probe);
    if (d.symptom == Symptom::kNone || d.symptom == Symptom::kInvalid) return std::nullopt;
    if (d.what.find(options.message) == std::string::npos) return std::nullopt;
    return d;
  };
  const std::optional<Diagnosis> whole = failure(*function);
  if (!whole)
    return make_error(ErrorCode::kInvalidArgument, "'{}' does not fail{}: there is nothing to reduce",
                      options.probe.model, options.message.empty() ? "" : " with that message")
        .note("`dlc check` with the same options tells what it finds; other seeds and targets may fail");
  int asked = 0;
  const Interesting interesting = [&](const ir::Function& f) {
    ++asked;
    const std::optional<Diagnosis> d = failure(f);
    return d && d->symptom == whole->symptom;
  };
  // Sizes that stay open are seldom part of it, and fixed ones can be made smaller.
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding dims, parse_dims(options.probe.dims));
  if (const auto sizes = oracles::pick_sizes(*function, dims, options.probe.seed, 0))
    if (auto bound = function->specialize(*sizes); bound && interesting(**bound)) {
      function = std::move(*bound);
      options.probe.dims.clear();
    }
  const size_t ops = function->num_ops();
  const auto small = reduce_function(*function, interesting);
  const Diagnosis d = *failure(*small);
  fmt::print(stderr, "reduced {} ops to {} in {} attempts\n", ops, small->num_ops(), asked);
  return fmt::format("// Made by `dlc reduce`: {}: {}\n// RUN: %dlc check %s{}\n{}", to_string(d.symptom), d.what,
                     probe_arguments(options.probe), print(*small));
}

// --- failing: a command says so -----------------------------------------------------------------

/// `command` with the file in place of %s.
std::string with_file(std::string command, const std::string& file) {
  for (size_t at = command.find("%s"); at != std::string::npos; at = command.find("%s", at + file.size()))
    command.replace(at, 2, file);
  return command;
}

/// Text in a file of its own, which goes with this.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& suffix)
      : path_((std::filesystem::temp_directory_path() / fmt::format("dlc-reduce-{}{}", getpid(), suffix)).string()) {}
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Expected<std::string> reduce_by_command(const ReduceOptions& options) {
  if (options.command.find("%s") == std::string::npos)
    return make_error(ErrorCode::kInvalidArgument, "--command '{}' does not say where the file goes: write %s",
                      options.command);
  DLC_ASSIGN_OR_RETURN(Model model, load_model(options.probe.model));
  const bool is_graph = model.graph.has_value();
  const TemporaryFile file(is_graph ? ".dlc" : ".dlir");
  int asked = 0;
  const auto fails = [&](const std::string& text) {
    ++asked;
    value_or_throw(write_text(file.path(), text));
    std::fflush(stdout);
    return std::system(fmt::format("( {} ) >/dev/null 2>&1", with_file(options.command, file.path())).c_str()) != 0;
  };
  DLC_ASSIGN_OR_RETURN(const std::string whole, read_text(options.probe.model));
  if (!fails(whole))
    return make_error(ErrorCode::kInvalidArgument, "the command exits with 0 on '{}': there is nothing to reduce",
                      options.probe.model);
  const std::string head = fmt::format("Made by `dlc reduce`\n{} RUN: {}\n", is_graph ? "#" : "//", options.command);
  std::string text;
  if (is_graph)
    text = "# " + head + reduce_graph(*model.graph, fails);
  else
    text =
        "// " + head + print(*reduce_function(*model.function, [&](const ir::Function& f) { return fails(print(f)); }));
  fmt::print(stderr, "reduced {} bytes to {} in {} attempts\n", whole.size(), text.size(), asked);
  return text;
}

Expected<void> run_reduce(ReduceOptions& options) {
  if (options.probe.model.empty() || (options.probe.model == "-" && !options.command.empty()))
    return make_error(ErrorCode::kInvalidArgument, "expected a model in a file: a graph file or IR text");
  Expected<std::string> text = options.command.empty() ? reduce_by_probe(options) : reduce_by_command(options);
  if (!text) return std::move(text).error();
  return write_text(options.output, *text);
}

}  // namespace

std::function<int()> setup_reduce(CLI::App& app) {
  auto o = std::make_shared<ReduceOptions>();
  add_probe_options(app, o->probe);
  app.add_option("--command", o->command,
                 "A model fails when this shell command, with the model's file for %s, does not exit with 0; without "
                 "it, when `dlc check` finds fault with it");
  app.add_option("--message", o->message, "What is found must contain this text (not with --command)");
  app.add_option("-o,--output", o->output, "Where the small model goes; '-' is standard output")->capture_default_str();
  app.footer(
      "Leaves out whatever the failure does not need: results, ops (what they computed becomes a parameter), sizes. "
      "The "
      "result is a text test: it has a RUN line, and passes once the fault is mended. A graph file is lowered for its "
      "fetches first, and gives IR; with --command its own statements are reduced, and it stays a graph file.");
  return [o] {
    const Expected<void> done = run_reduce(*o);
    return done ? kDone : report(done.error());
  };
}

}  // namespace dlc::tools
