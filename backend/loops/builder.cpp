#include "backend/loops/builder.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "backend/loops/element.h"
#include "backend/loops/op_info.h"

namespace dlc::backend::loops {
namespace {

bool is_commutative(OpCode op) {
  switch (op) {
    case OpCode::kAdd:
    case OpCode::kMul:
    case OpCode::kMin:
    case OpCode::kMax:
    case OpCode::kAnd:
    case OpCode::kOr:
    case OpCode::kXor:
    case OpCode::kMulHigh:
    case OpCode::kEq:
    case OpCode::kNe: return true;
    default: return false;
  }
}

bool has_effect(const Inst& inst) {
  return !is_pure(inst.op) && inst.op != OpCode::kLoad && inst.op != OpCode::kGather;
}

void count_uses(const Block& block, std::vector<int>& uses) {
  for (const Inst& inst : block.insts) {
    for (const Value v : inst.operands) ++uses[static_cast<size_t>(v.id)];
    for (const Block& inner : inst.blocks) count_uses(inner, uses);
  }
}

/// Backwards, so that what only dead values use dies with them.
void drop_dead(Block& block, std::vector<int>& uses) {
  std::vector<Inst> kept;
  for (auto inst = block.insts.rbegin(); inst != block.insts.rend(); ++inst) {
    if (!has_effect(*inst) && uses[static_cast<size_t>(inst->results[0].id)] == 0) {
      for (const Value v : inst->operands) --uses[static_cast<size_t>(v.id)];
      continue;
    }
    for (auto inner = inst->blocks.rbegin(); inner != inst->blocks.rend(); ++inner) drop_dead(*inner, uses);
    kept.push_back(std::move(*inst));
  }
  std::reverse(kept.begin(), kept.end());
  block.insts = std::move(kept);
}

}  // namespace

LoopBuilder::LoopBuilder(std::string name) {
  kernel_.name = std::move(name);
  scopes_.emplace_back();
}

// --- parameters -------------------------------------------------------------------------------

BufferId LoopBuilder::buffer(Buffer buffer) {
  kernel_.buffers.push_back(std::move(buffer));
  return {static_cast<int32_t>(kernel_.buffers.size()) - 1};
}

BufferId LoopBuilder::scratch(std::string name, DType elem, int64_t size) {
  DLC_CHECK(size > 0, "scratch '{}' of {} elements in kernel '{}'", name, size, kernel_.name);
  return buffer({.name = std::move(name),
                 .elem = elem,
                 .space = Space::kWorkerScratch,
                 .written = true,
                 .noalias = true,
                 .size = size,
                 .align = 64});
}

Value LoopBuilder::scalar(std::string name, DType type) {
  kernel_.scalars.push_back({std::move(name), type});
  const Value result = new_value({type, 1});
  Inst inst{.op = OpCode::kScalar, .results = {result}, .imm = static_cast<int64_t>(kernel_.scalars.size()) - 1};
  // At the head of the kernel, wherever the builder stands: a parameter dominates every use.
  auto& insts = scopes_.front().block.insts;
  insts.insert(insts.begin() + static_cast<ptrdiff_t>(num_scalars_++), std::move(inst));
  defs_.back().op = OpCode::kScalar;
  return result;
}

// --- values -----------------------------------------------------------------------------------

Value LoopBuilder::new_value(Type type) {
  kernel_.types.push_back(type);
  defs_.emplace_back();
  return {static_cast<int32_t>(kernel_.types.size()) - 1};
}

Inst& LoopBuilder::emit(Inst inst) {
  auto& insts = scopes_.back().block.insts;
  insts.push_back(std::move(inst));
  return insts.back();
}

Value LoopBuilder::pure(OpCode op, Type type, std::vector<Value> operands, uint64_t bits, int64_t imm,
                        std::vector<int> lanes) {
  Key key{op, type, {}, bits ^ static_cast<uint64_t>(imm), lanes};
  key.operands.reserve(operands.size());
  for (const Value v : operands) {
    DLC_CHECK(v.id >= 0 && static_cast<size_t>(v.id) < defs_.size(), "{} in kernel '{}' has an empty operand",
              to_string(op), kernel_.name);
    key.operands.push_back(v.id);
  }
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->pure.find(key); found != scope->pure.end()) return found->second;
    if (scope->is_chunk) break;
  }
  const Value result = new_value(type);
  Def& d = defs_.back();
  d.op = op;
  d.bits = bits;
  if (!operands.empty()) d.a = operands[0];
  if (operands.size() > 1) d.b = operands[1];
  scopes_.back().pure.emplace(std::move(key), result);
  emit({.op = op,
        .operands = std::move(operands),
        .results = {result},
        .imm = imm,
        .bits = bits,
        .lanes = std::move(lanes)});
  return result;
}

