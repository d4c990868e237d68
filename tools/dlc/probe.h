// A probe: is a function compiled right? Every way of compiling it is held to the interpreter on made-up
// inputs, in a process of its own, so that a crash or an endless loop is a finding and not the end.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ir/function.h"
#include "support/expected.h"
#include "tools/oracles/hold.h"

namespace dlc::tools {

enum class Symptom : uint8_t {
  kNone,
  kInvalid,  ///< the interpreter cannot run it: no question to ask
  kDiffers,  ///< results or faults are not the interpreter's, or not the same in all ways
  kError,    ///< it does not compile, or damages memory
  kCrash,
  kTimeout,
};
/// "differs", "error", ...
const char* to_string(Symptom s);

struct Diagnosis {
  Symptom symptom = Symptom::kNone;
  std::string what;
  int64_t rewrites = 0;      ///< by passes
  std::string last_rewrite;  ///< the one at the limit
  oracles::Tally tally;
  int faults = 0;  ///< sets of inputs with which the model fails, as it should; not told by a child
};

/// What check, bisect and reduce are told alike.
struct ProbeOptions {
  std::string model;
  std::vector<std::string> fetches, feeds, dims;
  uint64_t seed = 1;
  std::string ways = "both";  ///< fused, unfused, both
  double seconds = 60;        ///< for one probe
  oracles::Ways compile;
};
void add_probe_options(CLI::App& app, ProbeOptions& options);
/// The options that are not their defaults, as they would be typed; with the model's left out.
std::string probe_arguments(const ProbeOptions& options);

/// The model's function, and `options.compile` completed.
Expected<std::unique_ptr<ir::Function>> load_probed(ProbeOptions& options);

/// In this process.
Diagnosis diagnose(const ir::Function& function, const ProbeOptions& options);
/// In a child. To be called before this process has threads.
Diagnosis probe(const ir::Function& function, const ProbeOptions& options);

}  // namespace dlc::tools
