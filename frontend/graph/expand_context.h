// ExpandContext: what the meaning of a user operator sees: IR values of its operands, its attributes,
// and a Builder. `expand` runs once into the graph's scratch function when the node is built, and
// again for each lowering.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/graph/node.h"
#include "ir/builder.h"

namespace dlc {

class ExpandContext {
 public:
  using RngState = std::function<ir::Value()>;
  /// `operands`: flat, as node.inputs; a ref operand that the lowering need not read may be empty.
  ExpandContext(ir::Builder& builder, const Node& node, std::span<const ir::Value> operands, RngState rng_state)
      : b(builder), node_(node), operands_(operands), rng_state_(std::move(rng_state)) {}

  ir::Builder& b;
  const Node& node() const { return node_; }

  /// Operand `i` of the specification, which is there and no list.
  ir::Value operand(int i) const { return list(i)[0]; }
  bool has_operand(int i) const { return !list(i).empty(); }
  std::span<const ir::Value> list(int i) const;

  template <typename T>
  const T& attr(const std::string& name) const {
    return std::get<T>(node_.attrs.at(name));
  }
  bool has_attr(const std::string& name) const { return node_.attrs.contains(name); }
  bool bool_attr(const std::string& name) const { return attr<bool>(name); }
  int64_t int_attr(const std::string& name) const { return attr<int64_t>(name); }
  double float_attr(const std::string& name) const { return attr<double>(name); }
  /// A number that becomes elements of `dtype`: an integer type and bool must have it, as in constant().
  double element_attr(const std::string& name, DType dtype) const;
  const std::string& str_attr(const std::string& name) const { return attr<std::string>(name); }
  DType dtype_attr(const std::string& name) const { return attr<DType>(name); }
  /// Must be i32 or i64; f32 or f64.
  DType index_dtype_attr(const std::string& name) const;
  DType float_dtype_attr(const std::string& name) const;
  const ir::Ints& ints_attr(const std::string& name) const { return attr<ir::Ints>(name); }
  const ir::Dims& dims_attr(const std::string& name) const { return attr<ir::Dims>(name); }

  /// The u64 that rng_bits takes: the session's, advanced each run.
  ir::Value rng_state() const { return rng_state_(); }

  /// Each element its index along `axis`; rank >= 1.
  ir::Value iota(ir::Dims dims, DType dtype, int64_t axis) const;

  // Errors of the user's, in words of the operator.
  template <typename... Args>
  [[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) const {
    throw Exception(make_error(code, "{}", fmt::format(format, std::forward<Args>(args)...)));
  }
  /// Operand `i` must be f32 or f64; an index; of one type with operand `j`.
  void need_float(int i) const;
  void need_number(int i) const;
  void need_integer(int i) const;
  void need_index(int i) const;
  void need_bool(int i) const;
  /// A size as a value of `dtype`, i32 or i64; a number that i32 has not is refused.
  ir::Value size_value(const ir::Dim& size, DType dtype) const;
  /// Operand `i` must be what the first operand of `kind` may be.
  void need_type_of(ir::OpKind kind, int i) const;
  void need_rank_at_least(int i, int64_t rank) const;
  void need_same_dtype(int i, int j) const;
  /// `axis` with negative counted from the end; the Error names the attribute.
  int64_t axis(const std::string& name, int64_t axis, int64_t rank) const;
  int64_t axis_attr(const std::string& name, int64_t rank) const { return axis(name, int_attr(name), rank); }
  /// Ascending, each once; absent attribute: all of them.
  ir::Ints axes_attr(const std::string& name, int64_t rank) const;

  /// Both operands stretched to their common NumPy shape.
  std::pair<ir::Value, ir::Value> broadcast_pair(ir::Value x, ir::Value y) const;
  /// All stretched to one common shape.
  std::vector<ir::Value> broadcast_all(std::span<const ir::Value> xs) const;
  /// Fails naming `what` unless a == b is known or can be required of the feeds.
  void require(const ir::Dim& a, const ir::Dim& b, std::string_view what) const;

 private:
  const std::string& operand_name(int i) const { return node_.spec->operands[static_cast<size_t>(i)].name; }
  const Node& node_;
  std::span<const ir::Value> operands_;
  RngState rng_state_;
};

/// Whether an element of `dtype` can be `number`; of f32 and f64, after rounding, any.
bool holds_exactly(DType dtype, double number);

/// The elements of a small integer value as Dims, where they can be known: constants, sizes of
/// dimensions and arithmetic on them. For shapes that are computed in the graph.
std::optional<ir::Dims> known_dims(ir::Value v);

}  // namespace dlc
