// Op and Value: the nodes and edges of the IR. SSA: each Value is a result of exactly one Op and
// knows its uses. Functions own ops; only Builder (new ops) and Rewriter (changes) edit them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/attr.h"
#include "ir/type.h"
#include "support/inline_vector.h"
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

  const AttrMap& attrs() const { return *attrs_; }
  bool has_attr(std::string_view name) const { return attrs_->contains(name); }
  /// The attribute as T; types were checked when the op was made.
  template <typename T>
  const T& attr(std::string_view name) const {
    return std::get<T>(attrs_->at(name));
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
  /// The op before and after it in its function; null at the ends, and for parameters and the return op.
  Op* previous() const { return previous_; }
  Op* next() const { return next_; }

  /// A number for the pass that works on the function, which leaves it 0; that of a new op is 0.
  uint32_t scratch = 0;

 private:
  friend class Function;
  friend class Builder;
  friend class FunctionCloner;
  friend class Rewriter;
  friend class OpList;
  struct Result {
    explicit Result(TensorType t) : type(std::move(t)) {}
    InlineVector<Use, 1> uses;
    TensorType type;
  };
  static const std::shared_ptr<const AttrMap>& no_attrs();
  void set_operand(int i, Value v);
  void add_use(Value v, int operand);
  void drop_use(Value v, int operand);

  // A program has very many ops, and passes wait for their memory: what an ordinary op has lies in it, what most
  // passes look at first.
  OpKind kind_ = OpKind::kParam;
  Op *next_ = nullptr, *previous_ = nullptr;
  InlineVector<Value, 2> operands_;
  InlineVector<Result, 1> results_;
  std::shared_ptr<const AttrMap> attrs_ = no_attrs();  ///< copies of an op share them
  Function* parent_ = nullptr;
  InlineVector<uint32_t, 2> use_places_;  ///< of each operand: where its Use stands among the value's
  std::vector<std::unique_ptr<Function>> regions_;
  Provenance provenance_;
};

/// Ops in order, each of which it owns; an op knows its neighbours, so that it is moved and erased in constant time.
class DLC_PUBLIC OpList {
 public:
  /// Gives an op; stays valid until that op is erased. The place after the last gives null.
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = Op*;
    using difference_type = std::ptrdiff_t;
    using pointer = Op* const*;
    using reference = Op*;

    Iterator() = default;
    Iterator(const OpList* list, Op* op) : list_(list), op_(op) {}
    Op* operator*() const { return op_; }
    Iterator& operator++() {
      op_ = op_->next();
      return *this;
    }
    Iterator operator++(int) { return std::exchange(*this, Iterator(list_, op_->next())); }
    Iterator& operator--() {
      op_ = op_ != nullptr ? op_->previous() : list_->back();
      return *this;
    }
    Iterator operator--(int) {
      const Iterator old = *this;
      --*this;
      return old;
    }
    bool operator==(const Iterator& other) const { return op_ == other.op_; }

   private:
    const OpList* list_ = nullptr;
    Op* op_ = nullptr;
  };

  OpList() = default;
  OpList(const OpList&) = delete;
  OpList& operator=(OpList&& other) noexcept {
    clear();
    first_ = std::exchange(other.first_, nullptr);
    last_ = std::exchange(other.last_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~OpList() { clear(); }

  Iterator begin() const { return {this, first_}; }
  Iterator end() const { return {this, nullptr}; }
  auto rbegin() const { return std::make_reverse_iterator(end()); }
  auto rend() const { return std::make_reverse_iterator(begin()); }
  Op* front() const { return first_; }
  Op* back() const { return last_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Puts `op` before `place`, at the end when that is null.
  Op* insert(Op* place, std::unique_ptr<Op> op);
  void erase(Op* op);
  /// Takes `op`, which may be of another list, to before `place`, to the end when that is null.
  void move_before(Op* op, OpList& from, Op* place);
  void clear();

 private:
  void link(Op* place, Op* op);
  void unlink(Op* op);
  Op *first_ = nullptr, *last_ = nullptr;
  size_t size_ = 0;
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
