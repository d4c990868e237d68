#include "backend/loops/verifier.h"

#include <bit>
#include <set>
#include <string>

#include "backend/loops/op_info.h"
#include "backend/loops/printer.h"

namespace dlc::backend::loops {
namespace {

constexpr Type kIndex{kInt64, 1};

class Verifier {
 public:
  explicit Verifier(const Kernel& kernel) : k_(kernel), defined_(kernel.types.size()), visible_(kernel.types.size()) {}

  Expected<void> run() {
    DLC_RETURN_IF_ERROR(check_parameters());
    for (size_t i = 0; i < k_.types.size(); ++i) {
      const Type t = k_.types[i];
      if (t.lanes < 1 || t.lanes > kMaxLanes)
        return make_error(ErrorCode::kInternal, "kernel @{}: value {} has {} lanes, expected 1 to {}", k_.name, i,
                          t.lanes, kMaxLanes);
    }
    if (!k_.body.args.empty())
      return make_error(ErrorCode::kInternal, "kernel @{}: the body has {} arguments, expected none", k_.name,
                        k_.body.args.size());
    DLC_RETURN_IF_ERROR(check_block(k_.body, {}, /*top=*/true));
    return Ok{};
  }

 private:
  template <typename... Args>
  Error fail(const Inst& inst, fmt::format_string<Args...> format, Args&&... args) const {
    return make_error(ErrorCode::kInternal, "kernel @{}: {}: in `{}`", k_.name,
                      fmt::format(format, std::forward<Args>(args)...), print(k_, inst));
  }

  Expected<void> check_parameters() const {
    std::set<std::string> names;
    int64_t scratch_bytes = 0;
    const auto bad = [&](const std::string& name, const std::string& what) {
      return make_error(ErrorCode::kInternal, "kernel @{}: parameter '{}' {}", k_.name, name, what);
    };
    for (const Buffer& b : k_.buffers) {
      if (b.name.empty() || !names.insert(b.name).second) return bad(b.name, "needs a name of its own");
      if (b.align != 0 && !std::has_single_bit(static_cast<unsigned>(b.align)))
        return bad(b.name, fmt::format("has alignment {}, expected a power of two", b.align));
      if (b.space != Space::kWorkerScratch && b.size != 0)
        return bad(b.name, fmt::format("states a size of {}, which only scratch has", b.size));
      if (b.space != Space::kWorkerScratch) continue;
      if (b.size <= 0 || b.size > kMaxScratchBytes)
        return bad(b.name, fmt::format("is scratch of {} elements, expected 1 to {} bytes", b.size, kMaxScratchBytes));
      scratch_bytes += b.size * static_cast<int64_t>(size_of(b.elem));
    }
    if (scratch_bytes > kMaxScratchBytes)
      return make_error(ErrorCode::kInternal, "kernel @{}: {} bytes of scratch, at most {} are allowed", k_.name,
                        scratch_bytes, kMaxScratchBytes);
    for (const ScalarParam& s : k_.scalars)
      if (s.name.empty() || !names.insert(s.name).second) return bad(s.name, "needs a name of its own");
    return Ok{};
  }

  // --- values ---
  bool exists(Value v) const { return v.id >= 0 && static_cast<size_t>(v.id) < k_.types.size(); }

  Expected<void> define(const Inst& inst, Value v, std::vector<Value>& scope) {
    if (!exists(v)) return fail(inst, "value {} has no type", v.id);
    const auto i = static_cast<size_t>(v.id);
    if (defined_[i]) return fail(inst, "value {} is defined twice", v.id);
    defined_[i] = visible_[i] = true;
    scope.push_back(v);
    return Ok{};
  }

  Expected<void> check_uses(const Inst& inst) const {
    for (size_t i = 0; i < inst.operands.size(); ++i) {
      const Value v = inst.operands[i];
      if (!exists(v) || !visible_[static_cast<size_t>(v.id)])
        return fail(inst, "operand {} (value {}) is not defined here: its definition must dominate the use", i, v.id);
    }
    return Ok{};
  }