Value LoopBuilder::i64(int64_t v) { return constant_bits({kInt64, 1}, static_cast<uint64_t>(v)); }

Value LoopBuilder::constant(Type type, double v) { return constant_bits(type, element_bits(type.elem, v)); }

Value LoopBuilder::constant_int(Type type, int64_t v) { return constant_bits(type, element_bits_int(type.elem, v)); }

Value LoopBuilder::constant_bits(Type type, uint64_t bits) {
  DLC_CHECK(type.lanes >= 1, "a constant of {} lanes in kernel '{}'", type.lanes, kernel_.name);
  const size_t width = 8 * size_of(type.elem);
  if (width < 64) bits &= (uint64_t{1} << width) - 1;
  return pure(OpCode::kConstant, type, {}, bits);
}

Value LoopBuilder::iota(Type type) {
  DLC_CHECK(is_int(type.elem), "iota of {}: lanes are counted in integers", type.elem);
  if (!type.is_vector()) return constant_int(type, 0);
  return pure(OpCode::kIota, type, {});
}

std::optional<int64_t> LoopBuilder::known_int(Value v) const {
  if (!v || !is_constant(v) || is_float(type(v).elem)) return std::nullopt;
  uint64_t out = 0;
  eval_convert(type(v).elem, kInt64, Lanes(&def(v).bits, 1), {&out, 1});
  return static_cast<int64_t>(out);
}

std::optional<double> LoopBuilder::known_float(Value v) const {
  if (!is_constant(v) || !is_float(type(v).elem)) return std::nullopt;
  return type(v).elem == kFloat32 ? from_bits<float>(def(v).bits) : from_bits<double>(def(v).bits);
}

bool LoopBuilder::is_constant_bool(Value v, bool value) const {
  return v && type(v).elem == kBool && is_constant(v) && def(v).bits == static_cast<uint64_t>(value);
}

void LoopBuilder::equalize(std::span<Value* const> operands) {
  int lanes = 1;
  for (const Value* v : operands) lanes = std::max(lanes, type(*v).lanes);
  for (Value* v : operands)
    if (type(*v).lanes == 1) *v = broadcast(*v, lanes);
}

// --- element-wise -----------------------------------------------------------------------------

Value LoopBuilder::unary(OpCode op, Value a) {
  DLC_CHECK(op_info(op).group == OpGroup::kUnary, "unary({})", to_string(op));
  if (const Value folded = fold_unary(op, a)) return folded;
  return pure(op, type(a), {a});
}

Value LoopBuilder::binary(OpCode op, Value a, Value b) {
  const bool compare = op_info(op).group == OpGroup::kCompare;
  DLC_CHECK(compare || op_info(op).group == OpGroup::kBinary, "binary({})", to_string(op));
  Value* const both[] = {&a, &b};
  equalize(both);
  const Type t = type(a);
  DLC_CHECK(t == type(b), "{}: operands of {}x{} and {}x{} in kernel '{}'", to_string(op), t.elem, t.lanes,
            type(b).elem, type(b).lanes, kernel_.name);
  // One order of the operands, constants to the right: equal sums merge, and each fold is written
  // once. Not for floats: the payload of NaN + NaN is that of the first.
  if (is_commutative(op) && !is_float(t.elem) && (is_constant(a) || (a.id > b.id && !is_constant(b)))) std::swap(a, b);
  Value folded;
  if (is_float(t.elem))
    folded = fold_float(op, a, b);
  else if (t.elem == kBool)
    folded = fold_bool(op, a, b);
  else
    folded = fold_integer(op, a, b);
  if (folded) return folded;
  return pure(op, compare ? t.with(kBool) : t, {a, b});
}

Value LoopBuilder::fma(Value a, Value b, Value c) {
  Value* const all[] = {&a, &b, &c};
  equalize(all);
  const Type t = type(a);
  DLC_CHECK(is_float(t.elem) && t == type(b) && t == type(c), "fma of {}, {} and {} in kernel '{}'", t.elem,
            type(b).elem, type(c).elem, kernel_.name);
  return pure(OpCode::kFma, t, {a, b, c});
}

Value LoopBuilder::select(Value condition, Value if_true, Value if_false) {
  Value* const all[] = {&condition, &if_true, &if_false};
  equalize(all);
  const Type t = type(if_true);
  DLC_CHECK(type(condition) == t.with(kBool) && t == type(if_false), "select({}, {}, {}) in kernel '{}'",
            type(condition).elem, t.elem, type(if_false).elem, kernel_.name);
  if (if_true == if_false || is_constant_bool(condition, true)) return if_true;
  if (is_constant_bool(condition, false)) return if_false;
  return pure(OpCode::kSelect, t, {condition, if_true, if_false});
}

