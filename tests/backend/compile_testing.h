// Helpers for tests of whole compiled functions: IR text in, results out.
#pragma once

#include <string>
#include <vector>

#include "backend/compiler.h"
#include "ir/function.h"
#include "runtime/parallel.h"
#include "support/array.h"
#include "tools/oracles/meaning.h"
#include "tools/oracles/run_function.h"

namespace dlc::backend::testing {

std::unique_ptr<ir::Function> parse_function(const std::string& text);

struct RunOptions {
  bool fuse = true;
  int threads = 1;
  std::string target = "host";
};

using oracles::RunOutcome;

/// Compiles a clone of `f`.
std::shared_ptr<const Program> compile_function(const ir::Function& f, const RunOptions& options = {});

/// Runs a program with the arena and the results poisoned and the gaps between buffers checked.
RunOutcome run_program(const std::shared_ptr<const Program>& program, const std::vector<Array>& params,
                       int threads = 1);

/// Both.
RunOutcome run_compiled(const ir::Function& f, const std::vector<Array>& params, const RunOptions& options = {});

/// Arrays for the parameters of `f` under `binding`: floats in [lo, hi), small integers, random bools.
std::vector<Array> random_params(const ir::Function& f, const ir::SymbolBinding& binding, uint64_t seed, double lo = -2,
                                 double hi = 2);

/// "" when both are the same bits (any NaN equals any other), else what differs first.
inline std::string difference(const std::vector<Array>& a, const std::vector<Array>& b) {
  return oracles::bit_difference(a, b);
}

/// The oracles of SEMANTICS.md for one function: fusion on and off and 1, 2, 4 threads give the same
/// bits; results are within tolerance of the interpreter. `magnitude`: the largest that occurs in a
/// reduction, partial sums included; 0: that of the inputs.
void expect_oracles(const ir::Function& f, const std::vector<Array>& params, double magnitude = 0);
void expect_oracles(const std::string& text, const ir::SymbolBinding& binding = {}, double magnitude = 0);

}  // namespace dlc::backend::testing
