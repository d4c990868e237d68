// dlc opt: IR text in, passes, IR text out.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <regex>
#include <vector>

#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"
#include "passes/pass_manager.h"
#include "passes/pipeline.h"
#include "tools/dlc/opt_diagnostics.h"
#include "tools/dlc/opt_equivalence.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct OptOptions {
  std::string file;
  std::string output;
  std::string passes;
  std::string print_after;
  bool print_after_all = false;
  bool split = true;
  bool check_equivalent = false;
  bool verify_diagnostics = false;
  bool no_locations = false;
  bool timing = false;
  bool list = false;
  bool markdown = false;
  bool no_fma = false;
  int64_t elide = -1;
  uint64_t seed = 1;
  std::vector<std::string> dims;
};

/// A piece of the text between `// -----` lines. Blank lines stand for what comes before it, so
/// that line numbers are those of the file.
struct Case {
  std::string text;
  int first_line = 1;
};

std::vector<Case> split_cases(const std::string& text, bool split) {
  if (!split) return {{text, 1}};
  std::vector<Case> cases = {{"", 1}};
  int line = 1;
  for (size_t at = 0; at < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string piece = text.substr(at, end - at);
    at = end;
    if (piece.starts_with("// -----"))
      cases.push_back({std::string(static_cast<size_t>(line), '\n'), line + 1});
    else
      cases.back().text += piece;
  }
  return cases;
}

/// The run of one case; what it prints is collected, so that errors come in order.
class CaseRun {
 public:
  CaseRun(const OptOptions& options, const passes::Pipeline& pipeline, const ir::SymbolBinding& dims)
      : options_(options), pipeline_(pipeline), dims_(dims) {}

  void run(const Case& c) {
    Diagnostics diagnostics(options_.file, c.text);
    std::optional<ir::Module> module =
        ir::parse_module(c.text, options_.file, diagnostics, {.locate_in_text = options_.verify_diagnostics});
    if (!module) {
      errors = diagnostics.errors();
      error_text = diagnostics.str();
      return;
    }
    for (const auto& f : module->functions()) run(*f);
    output += print(*module, print_options());
  }

  std::string output;
  std::string error_text;
  std::string notes;
  std::string timing;
  std::vector<Error> errors;

 private:
  ir::PrintOptions print_options() const {
    return {.locations = !options_.no_locations, .max_constant_elements = options_.elide};
  }

  void fail(Error error) {
    error_text += fmt::format("{}: error: {}\n", options_.file, error.str());
    errors.push_back(std::move(error));
  }

  void run(ir::Function& f) {
    const std::vector<Error> problems = find_problems(f);
    for (const Error& e : problems) fail(e);
    if (!problems.empty()) return;

    std::unique_ptr<ir::Function> before = f.clone();
    passes::PassManagerOptions manager_options;
    manager_options.verify_each = true;
    manager_options.after_pass = [&](const passes::PassInfo& pass, const ir::Function& now, bool changed) {
      show(pass, now, changed);
      if (!options_.check_equivalent || !changed) return;
      check(pass, *before, now);
      before = now.clone();
    };
    passes::PassManager manager(std::move(manager_options));
    passes::PassContext context;
    context.options.bind_dims = dims_;
    context.options.has_fma = !options_.no_fma;
    if (Expected<bool> changed = manager.run(f, pipeline_, context); !changed) fail(std::move(changed).error());
    timing += manager.timing_table();
  }

  void show(const passes::PassInfo& pass, const ir::Function& f, bool changed) {
    const bool wanted = options_.print_after_all || (!options_.print_after.empty() &&
                                                     std::regex_match(pass.name, std::regex(options_.print_after)));
    if (!wanted) return;
    output += fmt::format("// after {}: @{}{}\n", pass.name, f.name(), changed ? "" : " unchanged");
    if (changed) output += print(f, print_options()) + "\n";
  }

  void check(const passes::PassInfo& pass, const ir::Function& before, const ir::Function& after) {
    const Equivalence e =
        tools::check_equivalent(before, after, pass.exactness, {.seed = options_.seed, .dims = dims_});
    if (e.verdict == Verdict::kDiffers)
      fail(make_error(ErrorCode::kInternal, "the pass '{}' changed what @{} means: {}", pass.name, after.name(),
                      e.reason));
    if (e.verdict == Verdict::kNotChecked)
      notes += fmt::format("note: '{}' on @{} is not checked: {}\n", pass.name, after.name(), e.reason);
  }

