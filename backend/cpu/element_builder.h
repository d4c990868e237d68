// ElementBuilder: the value of any element of a fused group, as loop-language expressions.
//
//   ElementBuilder elements(k);
//   Value y = elements.at(op->result(), index);      // builds what the element depends on
//
// Ops become expressions at an index: element-wise ops by the rows of element_table.cpp, shape ops
// by arithmetic on the index, region parameters by loads. Each (value, index) is built once per scope.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "backend/cpu/kernel_context.h"

namespace dlc::backend {

/// One coordinate: `base`, plus `step` per lane; or `lanes`, a vector of i64, when data decides.
struct Coord {
  loops::Value base;
  int64_t step = 0;
  loops::Value vector;
  bool uniform() const { return step == 0 && !vector; }
};

/// A place in a tensor for `lanes` elements at once. `mask` tells the lanes that exist; at least one
/// does, unless `guarded` (a place inside a pad or concat that may lie outside).
struct Index {
  std::vector<Coord> coords;
  int lanes = 1;
  loops::Value mask;
  bool guarded = false;
};

class ElementBuilder {
 public:
  explicit ElementBuilder(KernelContext& k) : k_(k), b_(k.b), scopes_(1), checks_(1) {}

  /// The element(s) of `v` at `index`: a scalar if all lanes are equal, else a vector.
  loops::Value at(ir::Value v, const Index& index);

  /// Values built after push() are forgotten at pop(): call around the body of every loop.
  void push() {
    scopes_.emplace_back();
    checks_.emplace_back();
  }
  void pop() {
    look_at_checks();
    scopes_.pop_back();
    checks_.pop_back();
  }

  /// Takes over how `v` is made: a schedule's accumulators and reduction results.
  using Provider = std::function<loops::Value(const Index&)>;
  void provide(ir::Value v, Provider provider) { providers_[v] = std::move(provider); }

  /// Loads from a dense row-major buffer of `dims` at `index`.
  loops::Value load(loops::BufferId buffer, const ir::Dims& dims, const Index& index);
  /// Stores `value` (scalar or vector) there; the index must be contiguous or uniform along lanes.
  void store(loops::BufferId buffer, const ir::Dims& dims, const Index& index, loops::Value value);

  /// Reports lanes of `condition` that exist (index.mask) as faults of `op` at a row-major position.
  void fault(const ir::Op& op, const char* check, loops::Value condition, const Coord& position, loops::Value value,
             const Index& index);

  /// Checks that `x`, the value of a check_numerics op, is finite. All such values of a loop's body are looked
  /// at together, behind it; if any is not finite, `report` of each says which, off the straight path.
  void check_finite(const ir::Op& check, loops::Value x, std::function<void()> report);

  /// Row-major position of `index` in `dims`.
  Coord position(const ir::Dims& dims, const Index& index) { return linear(dims, index); }
  /// The inverse of position(): coordinates of a row-major position.
  std::vector<Coord> split(const Coord& position, std::span<const ir::Dim> dims, int lanes);
  /// A coordinate as an i64 vector or scalar.
  loops::Value coord_value(const Coord& c, int lanes);

 private:
  loops::Value build(ir::Op& op, const Index& index);
  loops::Value build_shape_op(ir::Op& op, const Index& index);
  loops::Value build_pad(ir::Op& op, const Index& index);
  loops::Value build_concat(ir::Op& op, const Index& index);
  loops::Value build_gather(ir::Op& op, const Index& index);
  loops::Value build_reshape(ir::Op& op, const Index& index);
  loops::Value build_rng(ir::Op& op, const Index& index);
  loops::Value build_constant(ir::Op& op, const Index& index);
  Coord affine(const Coord& c, loops::Value scale, loops::Value offset, int64_t known_scale);
  /// Row-major position of `index` in `dims`: base, and step or vector.
  Coord linear(const ir::Dims& dims, const Index& index);
  std::string key(ir::Value v, const Index& index) const;
  /// Builds the checks of the innermost scope.
  void look_at_checks();

  KernelContext& k_;
  loops::LoopBuilder& b_;
  std::vector<std::unordered_map<std::string, loops::Value>> scopes_;
  struct FiniteCheck {
    const ir::Op* op = nullptr;
    loops::Value x;
    std::function<void()> report;
  };
  std::vector<std::vector<FiniteCheck>> checks_;  ///< by scope
  std::unordered_map<ir::Value, Provider> providers_;
};

/// Whether ElementBuilder can make an element of this op.
bool is_element_op(const ir::Op& op);

}  // namespace dlc::backend
