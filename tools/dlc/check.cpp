// dlc check: a model's compiled code held to the interpreter.
#include <memory>

#include "tools/dlc/probe.h"
#include "tools/dlc/verb.h"
#include "tools/oracles/inputs.h"

namespace dlc::tools {
namespace {

int run_check(ProbeOptions& options) {
  const auto function = load_probed(options);
  if (!function) return report(function.error());
  const Diagnosis d = diagnose(**function, options);
  if (d.symptom != Symptom::kNone)
    return report(make_error(d.symptom == Symptom::kInvalid ? ErrorCode::kInvalidArgument : ErrorCode::kInternal,
                             "'{}' {}: {}", options.model,
                             d.symptom == Symptom::kInvalid ? "cannot be checked" : "is compiled wrong", d.what));
  fmt::print("{}: {} elements are what the interpreter gives; of {} rounding decides\n", options.model,
             d.tally.compared - d.tally.dropped, d.tally.dropped);
  if (d.faults > 0)
    fmt::print("With {} of {} sets of inputs the model fails: there the fault alone was compared\n", d.faults,
               oracles::kTrials);
  return kDone;
}

}  // namespace

std::function<int()> setup_check(CLI::App& app) {
  auto o = std::make_shared<ProbeOptions>();
  add_probe_options(app, *o);
  app.footer(
      "Compiles the model with fusion and without, runs it on made-up inputs (ordinary, large, with zeros, infinities "
      "and NaN) and 1, 2 and 4 threads, and compares: bits with each other, numbers with the interpreter within "
      "rounding. Exit code 1 when anything differs. `dlc bisect` and `dlc reduce` go on from there.");
  return [o] { return run_check(*o); };
}

}  // namespace dlc::tools
