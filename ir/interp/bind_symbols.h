// bind_symbols: the sizes of a function's symbols, from the shapes of what it is fed.
//
//   // func @f(%x: f32[n,784], %labels: i32[n])
//   bind_symbols(f, {{64, 784}, {64}});   // n = 64
//   bind_symbols(f, {{64, 784}, {32}});   // Error: names both feeds
//
// Session, the tool and the interpreter all bind here, so that their messages are the same.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "ir/function.h"
#include "support/array.h"

namespace dlc::ir {

/// What messages call parameter i: "feed 'x'", "variable 'w'".
std::string param_label(const Function& function, int i);

/// Binds each dimension of a parameter that is a plain symbol to the size in `shapes` (one shape a
/// parameter), then checks all other dimensions and the function's requirements. The Error names
/// the feeds, or the feed and the node, that do not fit.
Expected<SymbolBinding> bind_symbols(const Function& function, std::span<const Shape> shapes);

/// The same when only some shapes are known: symbols that they do not determine stay unbound, and what
/// depends on those is not checked.
Expected<SymbolBinding> bind_known_symbols(const Function& function, std::span<const std::optional<Shape>> shapes);

/// bind_symbols with element types checked first: `params` are the values of the parameters.
Expected<SymbolBinding> bind_symbols(const Function& function, std::span<const Array> params);

/// The type under a binding: static. An Error for an unbound symbol, a negative size, or more
/// elements than can be counted.
Expected<TensorType> evaluate_type(const TensorType& type, const SymbolBinding& binding);

}  // namespace dlc::ir
