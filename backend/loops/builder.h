// LoopBuilder: typed construction of a Kernel. Folds trivial arithmetic (integer x+0, x*1,
// constants, loops of no or one trip) and merges equal pure instructions of enclosing blocks, so
// that schedules may be written plainly. Merging stops at `parallel`: a chunk captures only what
// its body names. Wrong types are a bug of the schedule: DLC_CHECK.
//
// Instructions stand in the order of the calls, and C++ leaves the order of arguments open: write
// loads and stores whose order matters (to memory, or to a golden text) one call a statement.
//
//   LoopBuilder b("scale");
//   BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y", .written = true});
//   Value n = b.scalar("n");
//   b.vector_for(b.i64(0), n, 16, [&](Value i, Value mask) {
//     b.store(y, b.mul(b.load(x, i, 16, mask), b.constant({kFloat32, 16}, 2.0)), i, mask);
//   });
//   Kernel k = std::move(b).finish();
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/loops/loops.h"
#include "support/check.h"

namespace dlc::backend::loops {

class LoopBuilder {
 public:
  explicit LoopBuilder(std::string name);

  // Parameters.
  BufferId buffer(Buffer buffer);
  /// Per-chunk scratch of `size` elements on the stack, 64-byte aligned.
  BufferId scratch(std::string name, DType elem, int64_t size);
  Value scalar(std::string name, DType type = kInt64);

  // Constants. Integers are converted to the type; floats are rounded to it.
  Value i64(int64_t v);
  Value constant(Type type, double v);
  Value constant_int(Type type, int64_t v);
  Value constant_bits(Type type, uint64_t bits);
  Value iota(Type type);
  Type type(Value v) const { return kernel_.type(v); }
  /// The value of an integer constant, if it is one.
  std::optional<int64_t> known_int(Value v) const;

  // Element-wise. Operands have one type; a scalar operand is broadcast to the lanes of the other.
  Value unary(OpCode op, Value a);
  Value binary(OpCode op, Value a, Value b);
  Value neg(Value a) { return unary(OpCode::kNeg, a); }
  Value abs(Value a) { return unary(OpCode::kAbs, a); }
  Value sqrt(Value a) { return unary(OpCode::kSqrt, a); }
  Value floor(Value a) { return unary(OpCode::kFloor, a); }
  Value ceil(Value a) { return unary(OpCode::kCeil, a); }
  Value round_even(Value a) { return unary(OpCode::kRoundEven, a); }
  Value trunc(Value a) { return unary(OpCode::kTrunc, a); }
  Value bit_not(Value a) { return unary(OpCode::kNot, a); }
  Value add(Value a, Value b) { return binary(OpCode::kAdd, a, b); }
  Value sub(Value a, Value b) { return binary(OpCode::kSub, a, b); }
  Value mul(Value a, Value b) { return binary(OpCode::kMul, a, b); }
  Value div(Value a, Value b) { return binary(OpCode::kDiv, a, b); }
  Value rem(Value a, Value b) { return binary(OpCode::kRem, a, b); }
  Value min(Value a, Value b) { return binary(OpCode::kMin, a, b); }
  Value max(Value a, Value b) { return binary(OpCode::kMax, a, b); }
  Value bit_and(Value a, Value b) { return binary(OpCode::kAnd, a, b); }
  Value bit_or(Value a, Value b) { return binary(OpCode::kOr, a, b); }
  Value bit_xor(Value a, Value b) { return binary(OpCode::kXor, a, b); }
  Value shl(Value a, Value b) { return binary(OpCode::kShl, a, b); }
  Value shr(Value a, Value b) { return binary(OpCode::kShr, a, b); }
  Value mul_high(Value a, Value b) { return binary(OpCode::kMulHigh, a, b); }
  Value copysign(Value a, Value b) { return binary(OpCode::kCopySign, a, b); }
  Value eq(Value a, Value b) { return binary(OpCode::kEq, a, b); }
  Value ne(Value a, Value b) { return binary(OpCode::kNe, a, b); }
  Value lt(Value a, Value b) { return binary(OpCode::kLt, a, b); }
  Value le(Value a, Value b) { return binary(OpCode::kLe, a, b); }
  Value gt(Value a, Value b) { return binary(OpCode::kGt, a, b); }
  Value ge(Value a, Value b) { return binary(OpCode::kGe, a, b); }
  Value fma(Value a, Value b, Value c);
  Value select(Value condition, Value if_true, Value if_false);
  Value convert(Value a, DType to);
  Value bitcast(Value a, DType to);

  // Vectors.
  Value broadcast(Value scalar, int lanes);
  Value extract(Value vector, int lane);
  Value shuffle(Value a, Value b, std::vector<int> lanes);
  /// `op` is one of kReduce...; a scalar operand is returned as it is.
  Value reduce(OpCode op, Value vector);

