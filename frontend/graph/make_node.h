// make_node: the one way a node comes to be, for the API's functions, the parser of graph files and
// the importers alike.
#pragma once

#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/node.h"
#include "frontend/graph/tensor_arg.h"

namespace dlc {

/// Adds a node of operator `op` to `graph`. `operands` has one entry per operand of the operator's
/// specification (trailing ones may be left out when optional), `attrs` may leave out those with
/// defaults. Literals and Arrays become constants. `name` is put under the current name scope and
/// made unique; empty: the operator's own.
///
/// Runs the operator's `expand`, so that a shape or type error comes here; its message names the
/// operator, the operands with their shapes and makers, and `loc`. A node that fails leaves no trace.
Expected<Operation> try_make_node(const Graph& graph, std::string_view op, const std::vector<OperandArg>& operands,
                                  ir::AttrMap attrs, std::string_view name, const SourceLoc& loc);
/// The same; throws.
Operation make_node(const Graph& graph, std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                    std::string_view name, const SourceLoc& loc);

/// For the free functions: the graph is that of the first tensor (else the default graph), the place
/// that of the first argument, or `loc` where a list has none. Returns the first output.
Tensor apply(std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs = {},
             std::string_view name = {}, const SourceLoc& loc = {});
/// The same; the whole node.
Operation apply_op(std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs = {},
                   std::string_view name = {}, const SourceLoc& loc = {});
/// For functions without operands: graph and place are given.
Tensor apply_at(const Graph& graph, const SourceLoc& loc, std::string_view op, ir::AttrMap attrs,
                std::string_view name = {});
/// The same, with an attribute `dims` that may name symbols.
Tensor apply_dims(const Graph& graph, const SourceLoc& loc, std::string_view op, const DimsArg& dims, ir::AttrMap attrs,
                  std::string_view name = {});

/// The attribute `attr_name` that `axes` stand for: none, for all axes.
ir::AttrMap axis_attrs(const Axes& axes, const char* attr_name = "axis");

/// A node named exactly `name` (no scope, no suffix), for get_variable and for graph files.
/// kAlreadyExists names the node that has it.
Expected<Operation> try_make_node_named(const Graph& graph, std::string_view op,
                                        const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                                        const std::string& name, const SourceLoc& loc,
                                        const std::vector<Operation>& control_inputs = {});

}  // namespace dlc
