// Holds compiled code to what its function means: every way of compiling and running it that must
// give the same bits does, and the bits are the meaning within rounding (SEMANTICS, oracles 1 and 3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/function.h"
#include "tools/oracles/meaning.h"
#include "tools/oracles/run_function.h"

namespace dlc::oracles {

struct Ways {
  std::string target = "host";
  std::string passes = "compile";
  /// With fusion, without, or both.
  bool fused = true, unfused = true;
  std::vector<int> threads = {1, 2, 4};
  /// Where to add the parallel regions that ran on several threads, if any.
  Regions* regions = nullptr;
  /// See backend::CompileOptions.
  std::optional<int64_t> rewrite_limit;
};

struct Finding {
  enum Kind : uint8_t {
    kNone,
    kDiffers,  ///< a result, or whether there is one
    kError,    ///< it does not compile, or damages memory
  } kind = kNone;
  std::string what;
  std::vector<Array> results;  ///< of the first way
  int64_t rewrites = 0;        ///< by passes, of the first way
  std::string last_rewrite;    ///< the one at Ways::rewrite_limit
};

Finding hold(const ir::Function& function, const std::vector<Array>& inputs, Meaning& meaning, const Ways& ways,
             Tally& tally);

}  // namespace dlc::oracles
