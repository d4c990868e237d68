// A verb of the dlc command: one file each, one row in main.cpp.
//
//   std::function<int()> setup_opt(CLI::App& app) {
//     auto options = std::make_shared<OptOptions>();
//     app.add_option("file", options->file, "IR text; '-' reads standard input")->required();
//     return [options] { return run_opt(*options); };
//   }
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "ir/dim.h"
#include "support/error.h"
#include "support/expected.h"

namespace dlc::tools {

/// Exit codes of every verb.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kNotSupported = 2,  ///< the model asks for what dlc cannot do; the message names it
};

struct Verb {
  const char* name;
  const char* summary;  ///< one line
  /// Declares options; returns what runs the verb once they are read, and gives the exit code.
  std::function<int()> (*setup)(CLI::App& app);
};

std::function<int()> setup_bench(CLI::App& app);
std::function<int()> setup_bisect(CLI::App& app);
std::function<int()> setup_check(CLI::App& app);
std::function<int()> setup_compile(CLI::App& app);
std::function<int()> setup_explain(CLI::App& app);
std::function<int()> setup_opt(CLI::App& app);
std::function<int()> setup_ops(CLI::App& app);
std::function<int()> setup_reduce(CLI::App& app);
std::function<int()> setup_run(CLI::App& app);
std::function<int()> setup_train(CLI::App& app);

/// Prints the error to standard error; returns the exit code that it calls for.
int report(const Error& error);
/// A file's text; '-' is standard input.
Expected<std::string> read_text(const std::string& path);
/// Sizes of symbols, each NAME=SIZE.
Expected<ir::SymbolBinding> parse_dims(const std::vector<std::string>& dims);
/// Writes to a file, which is replaced at once or stays as it was; '-' or "" is standard output.
Expected<void> write_text(const std::string& path, const std::string& text);

}  // namespace dlc::tools
