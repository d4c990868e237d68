// TensorArg: what a function of the API takes for a tensor: a Tensor, a number, nested lists of
// numbers, or an Array. It notes the place of the call.
//
//   y = w * 3 + 0.5;                          // literals take the dtype of w
//   c = constant({{1, 2}, {3, 4}});           // i32[2,2]
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "frontend/graph/tensor.h"
#include "support/array.h"

namespace dlc {

/// Numbers in nested braces, rectangular; their dtype is decided by where they are used.
class Literal {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  Literal(T value) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::is_same_v<T, bool>)
      value_ = value;
    else if constexpr (std::is_integral_v<T>)
      value_ = static_cast<int64_t>(value);
    else
      value_ = static_cast<double>(value);
    wide_ = std::is_integral_v<T> && sizeof(T) == 8;
  }
  Literal(std::initializer_list<Literal> items) : value_(std::vector<Literal>(items)) {}  // NOLINT
  explicit Literal(std::vector<Literal> items) : value_(std::move(items)) {}

  /// bool if all are bool, else f32 if any is a floating number, else i32 (i64 for 64-bit integers).
  DType natural_dtype() const;
  /// The Error says which number does not fit (0.5 in an integer, 300 in u8, 2 in bool) or where rows
  /// differ in length. Rounding to f32 is no error.
  Expected<Array> to_array(DType dtype) const;

 private:
  void collect_kinds(bool& any_float, bool& any_int, bool& any_bool, bool& any_wide) const;
  Expected<void> append(DType dtype, size_t depth, const Shape& shape, Array& out, int64_t& at) const;
  std::variant<bool, int64_t, double, std::vector<Literal>> value_;
  bool wide_ = false;
};

class TensorArg {
 public:
  using Where = std::source_location;
  /// No operand: for those that are optional.
  TensorArg(Where where = Where::current()) : where_(where) {}  // NOLINT(google-explicit-constructor)
  TensorArg(const Tensor& t, Where where = Where::current())    // NOLINT(google-explicit-constructor)
      : value_(t), where_(where) {}
  TensorArg(const Array& a, Where where = Where::current())  // NOLINT(google-explicit-constructor)
      : value_(a), where_(where) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  TensorArg(T number, Where where = Where::current())  // NOLINT(google-explicit-constructor)
      : value_(Literal(number)), where_(where) {}
  TensorArg(std::initializer_list<Literal> numbers, Where where = Where::current())  // NOLINT
      : value_(Literal(numbers)), where_(where) {}
  TensorArg(const Literal& numbers, Where where = Where::current())  // NOLINT(google-explicit-constructor)
      : value_(numbers), where_(where) {}

  bool empty() const { return std::holds_alternative<std::monostate>(value_); }
  const Tensor* tensor() const { return std::get_if<Tensor>(&value_); }
  const Literal* literal() const { return std::get_if<Literal>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const SourceLoc where() const { return where_; }
  const std::source_location& source_location() const { return where_; }

 private:
  std::variant<std::monostate, Tensor, Literal, Array> value_;
  std::source_location where_;
};

/// What stands for one operand of a specification: one argument, none, or a list.
class OperandArg {
 public:
  OperandArg(const TensorArg& a) {  // NOLINT(google-explicit-constructor)
    if (!a.empty()) args_.push_back(a);
  }
  OperandArg(const Tensor& t, std::source_location where = std::source_location::current())  // NOLINT
      : OperandArg(TensorArg(t, where)) {}
  OperandArg(std::vector<TensorArg> list) : args_(std::move(list)) {}  // NOLINT(google-explicit-constructor)
  OperandArg(const std::vector<Tensor>& list,                          // NOLINT(google-explicit-constructor)
             std::source_location where = std::source_location::current()) {
    for (const Tensor& t : list) args_.emplace_back(t, where);
  }
  std::span<const TensorArg> args() const { return args_; }

 private:
  std::vector<TensorArg> args_;
};

/// Dimensions as users write them: {"n", 784}; -1 or "?" is a size of its own, not yet known; "2*n+1"
/// is an expression.
inline constexpr int64_t kUnknown = -1;
class DimsArg {
 public:
  class Item {
   public:
    template <std::integral T>
    Item(T size) : value_(static_cast<int64_t>(size)) {}   // NOLINT(google-explicit-constructor)
    Item(const char* text) : value_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
    Item(std::string text) : value_(std::move(text)) {}    // NOLINT(google-explicit-constructor)
    Item(const ir::Dim& dim) : value_(dim) {}              // NOLINT(google-explicit-constructor)
   private:
    friend class DimsArg;
    std::variant<int64_t, std::string, ir::Dim> value_;
  };
  DimsArg(std::initializer_list<Item> items) : items_(items) {}               // NOLINT
  DimsArg(std::vector<Item> items) : items_(std::move(items)) {}              // NOLINT
  DimsArg(const Shape& shape) : items_(shape.begin(), shape.end()) {}         // NOLINT
  DimsArg(const ir::Dims& dims) { items_.assign(dims.begin(), dims.end()); }  // NOLINT

  /// With fresh symbols of `graph` for what is unknown. The Error names the item that is no dimension.
  Expected<ir::Dims> resolve(Graph& graph) const;
  /// With -1 kept: for reshape.
  Expected<ir::Dims> resolve_with_minus_one() const;
  /// Only numbers >= 0. The Error names `what` and the item.
  Expected<Shape> resolve_static(std::string_view what) const;

 private:
  Expected<ir::Dims> resolve_items(Graph* graph) const;
  std::vector<Item> items_;
};

/// Axes of a reduction: all (the default), one, or some; negative ones count from the end.
class Axes {
 public:
  Axes() = default;
  template <std::integral T>
  Axes(T axis) : axes_(ir::Ints{static_cast<int64_t>(axis)}) {}         // NOLINT(google-explicit-constructor)
  Axes(std::initializer_list<int64_t> axes) : axes_(ir::Ints(axes)) {}  // NOLINT(google-explicit-constructor)
  Axes(ir::Ints axes) : axes_(std::move(axes)) {}                       // NOLINT(google-explicit-constructor)
  const std::optional<ir::Ints>& get() const { return axes_; }

 private:
  std::optional<ir::Ints> axes_;
};

}  // namespace dlc