  // Memory. `index` counts elements. An empty mask (Value{}) means all lanes.
  Value load(BufferId buffer, Value index, int lanes = 1, Value mask = {}, int align = 0);
  void store(BufferId buffer, Value value, Value index, Value mask = {}, int align = 0);
  Value gather(BufferId buffer, Value indices, Value mask = {});
  void scatter(BufferId buffer, Value value, Value indices, Value mask = {});
  /// Brings the element at `index`, which need not exist, nearer to the processor.
  void prefetch(BufferId buffer, Value index, bool for_write = false);
  /// What `body` does with tables (Space::kTable) it does with their buffers of row `row`, an i64.
  void with_row(Value row, const std::function<void()>& body);

  // Control. Bodies are host functions called once; they return the next carried values. A body
  // that is known to run never is not called; one known to run once is built without a loop.
  using Values = std::vector<Value>;
  Values for_loop(Value lower, Value upper, int64_t step, const Values& init,
                  const std::function<Values(Value i, const Values& carried)>& body);
  void for_loop(Value lower, Value upper, int64_t step, const std::function<void(Value i)>& body);
  Values while_loop(const Values& init, const std::function<Value(const Values&)>& condition,
                    const std::function<Values(const Values&)>& body);
  Values if_else(Value condition, const std::function<Values()>& then_body, const std::function<Values()>& else_body);
  void if_then(Value condition, const std::function<void()>& body);
  void parallel(Value n_chunks, const std::function<void(Value chunk)>& body);
  /// Full vectors of `lanes` over [lower, upper), then one masked tail. The body sees the first
  /// index and the mask (empty in the main loop); it is called for each part that is needed, at
  /// most twice. What a known extent does not need is not built.
  void vector_for(Value lower, Value upper, int lanes, const std::function<void(Value i, Value mask)>& body);
  /// The mask of the lanes i with start + i < end.
  Value tail_mask(Value start, Value end, int lanes);
  /// Reports the first lane whose `condition` holds; see OpCode::kFault.
  void fault(Value condition, Value site, Value element, Value value);

  const Kernel& kernel() const { return kernel_; }
  /// Ends construction; drops values that nobody uses. DLC_CHECKs that every block is closed.
  Kernel finish() &&;

 private:
  /// What a pure instruction is, for merging equal ones.
  struct Key {
    OpCode op;
    Type type;
    std::vector<int32_t> operands;
    uint64_t payload;  ///< bits, imm
    std::vector<int> lanes;
    auto operator<=>(const Key&) const = default;
  };
  struct Scope {
    Block block;
    std::map<Key, Value> pure;  ///< the instructions of this block that may be merged with
    bool is_chunk = false;      ///< the body of a parallel loop
  };
  /// How a value was made, as far as folding looks.
  struct Def {
    OpCode op = OpCode::kYield;
    Value a, b;
    uint64_t bits = 0;
  };
  /// An integer as base + offset; no base: a constant.
  struct Affine {
    Value base;
    int64_t offset = 0;
  };

  Value new_value(Type type);
  const Def& def(Value v) const { return defs_[static_cast<size_t>(v.id)]; }
  bool is_constant(Value v) const { return def(v).op == OpCode::kConstant; }
  bool is_constant_bool(Value v, bool value) const;
  std::optional<double> known_float(Value v) const;
  Affine affine(Value v) const;
  /// Emits a pure instruction, or finds an equal one that is visible.
  Value pure(OpCode op, Type type, std::vector<Value> operands, uint64_t bits = 0, int64_t imm = 0,
             std::vector<int> lanes = {});
  Inst& emit(Inst inst);
  /// Scalars become vectors of the lanes of the widest.
  void equalize(std::span<Value* const> operands);
  Value fold_unary(OpCode op, Value a);
  Value fold_integer(OpCode op, Value a, Value b);
  Value fold_bool(OpCode op, Value a, Value b);
  Value fold_float(OpCode op, Value a, Value b);
  Value memory_mask(Value mask, int lanes, bool& none);
  /// Ends the operands of a memory operation: the row of a table, the mask.
  void add_row_and_mask(Inst& inst, Value mask) const;
  void open(bool is_chunk = false);
  Block close(const Values& yields);
  void check_same_types(const char* what, const Values& a, const Values& b) const;
  Values add_results(Inst& inst, const Values& like);

  Kernel kernel_;
  std::vector<Def> defs_;
  std::vector<Scope> scopes_;
  size_t num_scalars_ = 0;
  Value row_;  ///< of tables: see with_row
};

}  // namespace dlc::backend::loops
