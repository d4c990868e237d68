// Node: what a graph records of one call. Handles to it are in tensor.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/graph/op_spec.h"
#include "frontend/graph/tensor.h"
#include "ir/op.h"
#include "support/inline_vector.h"
#include "support/source_loc.h"

namespace dlc {

/// Most nodes have at most two inputs.
using Ports = InlineVector<Port, 2>;

/// One node, as the user said it. Made by make_node (make_node.h) only, never changed afterwards.
struct Node {
  int id = 0;  ///< its place in the graph; inputs have smaller ones
  const OpSpec* spec = nullptr;
  std::string name;
  Ports inputs;                   ///< flat, in the order of spec->operands
  InlineVector<int, 2> segments;  ///< how many inputs each operand of the spec has (0: absent)
  std::vector<const Node*> control_inputs;
  ir::AttrMap attrs;
  SourceLoc loc;
  InlineVector<ir::TensorType, 1> types;      ///< of the outputs
  InlineVector<ir::Value, 1> scratch_values;  ///< the outputs in the graph's scratch function

  /// Inputs of operand `i` of the specification.
  std::span<const Port> operand(int i) const;
  std::span<const Port> operand(std::string_view name) const { return operand(spec->operand_index(name)); }
  bool is(std::string_view op) const { return spec->name == op; }
  bool is(OpRole role) const { return spec->role == role; }
  template <typename T>
  const T* find_attr(const std::string& attr_name) const {
    const auto it = attrs.find(attr_name);
    return it == attrs.end() ? nullptr : std::get_if<T>(&it->second);
  }
};

}  // namespace dlc
