// The interpreter: runs a function by the reference meanings of its ops. The oracle of the tests
// and the engine of constant folding; slow on purpose.
//
//   auto results = interpret(function, {x, w});      // Expected<std::vector<Array>>
//   auto truth = interpret(*promote_to_f64(function), {x.cast(kFloat64), w.cast(kFloat64)});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "ir/function.h"
#include "support/array.h"
#include "support/fp_state.h"

namespace dlc::ir {

struct InterpretOptions {
  /// Subnormals as compiled programs treat them.
  FpMode fp_mode = FpMode::kFlushSubnormals;
  /// A single value larger than this is an Error (kResourceExhausted), not an attempt to allocate.
  int64_t max_value_bytes = int64_t{4} << 30;
};

/// Runs `function` on the values of its parameters; returns its results. Symbols are bound from the
/// shapes (see bind_symbols). A fault, the first in program order, is an Error that names the node.
Expected<std::vector<Array>> interpret(const Function& function, std::span<const Array> params,
                                       const InterpretOptions& options = {});
Expected<std::vector<Array>> interpret(const Function& function, std::initializer_list<Array> params,
                                       const InterpretOptions& options = {});

/// Runs one op on values of its operands.
Expected<std::vector<Array>> interpret_op(const Op& op, std::span<const Array> operands,
                                          const SymbolBinding& symbols = {}, const InterpretOptions& options = {});

/// What a user reads when an op of `kind` records a fault: the node, the element, the value.
Error fault_error(OpKind kind, const Provenance& provenance, int64_t element, int64_t value);

/// A copy in which every f32 is f64: types, attributes, constants. Run on inputs rounded to f32, it
/// is the truth that f32 results are measured against. Bit patterns keep their meaning: a bitcast
/// from or to f32 stays one, with conversions around it.
std::unique_ptr<Function> promote_to_f64(const Function& function);

}  // namespace dlc::ir