  Type type(Value v) const { return k_.type(v); }
  Type operand(const Inst& inst, size_t i) const { return type(inst.operands[i]); }

  // --- blocks ---
  using Types = std::vector<Type>;
  Types types_of(const std::vector<Value>& values, size_t first = 0) const {
    Types t;
    for (size_t i = first; i < values.size(); ++i) t.push_back(type(values[i]));
    return t;
  }
  static std::string text(const Types& types) { return fmt::format("({})", fmt::join(types, ", ")); }

  Expected<void> check_block(const Block& block, const Types& yields, bool top) {
    std::vector<Value> scope;
    for (const Value v : block.args) scope.push_back(v);
    for (size_t i = 0; i < block.insts.size(); ++i) {
      const Inst& inst = block.insts[i];
      const bool last = i + 1 == block.insts.size();
      if ((inst.op == OpCode::kYield) != last)
        return fail(inst, "{}", last ? "a block must end with a yield" : "a yield must end its block");
      DLC_RETURN_IF_ERROR(check_uses(inst));
      if (inst.op == OpCode::kYield) {
        if (!inst.results.empty() || !inst.blocks.empty()) return fail(inst, "a yield has no results and no blocks");
        const Types found = types_of(inst.operands);
        if (found != yields) return fail(inst, "yields {}, expected {}", text(found), text(yields));
        break;
      }
      DLC_RETURN_IF_ERROR(check_inst(inst, top));
      for (const Value v : inst.results) DLC_RETURN_IF_ERROR(define(inst, v, scope));
    }
    if (block.insts.empty())
      return make_error(ErrorCode::kInternal, "kernel @{}: an empty block, expected a yield at its end", k_.name);
    for (const Value v : scope) visible_[static_cast<size_t>(v.id)] = false;
    return Ok{};
  }

  /// Checks arguments and body of `inst.blocks[index]`.
  Expected<void> check_inner(const Inst& inst, size_t index, const Types& args, const Types& yields) {
    const Block& block = inst.blocks[index];
    std::vector<Value> ignored;
    for (const Value v : block.args) DLC_RETURN_IF_ERROR(define(inst, v, ignored));
    const Types found = types_of(block.args);
    if (found != args) return fail(inst, "block {} takes {}, expected {}", index, text(found), text(args));
    return check_block(block, yields, /*top=*/false);
  }

  Expected<void> check_results(const Inst& inst, const Types& expected) const {
    for (const Value v : inst.results)
      if (!exists(v)) return fail(inst, "result {} has no type", v.id);
    const Types found = types_of(inst.results);
    if (found != expected) return fail(inst, "results are {}, expected {}", text(found), text(expected));
    return Ok{};
  }
  Expected<void> check_counts(const Inst& inst, size_t operands, size_t blocks) const {
    if (inst.operands.size() != operands) return fail(inst, "{} operands, expected {}", inst.operands.size(), operands);
    if (inst.blocks.size() != blocks) return fail(inst, "{} blocks, expected {}", inst.blocks.size(), blocks);
    return Ok{};
  }
  Expected<void> check_operand(const Inst& inst, size_t i, Type expected) const {
    if (operand(inst, i) != expected) return fail(inst, "operand {} is {}, expected {}", i, operand(inst, i), expected);
    return Ok{};
  }

  // --- instructions ---
  Expected<void> check_inst(const Inst& inst, bool top) {
    switch (op_info(inst.op).group) {
      case OpGroup::kLeaf: return check_leaf(inst);
      case OpGroup::kUnary: return check_unary(inst);
      case OpGroup::kBinary:
      case OpGroup::kCompare: return check_binary(inst);
      case OpGroup::kTernary: return check_ternary(inst);
      case OpGroup::kCast: return check_cast(inst);
      case OpGroup::kLaneMove: return check_lane_move(inst);
      case OpGroup::kReduce: return check_reduce(inst);
      case OpGroup::kMemory: return check_memory(inst);
      case OpGroup::kControl: return check_control(inst, top);
    }
    return Ok{};
  }