Value LoopBuilder::convert(Value a, DType to) {
  const Type from = type(a);
  if (from.elem == to) return a;
  // A rounding from f64 to f32 depends on the run's floating-point state (subnormals): left alone.
  const bool exact_everywhere = !(is_float(from.elem) && is_float(to));
  if (is_constant(a) && exact_everywhere) {
    uint64_t out = 0;
    eval_convert(from.elem, to, Lanes(&def(a).bits, 1), {&out, 1});
    return constant_bits(from.with(to), out);
  }
  return pure(OpCode::kConvert, from.with(to), {a});
}

Value LoopBuilder::bitcast(Value a, DType to) {
  const Type from = type(a);
  DLC_CHECK(size_of(from.elem) == size_of(to) && (from.elem == kBool) == (to == kBool),
            "bitcast of {} to {} in kernel '{}'", from.elem, to, kernel_.name);
  if (from.elem == to) return a;
  if (is_constant(a)) return constant_bits(from.with(to), def(a).bits);
  if (def(a).op == OpCode::kBitcast) return bitcast(def(a).a, to);
  return pure(OpCode::kBitcast, from.with(to), {a});
}

// --- vectors ----------------------------------------------------------------------------------

Value LoopBuilder::broadcast(Value scalar, int lanes) {
  const Type t = type(scalar);
  if (t.lanes == lanes) return scalar;
  DLC_CHECK(t.lanes == 1 && lanes > 1, "broadcast of {} lanes to {} in kernel '{}'", t.lanes, lanes, kernel_.name);
  if (is_constant(scalar)) return constant_bits({t.elem, lanes}, def(scalar).bits);
  return pure(OpCode::kBroadcast, {t.elem, lanes}, {scalar});
}

Value LoopBuilder::extract(Value vector, int lane) {
  const Type t = type(vector);
  DLC_CHECK(lane >= 0 && lane < t.lanes, "lane {} of {} in kernel '{}'", lane, t.lanes, kernel_.name);
  if (!t.is_vector()) return vector;
  if (is_constant(vector)) return constant_bits({t.elem, 1}, def(vector).bits);
  if (def(vector).op == OpCode::kBroadcast) return def(vector).a;
  if (def(vector).op == OpCode::kIota) return constant_int({t.elem, 1}, lane);
  return pure(OpCode::kExtract, {t.elem, 1}, {vector}, 0, lane);
}

Value LoopBuilder::shuffle(Value a, Value b, std::vector<int> lanes) {
  const Type t = type(a);
  DLC_CHECK(t == type(b), "shuffle of {}x{} and {}x{} in kernel '{}'", t.elem, t.lanes, type(b).elem, type(b).lanes,
            kernel_.name);
  const bool in_range = std::all_of(lanes.begin(), lanes.end(), [&](int l) { return l >= 0 && l < 2 * t.lanes; });
  DLC_CHECK(!lanes.empty() && in_range, "shuffle names a lane outside [0, {}) in kernel '{}'", 2 * t.lanes,
            kernel_.name);
  const auto is_run_from = [&](int first) {
    if (static_cast<int>(lanes.size()) != t.lanes) return false;
    for (int i = 0; i < t.lanes; ++i)
      if (lanes[static_cast<size_t>(i)] != first + i) return false;
    return true;
  };
  if (is_run_from(0)) return a;
  if (is_run_from(t.lanes)) return b;
  const Type result{t.elem, static_cast<int>(lanes.size())};
  return pure(OpCode::kShuffle, result, {a, b}, 0, 0, std::move(lanes));
}

Value LoopBuilder::reduce(OpCode op, Value vector) {
  DLC_CHECK(op_info(op).group == OpGroup::kReduce, "reduce({})", to_string(op));
  const Type t = type(vector);
  if (!t.is_vector()) return vector;
  DLC_CHECK(std::has_single_bit(static_cast<unsigned>(t.lanes)),
            "{} of {} lanes: a tree of halves needs a power of two", to_string(op), t.lanes);
  return pure(op, {t.elem, 1}, {vector});
}

// --- memory -----------------------------------------------------------------------------------

