// The dlc command. Verbs are rows of a table; each has its own file.
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "support/flags.h"
#include "support/suggest.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

constexpr Verb kVerbs[] = {
    {"compile", "Compile a model and print any stage of it, or write an object file", setup_compile},
    {"run", "Run a model once", setup_run},
    {"train", "Train a graph file on a data set or on arrays", setup_train},
    {"bench", "Time a step of a model", setup_bench},
    {"explain", "Tell why a step became the program that it is", setup_explain},
    {"opt", "Run passes over IR text: IR to IR, for people and for tests", setup_opt},
    {"check", "Hold a model's compiled code to the interpreter, on made-up inputs", setup_check},
    {"bisect", "Find the rewrite of the compiler that makes a model's result wrong", setup_bisect},
    {"reduce", "Make a failing model small, and a test of it", setup_reduce},
    {"ops", "List the operators, from the registry itself", setup_ops},
};

int run(int argc, char** argv) {
  CLI::App app("dlc: a deep-learning framework that is a compiler", "dlc");
  app.require_subcommand(0, 1);
  bool help_debug = false;
  app.add_flag("--help-debug", help_debug, "Print the debug flags (environment variables) and exit");
  std::vector<std::pair<CLI::App*, std::function<int()>>> verbs;
  for (const Verb& verb : kVerbs) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
    verbs.emplace_back(sub, verb.setup(*sub));
  }
  if (const std::string_view verb = argc > 1 ? argv[1] : "-"; !verb.starts_with('-')) {
    std::vector<std::string> known;
    for (const Verb& v : kVerbs) known.emplace_back(v.name);
    if (std::find(known.begin(), known.end(), verb) == known.end())
      return report(make_error(ErrorCode::kNotFound, "there is no verb '{}'{}", verb, did_you_mean(verb, known))
                        .note(fmt::format("there are: {}", fmt::join(known, ", ")))
                        .note("dlc --help says what each does"));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    // CLI11 numbers its errors from 100 on; ours is one code for every wrong command line.
    return app.exit(e) == 0 ? kDone : kFailed;
  }
  if (help_debug) {
    fmt::print("{}", flags_help());
    return kDone;
  }
  for (const auto& [sub, start] : verbs)
    if (sub->parsed()) return start();
  fmt::print(stderr, "{}", app.help());
  return kFailed;
}

}  // namespace
}  // namespace dlc::tools

int main(int argc, char** argv) {
  using dlc::ErrorCode;
  using dlc::make_error;
  using dlc::tools::report;
  try {
    const int code = dlc::tools::run(argc, argv);
    // What was printed may still be in a buffer, and the disk that it goes to full.
    if (std::fflush(stdout) == 0) return code;
    return report(make_error(ErrorCode::kIo, "cannot write to standard output: {}", std::strerror(errno)));
  } catch (const dlc::Exception& e) {
    return report(e.error());
  } catch (const std::bad_alloc&) {
    return report(make_error(ErrorCode::kResourceExhausted, "there is not enough memory"));
  } catch (const std::system_error& e) {  // fmt::print throws it
    return report(make_error(ErrorCode::kIo, "cannot write to standard output: {}", e.code().message()));
  } catch (const std::exception& e) {
    return report(make_error(ErrorCode::kInternal, "{}", e.what()));
  }
}
