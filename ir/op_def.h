// OpDef: all that the compiler knows of one IR operator. One operator, one file: ir/ops/<op>.cpp
// defines `OpDef <name>_op()`; the line in ops/ops.def registers it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/builder.h"
#include "ir/function.h"
#include "ir/op.h"
#include "support/expected.h"

namespace dlc::ir {

/// Which element types an operand may have.
enum class TypeClass : uint8_t {
  kAny,
  kFloating,  ///< f32 f64
  kInteger,   ///< signed and unsigned
  kNumeric,   ///< kFloating and kInteger
  kBoolean,   ///< bool
  kBitwise,   ///< bool and integers
  kIndex,     ///< i32 i64
};
bool admits(TypeClass c, DType t);
const char* to_string(TypeClass c);

struct OperandSpec {
  std::string name;
  TypeClass types = TypeClass::kAny;
  std::string doc;
  bool variadic = false;  ///< zero or more; at most one per op
};

struct AttrSpec {
  std::string name;
  Attr example;  ///< fixes the type; is the default value when `optional`
  bool optional = false;
  std::string doc;
};

/// How an op may take part in fusion (after tvm's classification).
enum class FusionKind : uint8_t {
  kOpaque,       ///< its own kernel
  kElementwise,  ///< result element i depends on operand elements i only
  kInjective,    ///< result element depends on one element of each operand at a computed index
  kReduction,    ///< reduce and what is built on it
  kContraction,  ///< dot_general, convolution: epilogues may join
  kConstant,     ///< no operands: constant, iota, rng
};

/// What a type rule sees.
class InferContext {
 public:
  InferContext(const OpDef& def, std::span<const Value> operands, const AttrMap& attrs, Function* function,
               const Provenance& provenance)
      : def_(def), operands_(operands), attrs_(attrs), function_(function), provenance_(provenance) {}

  const std::string& op_name() const;
  int num_operands() const { return static_cast<int>(operands_.size()); }
  const TensorType& operand(int i) const { return operands_[static_cast<size_t>(i)].type(); }
  const std::string& operand_name(int i) const;
  Value operand_value(int i) const { return operands_[static_cast<size_t>(i)]; }
  const AttrMap& attrs() const { return attrs_; }
  template <typename T>
  const T& attr(std::string_view name) const {
    return std::get<T>(attrs_.at(name));
  }
  int64_t int_attr(std::string_view name) const { return attr<int64_t>(name); }

  /// "softmax_c1: <message>", the op's constraint that is violated.
  template <typename... Args>
  Error error(const char* constraint, fmt::format_string<Args...> format, Args&&... args) const {
    return make_error(ErrorCode::kInvalidShape, "{}: {}", constraint, fmt::format(format, std::forward<Args>(args)...));
  }
  /// 0 <= attr < rank.
  Expected<void> axis_in_range(const char* constraint, const std::string& attr_name, int64_t rank) const;
  /// Every axis in range, ascending, none twice.
  Expected<void> axes_valid(const char* constraint, const std::string& attr_name, int64_t rank) const;
  /// Requires a == b: at once for numbers, else recorded in the function. `what` goes into the message.
  Expected<void> require_equal(const char* constraint, const Dim& a, const Dim& b, const std::string& what) const;
  /// Same element types of operands i and j, same dims: element-wise constraints.
  Expected<void> same_types(const char* constraint, int i, int j) const;
  Expected<void> same_dims(const char* constraint, int i, int j) const;

 private:
  const OpDef& def_;
  std::span<const Value> operands_;
  const AttrMap& attrs_;
  Function* function_;
  const Provenance& provenance_;
};

/// Gradients with respect to each operand; an empty Value means "no dependence" (zero).
using Gradients = std::vector<Value>;

/// What a gradient rule sees. Rules build ordinary ops.
class GradContext {
 public:
  GradContext(Builder& builder, Op& op, std::span<const Value> result_grads, std::vector<bool> needed)
      : b(builder), op_(op), grads_(result_grads), needed_(std::move(needed)) {}
  Builder& b;
  Op& op() const { return op_; }
  Value operand(int i) const { return op_.operand(i); }
  Value result(int i = 0) const { return op_.result(i); }
  /// The incoming gradient; zeros when nothing flows into that result.
  Value result_grad(int i = 0) const;
  bool has_result_grad(int i) const { return static_cast<bool>(grads_[static_cast<size_t>(i)]); }
  /// Whether operand i's gradient is wanted: rules may return {} for those that are not.
  bool needed(int i) const { return needed_[static_cast<size_t>(i)]; }

 private:
  Op& op_;
  std::span<const Value> grads_;
  std::vector<bool> needed_;
};

/// What a reference meaning sees: concrete operands, bound types.
struct ReferenceContext {
  const Op& op;
  std::span<const Array> operands;
  std::span<const TensorType> result_types;  ///< static
  const SymbolBinding& symbols;
  /// First fault wins: set by checks (a bad index, x / 0).
  struct Fault {
    int64_t element;
    int64_t value;
  };
  std::optional<Fault>* fault = nullptr;

  /// Records a fault unless one of a lower element is there.
  void report(int64_t element, int64_t value) const;
  /// An attribute's dims under the binding.
  Shape shape_attr(std::string_view name) const;
  /// A result array of the right type, uninitialised.
  Array make_result(int i = 0) const;
};

struct OpDef {
  std::string name;
  std::string doc;
  std::vector<OperandSpec> operands;
  std::vector<AttrSpec> attrs;
  FusionKind fusion = FusionKind::kOpaque;
  bool commutative = false;
  /// Kept, not merged, in program order.
  bool has_effects = false;
  /// Can record a fault at run time (see SEMANTICS: phases). div and rem do so for integers only: ask
  /// ir::can_fail(op).
  bool can_fail = false;
  /// Number of regions; they are given when the op is made.
  int num_regions = 0;

  using Infer = Expected<std::vector<TensorType>> (*)(const InferContext&);
  using Gradient = Gradients (*)(GradContext&);
  using Reference = std::vector<Array> (*)(const ReferenceContext&);
  using Decompose = std::vector<Value> (*)(Builder&, Op&);

  Infer infer = nullptr;
  Gradient gradient = nullptr;
  std::string no_gradient;           ///< the reason, when there is no gradient rule
  std::vector<bool> differentiable;  ///< per operand; empty: all floating operands
  Reference reference = nullptr;     ///< the executable meaning; or:
  Decompose decompose = nullptr;     ///< the meaning in simpler ops, for composites

  /// Index of an operand or attribute; -1 if there is none.
  int operand_index(const std::string& operand_name) const;
  const AttrSpec* find_attr(const std::string& attr_name) const;
  /// Whether a gradient can flow into operand i.
  bool differentiable_operand(int i, DType dtype) const;
};

/// Whether this op, with the element types it has, can record a fault.
bool can_fail(const Op& op);

/// The registry. Filled from ops.def on first use; immutable afterwards.
const OpDef& op_def(OpKind kind);
std::optional<OpKind> find_op(std::string_view name);
/// Every registered kind (kParam and kReturn not included), in ops.def order.
std::span<const OpKind> all_ops();

/// Checks operand counts and types, fills in default attributes (checking their types) and runs
/// the type rule. The one inference of the whole project.
Expected<std::vector<TensorType>> infer_types(OpKind kind, std::span<const Value> operands, AttrMap& attrs,
                                              Function* function, const Provenance& provenance);
/// The same for an op with other operands; its attributes have been checked.
Expected<std::vector<TensorType>> infer_types_like(const Op& op, std::span<const Value> operands, Function* function,
                                                   const Provenance& provenance);

}  // namespace dlc::ir
