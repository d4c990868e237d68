// RandomBuilder: makes random ops and computes them at once by their reference meanings, so that an
// op whose result is no good (a fault, an overflow, too large) is taken back before it is built on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ir/builder.h"
#include "ir/function.h"
#include "support/array.h"

namespace dlc::test {

/// Uniform numbers from a seed; the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  /// In [lo, hi], both included.
  int64_t range(int64_t lo, int64_t hi);
  /// In [0, 1).
  double unit();
  bool chance(double probability) { return unit() < probability; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(range(0, static_cast<int64_t>(from.size()) - 1))];
  }

 private:
  uint64_t state_;
};

/// What random values may be.
struct RandomLimits {
  int64_t elements = 3000;      ///< of a value
  int64_t products = 200000;    ///< multiplications of one contraction
  double magnitude = 1e4;       ///< of a finite element
  bool special_values = false;  ///< infinities and NaN are legal
  std::vector<ir::Dim> dims;    ///< sizes to draw from
  ir::SymbolBinding binding;
};

class RandomBuilder {
 public:
  RandomBuilder(Random& random, RandomLimits limits)
      : random(random), limits(std::move(limits)), function(std::make_unique<ir::Function>("random")), b(*function) {}

  Random& random;
  RandomLimits limits;
  std::unique_ptr<ir::Function> function;
  ir::Builder b;
  /// Whether ops are kept that fault. Of what they compute all that is known is that no one sees it.
  bool keep_faults = false;
  int num_faults = 0;

  using Predicate = std::function<bool(ir::Value)>;

  /// Adds a parameter with its value.
  ir::Value param(const ir::TensorType& type, ir::ParamInfo info, Array value);
  /// Makes an op and keeps its results; nothing is left of one that does not fit.
  std::optional<ir::Value> make(ir::OpKind kind, std::initializer_list<ir::Value> operands, ir::AttrMap attrs = {});
  std::optional<ir::Value> make(ir::OpKind kind, std::span<const ir::Value> operands, ir::AttrMap attrs = {});
  /// An error that shows that what was drawn does not fit is no bug; kInternal is one.
  void expect_no_bug(const Error& e) const;
  /// Keeps a value that was made and computed elsewhere.
  void keep(ir::Value v, Array value);

  /// A value that was made, rather one of the last.
  std::optional<ir::Value> pick(const Predicate& fits);
  std::optional<ir::Value> pick_float();
  /// A value of this type: one that is there, or something converted and broadcast to it.
  ir::Value like(DType dtype, const ir::Dims& dims);
  ir::Value like(ir::Value x) { return like(x.dtype(), x.dims()); }

  ir::Dims random_dims();
  /// A random subset of 0 .. n-1, ascending; each with `probability`.
  ir::Ints subset(int64_t n, double probability);
  int64_t size(const ir::Dim& d) const;
  int64_t elements(const ir::Dims& dims) const;
  const Array& value(ir::Value v) const { return values_.at(v); }
  const std::vector<ir::Value>& made() const { return made_; }

 private:
  bool acceptable(const Array& a) const;
  std::optional<ir::Value> fit(ir::Value x, DType dtype, const ir::Dims& dims);

  std::vector<ir::Value> made_;
  std::unordered_map<ir::Value, Array> values_;
};

/// An operator for one element type: that of its first operand which may be of several, else of its result.
struct TypedOp {
  ir::OpKind kind;
  DType dtype;
  bool operator==(const TypedOp&) const = default;
};
TypedOp typed_op(const ir::Op& op);
/// All that add_typed_op can make, in a fixed order: every operator but `gradients` and `fusion`.
const std::vector<TypedOp>& all_typed_ops();

/// One of the types: floating-point ones come more often.
DType random_dtype(Random& random, const std::vector<DType>& types);

/// Adds this op, with what it needs; its last result, or nothing when no operands were found that fit.
std::optional<ir::Value> add_typed_op(RandomBuilder& r, const TypedOp& op);
/// Adds an op that may fault, and often does, as a node of this name: r.num_faults tells.
std::optional<ir::Value> add_faulty_op(RandomBuilder& r, const std::string& node);
/// Adds one random op (or a few that belong together) to the function; false when none was found.
bool add_random_op(RandomBuilder& r);

}  // namespace dlc::test