Value LoopBuilder::memory_mask(Value mask, int lanes, bool& none) {
  none = false;
  if (!mask) return {};
  mask = broadcast(mask, lanes);
  DLC_CHECK(type(mask) == (Type{kBool, lanes}), "a mask of {}x{} for {} lanes in kernel '{}'", type(mask).elem,
            type(mask).lanes, lanes, kernel_.name);
  none = is_constant_bool(mask, false);
  return is_constant_bool(mask, true) ? Value{} : mask;
}

void LoopBuilder::add_row_and_mask(Inst& inst, Value mask) const {
  const Buffer& buffer = kernel_.buffers.at(static_cast<size_t>(inst.buffer.id));
  if (buffer.space == Space::kTable) {
    DLC_CHECK(row_, "table '{}' is used outside with_row in kernel '{}'", buffer.name, kernel_.name);
    inst.operands.push_back(row_);
  }
  if (!mask) return;
  inst.operands.push_back(mask);
  inst.masked = true;
}

void LoopBuilder::with_row(Value row, const std::function<void()>& body) {
  DLC_CHECK(type(row) == (Type{kInt64, 1}), "a row of {}x{} in kernel '{}'", type(row).elem, type(row).lanes,
            kernel_.name);
  const Value outer = std::exchange(row_, row);
  body();
  row_ = outer;
}

Value LoopBuilder::load(BufferId buffer, Value index, int lanes, Value mask, int align) {
  const DType elem = kernel_.buffers.at(static_cast<size_t>(buffer.id)).elem;
  bool none = false;
  mask = memory_mask(mask, lanes, none);
  if (none) return constant_bits({elem, lanes}, 0);
  Inst inst{.op = OpCode::kLoad, .operands = {index}, .buffer = buffer, .imm = align};
  add_row_and_mask(inst, mask);
  const Value result = new_value({elem, lanes});
  inst.results = {result};
  emit(std::move(inst));
  return result;
}

void LoopBuilder::store(BufferId buffer, Value value, Value index, Value mask, int align) {
  bool none = false;
  mask = memory_mask(mask, type(value).lanes, none);
  if (none) return;
  Buffer& target = kernel_.buffers.at(static_cast<size_t>(buffer.id));
  DLC_CHECK(type(value).elem == target.elem, "store of {} to buffer '{}' of {} in kernel '{}'", type(value).elem,
            target.name, target.elem, kernel_.name);
  target.written = true;
  Inst inst{.op = OpCode::kStore, .operands = {value, index}, .buffer = buffer, .imm = align};
  add_row_and_mask(inst, mask);
  emit(std::move(inst));
}

Value LoopBuilder::gather(BufferId buffer, Value indices, Value mask) {
  const Type result_type = type(indices).with(kernel_.buffers.at(static_cast<size_t>(buffer.id)).elem);
  bool none = false;
  mask = memory_mask(mask, result_type.lanes, none);
  if (none) return constant_bits(result_type, 0);
  Inst inst{.op = OpCode::kGather, .operands = {indices}, .buffer = buffer};
  add_row_and_mask(inst, mask);
  const Value result = new_value(result_type);
  inst.results = {result};
  emit(std::move(inst));
  return result;
}

void LoopBuilder::scatter(BufferId buffer, Value value, Value indices, Value mask) {
  const int lanes = type(indices).lanes;
  value = broadcast(value, lanes);
  bool none = false;
  mask = memory_mask(mask, lanes, none);
  if (none) return;
  Buffer& target = kernel_.buffers.at(static_cast<size_t>(buffer.id));
  DLC_CHECK(type(value).elem == target.elem, "scatter of {} to buffer '{}' of {} in kernel '{}'", type(value).elem,
            target.name, target.elem, kernel_.name);
  target.written = true;
  Inst inst{.op = OpCode::kScatter, .operands = {value, indices}, .buffer = buffer};
  add_row_and_mask(inst, mask);
  emit(std::move(inst));
}

void LoopBuilder::prefetch(BufferId buffer, Value index, bool for_write) {
  Inst inst{.op = OpCode::kPrefetch, .operands = {index}, .buffer = buffer, .imm = for_write ? 1 : 0};
  add_row_and_mask(inst, {});
  emit(std::move(inst));
}

// --- end --------------------------------------------------------------------------------------

Kernel LoopBuilder::finish() && {
  DLC_CHECK(scopes_.size() == 1, "kernel '{}' ends with {} open blocks", kernel_.name, scopes_.size() - 1);
  emit({.op = OpCode::kYield});
  kernel_.body = std::move(scopes_.back().block);
  std::vector<int> uses(kernel_.types.size());
  count_uses(kernel_.body, uses);
  drop_dead(kernel_.body, uses);
  return std::move(kernel_);
}

}  // namespace dlc::backend::loops
