// A pass: a function that changes an ir::Function and says whether it did. The registry
// (registry.cpp) has one row per pass; pipelines (pipeline.h) name passes in order; PassManager
// runs them.
//
//   Expected<bool> run_cse(ir::Function& f, PassContext& context);   // true: changed something
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ir/function.h"
#include "ir/verifier.h"
#include "passes/rewrite_counter.h"
#include "support/expected.h"
#include "support/flags.h"

namespace dlc::passes {

/// What passes may be told from outside. Plain numbers; no pass keeps state here.
struct PassOptions {
  /// fold-constants makes no constant of more elements than this ...
  int64_t fold_max_elements = 1 << 16;
  /// ... and spends at most about this many scalar operations in one run.
  int64_t fold_max_work = int64_t{1} << 24;
  /// The machine multiplies and adds with one rounding: form-fma may use it.
  bool has_fma = true;
  /// fuse groups ops into kernels; off: every op is a kernel of its own (same bits).
  bool fuse = true;
  /// check-numerics will run: fold-constants leaves it what makes NaN or infinities.
  bool check_numerics = false;
  /// bind-dims gives these symbols their sizes.
  ir::SymbolBinding bind_dims;
};

class FusionLog;

struct PassContext {
  PassOptions options;
  /// When someone asks why: fuse writes it (passes/fusion/fusion_log.h).
  FusionLog* fusion_log = nullptr;
  /// Of this compilation; without a limit unless DLC_REWRITE_LIMIT sets one.
  RewriteCounter rewrites{debug_flags().rewrite_limit};
};

/// Whether a pass may change the bits of results.
enum class Exactness : uint8_t {
  kExact,     ///< same bits, infinities and NaN positions included
  kRounding,  ///< equal within rounding; may remove an overflow or a NaN, never adds one
};
const char* to_string(Exactness e);

using PassFunction = Expected<bool> (*)(ir::Function&, PassContext&);

struct PassInfo {
  const char* name;     ///< kebab-case verb: "fold-constants"
  const char* summary;  ///< one sentence
  Exactness exactness;
  PassFunction run;
  /// What holds of every function that this pass has been through.
  std::optional<ir::Stage> establishes = {};
  /// Run again at once, it changes nothing.
  bool settles = false;
};

/// The catalogue, in the order of registry.cpp.
std::span<const PassInfo> all_passes();
/// nullptr if there is none of that name.
const PassInfo* find_pass(std::string_view name);

}  // namespace dlc::passes