  const OptOptions& options_;
  const passes::Pipeline& pipeline_;
  const ir::SymbolBinding& dims_;
};

int list_passes(bool markdown) {
  const char* row = markdown ? "| `{}` | {} | {} |\n" : "{:<28} {:<9} {}\n";
  if (markdown) fmt::print("| pass | bits | what it does |\n| --- | --- | --- |\n");
  for (const passes::PassInfo& p : passes::all_passes())
    fmt::print(fmt::runtime(row), p.name, to_string(p.exactness), p.summary);
  const char* head = markdown ? "\n| pipeline | passes | what it is for |\n| --- | --- | --- |" : "\nPipelines:";
  fmt::print("{}\n", head);
  for (const passes::PipelineInfo& p : passes::all_pipelines())
    if (markdown)
      fmt::print("| `{}` | `{}` | {} |\n", p.name, p.passes, p.summary);
    else
      fmt::print("{:<28} {}\n{:<28} = {}\n", p.name, p.summary, "", p.passes);
  return kDone;
}

int run_opt(const OptOptions& options) {
  if (options.list) return list_passes(options.markdown);
  if (options.file.empty())
    return report(make_error(ErrorCode::kInvalidArgument, "opt: expected a file of IR text, or --list-passes"));
  const Expected<passes::Pipeline> pipeline = passes::parse_pipeline(options.passes);
  if (!pipeline) return report(pipeline.error());
  const Expected<ir::SymbolBinding> dims = parse_dims(options.dims);
  if (!dims) return report(dims.error());
  try {
    const std::regex check(options.print_after);
  } catch (const std::regex_error& e) {
    return report(make_error(ErrorCode::kInvalidArgument, "--print-after: '{}' is no regular expression: {}",
                             options.print_after, e.what()));
  }
  const Expected<std::string> text = read_text(options.file);
  if (!text) return report(text.error());

  int exit_code = kDone;
  std::string output;
  for (const Case& c : split_cases(*text, options.split)) {
    CaseRun run(options, *pipeline, *dims);
    run.run(c);
    if (options.verify_diagnostics) {
      for (const std::string& problem : check_expected_errors(c.text, 1, options.file, run.errors)) {
        fmt::print(stderr, "{}\n", problem);
        exit_code = kFailed;
      }
      continue;
    }
    fmt::print(stderr, "{}{}", run.error_text, run.notes);
    if (options.timing) fmt::print(stderr, "{}", run.timing);
    if (!run.errors.empty()) exit_code = kFailed;
    if (!output.empty() && !run.output.empty()) output += "// -----\n";
    output += run.output;
  }
  if (options.verify_diagnostics) return exit_code;
  if (Expected<void> written = write_text(options.output, output); !written) return report(written.error());
  return exit_code;
}

}  // namespace

std::function<int()> setup_opt(CLI::App& app) {
  auto o = std::make_shared<OptOptions>();
  app.add_option("file", o->file, "IR text (.dlir); '-' is standard input");
  app.add_option("-o,--output", o->output, "Where the result goes (default: standard output)");
  app.add_option("--passes", o->passes, "Passes and pipelines to run, separated by commas (see --list-passes)");
  app.add_option("--print-after", o->print_after, "Print the IR after each pass whose name matches this expression");
  app.add_flag("--print-after-all", o->print_after_all, "Print the IR after every pass");
  app.add_flag("--split,!--no-split", o->split, "Treat lines '// -----' as borders between cases (default: yes)");
  app.add_flag("--check-equivalent", o->check_equivalent,
               "Interpret the function before and after each pass on random inputs; exact passes must keep all bits");
  app.add_option("--seed", o->seed, "Seed of the random inputs")->capture_default_str();
  app.add_option("--dims", o->dims, "Sizes NAME=SIZE: for the pass bind-dims, and for --check-equivalent")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--verify-diagnostics", o->verify_diagnostics,
               "Check errors against the file's '// expected-error {{text}}' comments; print nothing else");
  app.add_flag("--no-loc", o->no_locations, "Leave out loc(...)");
  app.add_option("--elide", o->elide, "Print constants of more elements than this as {...}");
  app.add_flag("--no-fma", o->no_fma, "Compile for a machine without fused multiply-add");
  app.add_flag("--timing", o->timing, "Print the time of each pass to standard error");
  app.add_flag("--list-passes", o->list, "List passes and pipelines, and exit");
  app.add_flag("--markdown", o->markdown, "With --list-passes: as the tables of docs/passes.md");
  return [o] { return run_opt(*o); };
}

}  // namespace dlc::tools