  /// Exactly one result, whose type exists.
  Expected<void> check_one_result(const Inst& inst) const {
    if (inst.results.size() != 1 || !exists(inst.results[0]))
      return fail(inst, "{} results, expected one with a type", inst.results.size());
    return Ok{};
  }

  Expected<void> check_leaf(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 0, 0));
    DLC_RETURN_IF_ERROR(check_one_result(inst));
    const Type t = type(inst.results[0]);
    if (inst.op == OpCode::kConstant) {
      const size_t width = 8 * size_of(t.elem);
      const bool fits = t.elem == kBool ? inst.bits <= 1 : width == 64 || inst.bits >> width == 0;
      if (!fits) return fail(inst, "bits {:#x} do not fit {}", inst.bits, t.elem);
    } else if (inst.op == OpCode::kScalar) {
      if (inst.imm < 0 || static_cast<size_t>(inst.imm) >= k_.scalars.size())
        return fail(inst, "there is no scalar {}; the kernel has {}", inst.imm, k_.scalars.size());
      return check_results(inst, {{k_.scalars[static_cast<size_t>(inst.imm)].type, 1}});
    } else if (!is_int(t.elem)) {
      return fail(inst, "iota of {}, expected integers", t);
    }
    return Ok{};
  }

  Expected<void> check_unary(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 1, 0));
    const Type t = operand(inst, 0);
    const bool sign = inst.op == OpCode::kNeg || inst.op == OpCode::kAbs;
    const bool fits = inst.op == OpCode::kNot ? !is_float(t.elem) : sign ? is_number(t.elem) : is_float(t.elem);
    if (!fits) return fail(inst, "{} is not defined on {}", to_string(inst.op), t);
    return check_results(inst, {t});
  }

  static bool binary_fits(OpCode op, DType t) {
    switch (op) {
      case OpCode::kAnd:
      case OpCode::kOr:
      case OpCode::kXor: return !is_float(t);
      case OpCode::kShl:
      case OpCode::kShr:
      case OpCode::kRem: return is_int(t);
      case OpCode::kMulHigh: return t == kUInt32;
      case OpCode::kCopySign: return is_float(t);
      case OpCode::kEq:
      case OpCode::kNe: return true;
      default: return is_number(t);
    }
  }

  Expected<void> check_binary(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 2, 0));
    const Type t = operand(inst, 0);
    DLC_RETURN_IF_ERROR(check_operand(inst, 1, t));
    if (!binary_fits(inst.op, t.elem)) return fail(inst, "{} is not defined on {}", to_string(inst.op), t);
    return check_results(inst, {op_info(inst.op).group == OpGroup::kCompare ? t.with(kBool) : t});
  }

  Expected<void> check_ternary(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 3, 0));
    const Type t = operand(inst, 1);
    if (inst.op == OpCode::kFma && !is_float(t.elem)) return fail(inst, "fma is not defined on {}", t);
    DLC_RETURN_IF_ERROR(check_operand(inst, 0, inst.op == OpCode::kFma ? t : t.with(kBool)));
    DLC_RETURN_IF_ERROR(check_operand(inst, 2, t));
    return check_results(inst, {t});
  }

  Expected<void> check_cast(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 1, 0));
    DLC_RETURN_IF_ERROR(check_one_result(inst));
    const Type from = operand(inst, 0), to = type(inst.results[0]);
    if (from.lanes != to.lanes) return fail(inst, "{} lanes become {}", from.lanes, to.lanes);
    if (inst.op == OpCode::kBitcast &&
        (size_of(from.elem) != size_of(to.elem) || from.elem == kBool || to.elem == kBool))
      return fail(inst, "bitcast of {} to {}", from, to);
    return Ok{};
  }

  Expected<void> check_lane_move(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, inst.op == OpCode::kShuffle ? 2 : 1, 0));
    DLC_RETURN_IF_ERROR(check_one_result(inst));
    const Type t = operand(inst, 0), result = type(inst.results[0]);
    switch (inst.op) {
      case OpCode::kBroadcast:
        if (t.is_vector()) return fail(inst, "broadcast of {}, expected a scalar", t);
        return check_results(inst, {{t.elem, result.lanes}});
      case OpCode::kExtract:
        if (inst.imm < 0 || inst.imm >= t.lanes) return fail(inst, "lane {} of {}", inst.imm, t);
        return check_results(inst, {{t.elem, 1}});
      default: break;
    }
    DLC_RETURN_IF_ERROR(check_operand(inst, 1, t));
    for (const int lane : inst.lanes)
      if (lane < 0 || lane >= 2 * t.lanes) return fail(inst, "lane {} is outside [0, {})", lane, 2 * t.lanes);
    return check_results(inst, {{t.elem, static_cast<int>(inst.lanes.size())}});
  }

  Expected<void> check_reduce(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 1, 0));
    const Type t = operand(inst, 0);
    const bool logical = inst.op == OpCode::kReduceAnd || inst.op == OpCode::kReduceOr;
    if (logical ? is_float(t.elem) : !is_number(t.elem)) return fail(inst, "not defined on {}", t);
    if (!std::has_single_bit(static_cast<unsigned>(t.lanes)))
      return fail(inst, "{} lanes, expected a power of two", t.lanes);
    return check_results(inst, {{t.elem, 1}});
  }

  Expected<void> check_memory(const Inst& inst) const {
    if (inst.buffer.id < 0 || static_cast<size_t>(inst.buffer.id) >= k_.buffers.size())
      return fail(inst, "there is no buffer {}; the kernel has {}", inst.buffer.id, k_.buffers.size());
    const Buffer& buffer = k_.buffers[static_cast<size_t>(inst.buffer.id)];
    const bool stores = inst.op == OpCode::kStore || inst.op == OpCode::kScatter;
    const size_t index_at = stores ? 1 : 0;
    const bool table = buffer.space == Space::kTable;
    DLC_RETURN_IF_ERROR(check_counts(inst, index_at + 1 + (table ? 1 : 0) + (inst.masked ? 1 : 0), 0));
    if (table) DLC_RETURN_IF_ERROR(check_operand(inst, index_at + 1, kIndex));
    if (inst.op == OpCode::kPrefetch) return check_prefetch(inst, buffer);
    if (inst.imm < 0 || (inst.imm != 0 && !std::has_single_bit(static_cast<uint64_t>(inst.imm))))
      return fail(inst, "alignment {}, expected a power of two", inst.imm);

    const bool by_vector = inst.op == OpCode::kGather || inst.op == OpCode::kScatter;
    const Type index = operand(inst, index_at);
    if (by_vector ? index.elem != kInt64 && index.elem != kInt32 : index != kIndex)
      return fail(inst, "the index is {}, expected {}", index, by_vector ? "i32 or i64 lanes" : "an i64 scalar");

    Type accessed;
    if (stores) {
      accessed = operand(inst, 0);
      DLC_RETURN_IF_ERROR(check_results(inst, {}));
      if (!buffer.written) return fail(inst, "buffer '{}' is stored to but not marked written", buffer.name);
    } else {
      DLC_RETURN_IF_ERROR(check_one_result(inst));
      accessed = type(inst.results[0]);
    }
    if (accessed.elem != buffer.elem) return fail(inst, "moves {} in a buffer of {}", accessed.elem, buffer.elem);
    if (by_vector && accessed.lanes != index.lanes)
      return fail(inst, "{} lanes by {} indices", accessed.lanes, index.lanes);
    if (inst.masked) DLC_RETURN_IF_ERROR(check_operand(inst, inst.operands.size() - 1, accessed.with(kBool)));
    return Ok{};
  }

  Expected<void> check_prefetch(const Inst& inst, const Buffer& buffer) const {
    DLC_RETURN_IF_ERROR(check_operand(inst, 0, kIndex));
    if (inst.masked) return fail(inst, "has a mask");
    if (inst.imm != 0 && inst.imm != 1) return fail(inst, "{}, expected 0 or 1", inst.imm);
    if (inst.imm == 1 && !buffer.written) return fail(inst, "buffer '{}' is not marked written", buffer.name);
    return check_results(inst, {});
  }

  Expected<void> check_control(const Inst& inst, bool top) {
    switch (inst.op) {
      case OpCode::kFor: return check_for(inst);
      case OpCode::kWhile: return check_while(inst);
      case OpCode::kIf: return check_if(inst);
      case OpCode::kParallel: return check_parallel(inst, top);
      case OpCode::kFault: return check_fault(inst);
      default: return fail(inst, "not an instruction that may stand here");
    }
  }

  Expected<void> check_for(const Inst& inst) {
    if (inst.operands.size() < 2)
      return fail(inst, "{} operands, expected at least the two bounds", inst.operands.size());
    DLC_RETURN_IF_ERROR(check_counts(inst, inst.operands.size(), 1));
    DLC_RETURN_IF_ERROR(check_operand(inst, 0, kIndex));
    DLC_RETURN_IF_ERROR(check_operand(inst, 1, kIndex));
    if (inst.imm <= 0) return fail(inst, "step {}, expected at least 1", inst.imm);
    const Types carried = types_of(inst.operands, 2);
    Types args{kIndex};
    args.insert(args.end(), carried.begin(), carried.end());
    DLC_RETURN_IF_ERROR(check_inner(inst, 0, args, carried));
    return check_results(inst, carried);
  }

  Expected<void> check_while(const Inst& inst) {
    DLC_RETURN_IF_ERROR(check_counts(inst, inst.operands.size(), 2));
    const Types carried = types_of(inst.operands);
    Types tested{{kBool, 1}};
    tested.insert(tested.end(), carried.begin(), carried.end());
    DLC_RETURN_IF_ERROR(check_inner(inst, 0, carried, tested));
    DLC_RETURN_IF_ERROR(check_inner(inst, 1, carried, carried));
    return check_results(inst, carried);
  }

  Expected<void> check_if(const Inst& inst) {
    DLC_RETURN_IF_ERROR(check_counts(inst, 1, 2));
    DLC_RETURN_IF_ERROR(check_operand(inst, 0, {kBool, 1}));
    for (const Value v : inst.results)
      if (!exists(v)) return fail(inst, "result {} has no type", v.id);
    const Types results = types_of(inst.results);
    DLC_RETURN_IF_ERROR(check_inner(inst, 0, {}, results));
    const Block& otherwise = inst.blocks[1];
    if (otherwise.insts.empty() && otherwise.args.empty() && results.empty()) return Ok{};
    return check_inner(inst, 1, {}, results);
  }

  Expected<void> check_parallel(const Inst& inst, bool top) {
    if (!top) return fail(inst, "parallel below the top level of the kernel");
    DLC_RETURN_IF_ERROR(check_counts(inst, 1, 1));
    DLC_RETURN_IF_ERROR(check_operand(inst, 0, kIndex));
    DLC_RETURN_IF_ERROR(check_inner(inst, 0, {kIndex}, {}));
    return check_results(inst, {});
  }

  Expected<void> check_fault(const Inst& inst) const {
    DLC_RETURN_IF_ERROR(check_counts(inst, 4, 0));
    const Type condition = operand(inst, 0);
    if (condition.elem != kBool) return fail(inst, "the condition is {}, expected bool", condition);
    DLC_RETURN_IF_ERROR(check_operand(inst, 1, kIndex));
    for (const size_t i : {size_t{2}, size_t{3}})
      if (operand(inst, i) != kIndex) DLC_RETURN_IF_ERROR(check_operand(inst, i, condition.with(kInt64)));
    return check_results(inst, {});
  }

  const Kernel& k_;
  std::vector<bool> defined_;  ///< defined somewhere so far
  std::vector<bool> visible_;  ///< defined in an open block
};

}  // namespace

Expected<void> verify(const Kernel& kernel) { return Verifier(kernel).run(); }

}  // namespace dlc::backend::loops
