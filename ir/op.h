// Op and Value: the nodes and edges of the IR. SSA: each Value is a result of exactly one Op and
// knows its uses. Functions own ops; only Builder (new ops) and Rewriter (changes) edit them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/attr.h"
#include "ir/type.h"
#include "support/source_loc.h"

namespace dlc::ir {

class Function;
class Op;
struct OpDef;

enum class OpKind : uint8_t {
  kParam,   ///< a parameter of a function: no operands, one result
  kReturn,  ///< the end of a function: operands are its results
#define DLC_OP(kind, name) kind,
#include "ir/ops/ops.def"
#include "support/visibility.h"
#undef DLC_OP
};

/// A handle to result `index` of `op`.
struct DLC_PUBLIC Value {
  Op* op = nullptr;
  int index = 0;

  explicit operator bool() const { return op != nullptr; }
  bool operator==(const Value&) const = default;
  const TensorType& type() const;
  DType dtype() const { return type().dtype; }
  const Dims& dims() const { return type().dims; }
  int64_t rank() const { return type().rank(); }
  /// The kind of the op that makes it.
  bool is(OpKind kind) const;
};

/// Operand number `operand` of `user` reads the value.
struct DLC_PUBLIC Use {
  Op* user = nullptr;
  int operand = 0;
  bool operator==(const Use&) const = default;
};

/// Where an op comes from: the user's node, and the place that made it. A handle: the many ops that one node
/// becomes share it.
class DLC_PUBLIC Provenance {
 public:
  Provenance() = default;
  Provenance(std::string node, SourceLoc loc)
      : origin_(std::make_shared<const Origin>(Origin{std::move(node), std::move(loc)})) {}
  /// The node's name; empty when there is none.
  const std::string& node() const { return origin().node; }
  const SourceLoc& loc() const { return origin().loc; }
  bool operator==(const Provenance& other) const { return origin() == other.origin(); }

 private:
  struct Origin {
    std::string node;
    SourceLoc loc;
    bool operator==(const Origin&) const = default;
  };
  const Origin& origin() const {
    static const Origin nowhere;
    return origin_ ? *origin_ : nowhere;
  }
  std::shared_ptr<const Origin> origin_;
};

class DLC_PUBLIC Op {
 public:
  OpKind kind() const { return kind_; }
  bool is(OpKind kind) const { return kind_ == kind; }
  /// The registered definition; kParam and kReturn have one too.
  const OpDef& def() const;
  const std::string& name() const;

  int num_operands() const { return static_cast<int>(operands_.size()); }
  Value operand(int i) const { return operands_[static_cast<size_t>(i)]; }
  std::span<const Value> operands() const { return operands_; }
  int num_results() const { return static_cast<int>(results_.size()); }
  Value result(int i = 0) { return {this, i}; }
  const TensorType& type(int i = 0) const { return results_[static_cast<size_t>(i)].type; }
  std::span<const Use> uses(int i = 0) const { return results_[static_cast<size_t>(i)].uses; }
  bool unused() const;

  const AttrMap& attrs() const { return attrs_; }
  bool has_attr(std::string_view name) const { return attrs_.contains(name); }
  /// The attribute as T; types were checked when the op was made.
  template <typename T>
  const T& attr(std::string_view name) const {
    return std::get<T>(attrs_.at(name));
  }
  int64_t int_attr(std::string_view name) const { return attr<int64_t>(name); }
  double float_attr(std::string_view name) const { return attr<double>(name); }
  bool bool_attr(std::string_view name) const { return attr<bool>(name); }
  const std::string& str_attr(std::string_view name) const { return attr<std::string>(name); }
  const Ints& ints_attr(std::string_view name) const { return attr<Ints>(name); }
  const Dims& dims_attr(std::string_view name) const { return attr<Dims>(name); }

  /// Bodies of fusion, while and cond: isolated functions, captures are operands.
  std::span<const std::unique_ptr<Function>> regions() const { return regions_; }
  const Provenance& provenance() const { return provenance_; }
  Function* parent() const { return parent_; }

  /// A number for the pass that works on the function, which leaves it 0; that of a new op is 0.
  uint32_t scratch = 0;

 private:
  friend class Function;
  friend class Builder;
  friend class FunctionCloner;
  friend class Rewriter;
  struct Result {
    TensorType type;
    std::vector<Use> uses;
  };
  void set_operand(int i, Value v);
  void add_use(Value v, int operand);
  void drop_use(Value v, int operand);

  OpKind kind_ = OpKind::kParam;
  std::vector<Value> operands_;
  std::vector<size_t> use_places_;  ///< of each operand: where its Use stands among the value's
  std::vector<Result> results_;
  AttrMap attrs_;
  std::vector<std::unique_ptr<Function>> regions_;
  Provenance provenance_;
  Function* parent_ = nullptr;
  std::list<std::unique_ptr<Op>>::iterator place_;
};

inline const TensorType& Value::type() const { return op->type(index); }
inline bool Value::is(OpKind kind) const { return op->is(kind); }
inline std::span<const Use> uses(Value v) { return v.op->uses(v.index); }

}  // namespace dlc::ir

template <>
struct std::hash<dlc::ir::Value> {
  size_t operator()(const dlc::ir::Value& v) const noexcept {
    return std::hash<const void*>()(v.op) * 31 + static_cast<size_t>(v.index);
  }
};
