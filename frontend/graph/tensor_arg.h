// TensorArg: what a function of the API takes for a tensor: a Tensor, a number, nested lists of
// numbers, or an Array. It notes the place of the call.
//
//   y = w * 3 + 0.5;                          // literals take the dtype of w
//   c = constant({{1, 2}, {3, 4}});           // i32[2,2]
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <vector>

#include "frontend/graph/tensor.h"
#include "support/array.h"
#include "support/expected.h"
#include "support/source_loc.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Numbers in nested braces, rectangular; their dtype is decided by where they are used.
class Literal {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  Literal(T value) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::is_floating_point_v<T>) {
      kind_ = Kind::kFloating;
      floating_ = static_cast<double>(value);
    } else {
      kind_ = std::is_same_v<T, bool> ? Kind::kBool : Kind::kInteger;
      integer_ = static_cast<int64_t>(value);
      wide_ = sizeof(T) == 8;
    }
  }
  Literal(std::initializer_list<Literal> items);  // NOLINT(google-explicit-constructor)
  explicit Literal(std::vector<Literal> items);

  /// bool if all are bool, else f32 if any is a floating number, else i32 (i64 for 64-bit integers).
  DType natural_dtype() const;
  /// The Error says which number does not fit (0.5 in an integer, 300 in u8, 2 in bool) or where rows
  /// differ in length. Rounding to f32 is no error.
  Expected<Array> to_array(DType dtype) const;

 private:
  // Members beside each other rather than a std::variant: every program includes this header, and the
  // copying of variants costs it more to compile than the rest of this file.
  enum class Kind : uint8_t { kBool, kInteger, kFloating, kList };
  void collect_kinds(bool& any_float, bool& any_int, bool& any_bool, bool& any_wide) const;
  Expected<void> append(DType dtype, size_t depth, const Shape& shape, Array& out, int64_t& at) const;
  bool is_list() const { return kind_ == Kind::kList; }

  Kind kind_ = Kind::kList;
  bool wide_ = false;
  int64_t integer_ = 0;  // and bool
  double floating_ = 0;
  std::vector<Literal> items_;
};

class TensorArg {
 public:
  using Where = std::source_location;
  /// No operand: for those that are optional.
  TensorArg(Where where = Where::current());                          // NOLINT(google-explicit-constructor)
  TensorArg(const Tensor& t, Where where = Where::current());         // NOLINT(google-explicit-constructor)
  TensorArg(const Array& a, Where where = Where::current());          // NOLINT(google-explicit-constructor)
  TensorArg(const Literal& numbers, Where where = Where::current());  // NOLINT(google-explicit-constructor)
  template <typename T>
    requires std::is_arithmetic_v<T>
  TensorArg(T number, Where where = Where::current())  // NOLINT(google-explicit-constructor)
      : TensorArg(Literal(number), where) {}
  TensorArg(std::initializer_list<Literal> numbers, Where where = Where::current());  // NOLINT

  bool empty() const { return !tensor() && !literal_ && !array_; }
  const Tensor* tensor() const { return is_tensor_ ? &tensor_ : nullptr; }
  const Literal* literal() const { return literal_.get(); }
  const Array* array() const { return array_.get(); }
  SourceLoc where() const { return where_; }
  const std::source_location& source_location() const { return where_; }

 private:
  // At most one of the three.
  bool is_tensor_ = false;
  Tensor tensor_;
  std::shared_ptr<const Literal> literal_;
  std::shared_ptr<const Array> array_;
  std::source_location where_;
};

/// What stands for one operand of a specification: one argument, none, or a list.
class OperandArg {
 public:
  OperandArg(const TensorArg& a);                                                             // NOLINT
  OperandArg(const Tensor& t, std::source_location where = std::source_location::current());  // NOLINT
  OperandArg(std::vector<TensorArg> list);                                                    // NOLINT
  OperandArg(const std::vector<Tensor>& list,                                                 // NOLINT
             std::source_location where = std::source_location::current());
  const std::vector<TensorArg>& args() const { return args_; }

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
    Item(T size) : dim_(static_cast<int64_t>(size)) {}  // NOLINT(google-explicit-constructor)
    Item(const char* text);                             // NOLINT(google-explicit-constructor)
    Item(std::string text);                             // NOLINT(google-explicit-constructor)
    Item(const ir::Dim& dim);                           // NOLINT(google-explicit-constructor)
   private:
    friend class DimsArg;
    bool is_text_ = false;
    std::string text_;
    ir::Dim dim_;
  };
  DimsArg(std::initializer_list<Item> items);  // NOLINT(google-explicit-constructor)
  DimsArg(std::vector<Item> items);            // NOLINT(google-explicit-constructor)
  DimsArg(const Shape& shape);                 // NOLINT(google-explicit-constructor)
  DimsArg(const ir::Dims& dims);               // NOLINT(google-explicit-constructor)

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
  Axes(T axis) : Axes({static_cast<int64_t>(axis)}) {}  // NOLINT(google-explicit-constructor)
  Axes(std::initializer_list<int64_t> axes);            // NOLINT(google-explicit-constructor)
  Axes(std::vector<int64_t> axes);                      // NOLINT(google-explicit-constructor)
  /// nullptr: all.
  const std::vector<int64_t>* get() const { return all_ ? nullptr : &axes_; }

 private:
  bool all_ = true;
  std::vector<int64_t> axes_;
};

}  // namespace dlc DLC_PUBLIC
