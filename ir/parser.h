// Reads the text form of the IR: the inverse of print(). docs/ir.md has the grammar.
//
//   DLC_ASSIGN_OR_RETURN(Module module, parse_module(text, "mlp.dlir"));
//
// Every op goes through the Builder, so what parses is well typed; the types written must be those
// inferred. Any text, however broken or hostile, gives a module or errors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ir/function.h"
#include "support/diagnostics.h"
#include "support/expected.h"

namespace dlc::ir {

struct ParseOptions {
  /// Ops and params without a loc(...) get their place in the text; else they have none, and
  /// print() gives back the text as it was.
  bool locate_in_text = false;
};

/// Reports every error found (up to Diagnostics' limit) with line, column and caret.
std::optional<Module> parse_module(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                                   const ParseOptions& options = {});
/// The same; all errors in one.
Expected<Module> parse_module(std::string_view text, const std::string& file, const ParseOptions& options = {});
/// A text of exactly one function.
Expected<std::unique_ptr<Function>> parse_function(std::string_view text, const std::string& file = "<text>",
                                                   const ParseOptions& options = {});

}  // namespace dlc::ir
