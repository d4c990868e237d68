// OpSpec: all that is known of one user-level operator. One operator, one file: frontend/ops/<name>.cpp
// defines `OpSpec <name>_spec()` and the free C++ function of that name; the line in
// frontend/ops/ops.def registers it. What a family shares is in a small header and source of its own.
//
//   OpSpec gelu_spec() {
//     return {.name = "gelu", .category = "activation", .doc = "x * Phi(x).",
//             .operands = {{"x", "any shape, f32 or f64"}},
//             .attrs = {default_attr("approximate", false, "the tanh form")},
//             .expand = expand_gelu};
//   }
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/attr.h"
#include "support/expected.h"

namespace dlc {

class ExpandContext;
namespace ir {
struct Value;
}

/// One operand, or one list of operands.
struct OperandSpec {
  std::string name;
  std::string doc;
  bool optional = false;  ///< may be absent
  bool variadic = false;  ///< a list of any length
  /// A variable that the node assigns. Result i of `expand` is the new value of the i-th such operand.
  bool ref = false;
  /// A ref whose old value `expand` does not read: lowering gives it an empty Value.
  bool write_only = false;
  /// Literals take the dtype of the first operand of the same group that is no literal; a negative
  /// group takes none: its literals are i32, f32 or bool.
  int dtype_group = 0;
};

/// One attribute: known when the node is built, printed in graph files.
struct AttrSpec {
  enum class Presence : uint8_t {
    kRequired,
    kDefault,   ///< `value` when it is not given
    kOptional,  ///< may be absent
  };
  std::string name;
  ir::Attr value;  ///< fixes the type; the default for kDefault
  Presence presence = Presence::kDefault;
  std::string doc;
};

inline AttrSpec required_attr(std::string name, ir::Attr type_example, std::string doc) {
  return {std::move(name), std::move(type_example), AttrSpec::Presence::kRequired, std::move(doc)};
}
inline AttrSpec default_attr(std::string name, ir::Attr value, std::string doc) {
  return {std::move(name), std::move(value), AttrSpec::Presence::kDefault, std::move(doc)};
}
inline AttrSpec optional_attr(std::string name, ir::Attr type_example, std::string doc) {
  return {std::move(name), std::move(type_example), AttrSpec::Presence::kOptional, std::move(doc)};
}

/// What a node is to graph and lowering.
enum class OpRole : uint8_t {
  kOrdinary,     ///< its meaning is `expand`
  kPlaceholder,  ///< attributes `dtype` and `dims`; a value given for each run
  kVariable,     ///< operand `initial_value`; a value that a session keeps
  kInitialize,   ///< assigns to each variable of its operand list its initial value
  kGradients,    ///< operand lists ys, xs, grad_ys, stop_gradients; results have the types of xs
};

struct OpSpec {
  std::string name;
  std::string category;  ///< heading in the operator reference
  std::string doc;
  std::vector<OperandSpec> operands;
  std::vector<AttrSpec> attrs;
  OpRole role = OpRole::kOrdinary;
  /// Has an attribute `seed`, fixed from the graph's counter when none is given.
  bool seeded = false;
  /// The meaning in IR operators; results in order. Fails by ExpandContext::fail or by the Builder.
  using Expand = std::vector<ir::Value> (*)(ExpandContext&);
  Expand expand = nullptr;

  const AttrSpec* find_attr(std::string_view attr_name) const;
  /// -1 if there is none.
  int operand_index(std::string_view operand_name) const;
  bool assigns() const;
  /// "argmax(x, axis=0, output_type=i64)".
  std::string signature() const;
};

/// The registry, filled from frontend/ops/ops.def on first use; immutable afterwards.
const OpSpec* find_op_spec(std::string_view name);
/// Every operator, in ops.def order.
std::span<const OpSpec> all_op_specs();

/// Attributes that are numbers are f64, which has not all integers beyond 2^53.
bool exact_in_f64(int64_t integer);

/// Fills in defaults and converts what is written alike (3 for 3.0, 1 for [1], [2,3] for dims). The
/// Error names the operator, the attribute, what it needs and what was given.
Expected<void> check_attrs(const OpSpec& spec, ir::AttrMap& attrs);

}  // namespace dlc
