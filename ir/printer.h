// The text form of the IR: what `dlc opt` reads and writes. docs/ir.md has the grammar.
//
//   fmt::print("{}", ir::print(function));            // parse_module(print(f)) is f again
//   fmt::print("{}", ir::print(function, {.locations = false}));
#pragma once

#include <string>

#include "ir/function.h"

namespace dlc::ir {

struct PrintOptions {
  /// The trailing loc("node", "file":line:column) of params, requirements and ops.
  bool locations = true;
  /// Values of constants with more elements than this are printed as {...}, which does not parse
  /// back; negative: all are printed.
  int64_t max_constant_elements = -1;
  /// Attributes that are left out.
  std::vector<std::string> omit = {};
};

std::string print(const Module& module, const PrintOptions& options = {});
std::string print(const Function& function, const PrintOptions& options = {});
/// One op in a line, for messages: its operands by their names in the op's function. Costs time
/// in the size of the function.
std::string print(const Op& op, const PrintOptions& options = {.locations = false, .max_constant_elements = 16});
/// "%x", as the value's function prints it. Costs time in the size of the function.
std::string value_name(Value value);
/// `loc("dense/matmul", "train.cpp":12:5)`; empty when nothing is known.
std::string loc_str(const Provenance& provenance);

}  // namespace dlc::ir
