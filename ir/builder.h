// Builder: typed construction of ops at the end of a function (or before a given op). Runs the type
// rule; throws Exception with the rule's Error, which names operands and shapes, and the current
// provenance. Passes, for which an Error is a bug of ours, let it pass through.
//
//   Builder b(function);
//   Value y = b.relu(b.add(b.dot(x, w), b.broadcast_to(bias, {n, 10})));
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/function.h"
#include "ir/op.h"
#include "support/expected.h"

namespace dlc::ir {

class Builder {
 public:
  explicit Builder(Function& function) : function_(&function) {}
  Function& function() const { return *function_; }

  void set_insertion_before(Op* op) { before_ = op; }
  void set_insertion_at_end() { before_ = nullptr; }
  void set_provenance(Provenance p) { provenance_ = std::move(p); }
  const Provenance& provenance() const { return provenance_; }

  /// Makes an op. The Error names the op, its operands and the rule that is broken.
  Expected<Op*> try_create(OpKind kind, std::span<const Value> operands, AttrMap attrs = {},
                           std::vector<std::unique_ptr<Function>> regions = {});
  /// The same; throws.
  Op* create(OpKind kind, std::span<const Value> operands, AttrMap attrs = {},
             std::vector<std::unique_ptr<Function>> regions = {});
  /// An op like `op`, which has no regions, with other operands: of its kind, sharing its attributes; throws.
  Op* create_like(const Op& op, std::span<const Value> operands);
  /// The first result of a new op; throws.
  Value op(OpKind kind, std::initializer_list<Value> operands, AttrMap attrs = {});
  Value op(OpKind kind, std::span<const Value> operands, AttrMap attrs = {});

  // Constants.
  Value constant(Array value);
  /// Rank 0.
  Value scalar(DType dtype, double value);
  /// Filled with `value`: a rank-0 constant, broadcast.
  Value full(const TensorType& type, double value);
  Value full_like(Value x, double value) { return full(x.type(), value); }
  /// A size as an i64 scalar; a constant when it is a number.
  Value dim_value(const Dim& dim);

  // Element-wise; operands have one type.
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value pow(Value a, Value b);
  Value max(Value a, Value b);
  Value min(Value a, Value b);
  Value neg(Value x);
  Value exp(Value x);
  Value log(Value x);
  Value sqrt(Value x);
  Value rsqrt(Value x);
  Value tanh(Value x);
  Value logical_and(Value a, Value b);
  Value logical_or(Value a, Value b);
  Value logical_not(Value x);
  /// direction: "eq" "ne" "lt" "le" "gt" "ge".
  Value compare(const std::string& direction, Value a, Value b);
  Value select(Value condition, Value if_true, Value if_false);
  Value convert(Value x, DType dtype);
  /// x op scalar, the scalar broadcast.
  Value add(Value x, double s) { return add(x, full_like(x, s)); }
  Value mul(Value x, double s) { return mul(x, full_like(x, s)); }

  // Shapes.
  Value reshape(Value x, Dims dims);
  Value transpose(Value x, Ints permutation);
  /// Operand axis i becomes result axis `axes[i]`; a dim of 1 is stretched.
  Value broadcast(Value x, Dims dims, Ints axes);
  /// NumPy's rule: axes aligned at the end.
  Value broadcast_to(Value x, const Dims& dims);
  /// The NumPy result shape of both, or an Error naming the axis. A symbol never broadcasts: where
  /// neither side is 1, equality is required of the function.
  Expected<Dims> broadcast_dims(const Dims& a, const Dims& b);
  Value concat(std::span<const Value> xs, int64_t axis);
  Value slice(Value x, Dims start, Dims limit, Ints strides);

  // Reductions drop their axes. kind: "sum" "prod" "max" "min" "any" "all".
  Value reduce(const std::string& kind, Value x, Ints axes);
  Value reduce_sum(Value x, Ints axes) { return reduce("sum", x, std::move(axes)); }
  /// Sums `x` down to the dims it was broadcast from by NumPy's rule: the gradient of broadcast_to.
  Value sum_to(Value x, const Dims& dims);
  /// Puts size-1 axes back where `axes` were reduced, then stretches to `dims`.
  Value unreduce(Value x, const Dims& dims, const Ints& axes);

  /// lhs[..., m, k] rhs[..., k, n] with equal batch dims in front.
  Value dot(Value lhs, Value rhs);
  Value dot_general(Value lhs, Value rhs, Ints lhs_batch, Ints rhs_batch, Ints lhs_contract, Ints rhs_contract);

 private:
  using Regions = std::vector<std::unique_ptr<Function>>;
  Op* insert(OpKind kind, std::span<const Value> operands, std::shared_ptr<const AttrMap> attrs,
             std::vector<TensorType> types, Regions regions);
  [[noreturn]] void throw_in_words_of_node(Error error) const;

  Function* function_;
  Op* before_ = nullptr;
  Provenance provenance_;
};

}  // namespace dlc::ir
