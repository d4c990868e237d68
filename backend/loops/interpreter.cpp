#include "backend/loops/interpreter.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>

#include "backend/loops/element.h"
#include "backend/loops/op_info.h"
#include "backend/loops/printer.h"
#include "backend/loops/shadow.h"

namespace dlc::backend::loops {
namespace {

using Register = std::vector<uint64_t>;

/// The memory behind one buffer: parameter, row of a table, or scratch.
struct Memory {
  std::byte* data = nullptr;
  int64_t size = 0;  ///< elements
  size_t width = 0;  ///< bytes of an element
};

struct Scratch {
  std::vector<std::byte> bytes;
  std::vector<bool> written;  ///< by element, since the chunk began
};

constexpr int64_t kOutsideParallel = -1;

class Interpreter {
 public:
  Interpreter(const Kernel& kernel, const RunArgs& args) : k_(kernel), args_(args), registers_(kernel.types.size()) {
    for (size_t i = 0; i < kernel.types.size(); ++i) registers_[i].resize(static_cast<size_t>(kernel.types[i].lanes));
  }

  Expected<void> run() {
    DLC_RETURN_IF_ERROR(bind());
    const runtime::FpStateGuard guard(args_.fp);
    forget_scratch();
    return run_block(k_.body);
  }

 private:
  template <typename... Args>
  Error fail(ErrorCode code, const Inst& inst, fmt::format_string<Args...> format, Args&&... args) const {
    return make_error(code, "kernel @{}: {}: in `{}`", k_.name, fmt::format(format, std::forward<Args>(args)...),
                      print(k_, inst));
  }

  // --- parameters ---
  Expected<void> bind() {
    const auto params = static_cast<size_t>(k_.count(Space::kParam));
    const auto tables = static_cast<size_t>(k_.count(Space::kTable));
    const size_t given = args_.buffers.size();
    const bool fits = given >= params && (tables == 0 ? given == params : (given - params) % tables == 0);
    if (!fits || args_.scalars.size() != k_.scalars.size())
      return make_error(ErrorCode::kInvalidArgument, "kernel @{} takes {} buffers{} and {} scalars, given {} and {}",
                        k_.name, params, tables == 0 ? "" : fmt::format(", then rows of {}", tables), k_.scalars.size(),
                        given, args_.scalars.size());
    const size_t rows = tables == 0 ? 0 : (given - params) / tables;
    memory_.resize(k_.buffers.size());
    scratch_.resize(k_.buffers.size());
    for (size_t i = 0; i < k_.buffers.size(); ++i) {
      const Buffer& b = k_.buffers[i];
      const BufferId id{static_cast<int32_t>(i)};
      if (b.space == Space::kWorkerScratch) {
        scratch_[i].bytes.resize(static_cast<size_t>(b.size) * size_of(b.elem));
        memory_[i] = {{scratch_[i].bytes.data(), b.size, size_of(b.elem)}};
        continue;
      }
      for (size_t row = 0; row < (b.space == Space::kTable ? rows : 1); ++row) {
        const BufferArg& arg = args_.buffers[static_cast<size_t>(k_.slot(id)) + row * tables];
        if (b.align > 0 && reinterpret_cast<uintptr_t>(arg.data) % static_cast<uintptr_t>(b.align) != 0)
          return make_error(ErrorCode::kInvalidArgument, "kernel @{}: buffer '{}' at {} is not aligned to {} bytes",
                            k_.name, b.name, arg.data, b.align);
        memory_[i].push_back({static_cast<std::byte*>(arg.data), arg.size, size_of(b.elem)});
      }
    }
    return Ok{};
  }

  void forget_scratch() {
    for (size_t i = 0; i < k_.buffers.size(); ++i)
      if (k_.buffers[i].space == Space::kWorkerScratch)
        scratch_[i].written.assign(static_cast<size_t>(k_.buffers[i].size), false);
  }

  // --- registers ---
  Register& reg(Value v) { return registers_[static_cast<size_t>(v.id)]; }
  const Register& operand(const Inst& inst, size_t i) { return reg(inst.operands[i]); }
  int64_t index_of(const Inst& inst, size_t i) { return static_cast<int64_t>(operand(inst, i)[0]); }
  DType elem(const Inst& inst, size_t i) const { return k_.type(inst.operands[i]).elem; }

  /// Parallel copy: a source may be one of the targets.
  void assign(const std::vector<Value>& targets, size_t first_target, const std::vector<Register>& values) {
    for (size_t i = 0; i < values.size(); ++i) reg(targets[first_target + i]) = values[i];
  }
  std::vector<Register> read(const std::vector<Value>& values, size_t first = 0) {
    std::vector<Register> out;
    for (size_t i = first; i < values.size(); ++i) out.push_back(reg(values[i]));
    return out;
  }

  // --- blocks ---
  /// Runs a block; its yielded values are then in yields_.
  Expected<void> run_block(const Block& block) {
    for (const Inst& inst : block.insts) {
      if (++steps_ > args_.max_steps)
        return fail(ErrorCode::kResourceExhausted, inst, "more than {} steps", args_.max_steps);
      if (inst.op == OpCode::kYield) {
        yields_ = read(inst.operands);
        return Ok{};
      }
      DLC_RETURN_IF_ERROR(run_inst(inst));
    }
    yields_.clear();
    return Ok{};
  }

  Expected<void> run_inst(const Inst& inst) {
    switch (op_info(inst.op).group) {
      case OpGroup::kMemory: return run_memory(inst);
      case OpGroup::kControl: return run_control(inst);
      default: return run_pure(inst);
    }
  }

  // --- arithmetic ---
  Expected<void> check_integer_operands(const Inst& inst) {
    const DType t = elem(inst, 0);
    if (!is_int(t)) return Ok{};
    const bool divides = inst.op == OpCode::kDiv || inst.op == OpCode::kRem;
    const bool shifts = inst.op == OpCode::kShl || inst.op == OpCode::kShr;
    if (!divides && !shifts) return Ok{};
    const Register &a = operand(inst, 0), &b = operand(inst, 1);
    const size_t width = 8 * size_of(t);
    const uint64_t minus_one = element_bits_int(t, -1), minimum = uint64_t{1} << (width - 1);
    for (size_t i = 0; i < a.size(); ++i) {
      if (divides && b[i] == 0) return fail(ErrorCode::kArithmetic, inst, "lane {}: division by zero", i);
      if (divides && is_signed_int(t) && b[i] == minus_one && a[i] == minimum)
        return fail(ErrorCode::kArithmetic, inst, "lane {}: the least value divided by -1", i);
      if (shifts && b[i] >= width)
        return fail(ErrorCode::kArithmetic, inst, "lane {}: shift of {} by {:#x}", i, t, b[i]);
    }
    return Ok{};
  }

  Expected<void> run_pure(const Inst& inst) {
    Register& out = reg(inst.results[0]);
    switch (op_info(inst.op).group) {
      case OpGroup::kLeaf: run_leaf(inst, out); return Ok{};
      case OpGroup::kUnary: eval_unary(inst.op, elem(inst, 0), operand(inst, 0), out); return Ok{};
      case OpGroup::kBinary: DLC_RETURN_IF_ERROR(check_integer_operands(inst)); [[fallthrough]];
      case OpGroup::kCompare: eval_binary(inst.op, elem(inst, 0), operand(inst, 0), operand(inst, 1), out); return Ok{};
      case OpGroup::kTernary: run_ternary(inst, out); return Ok{};
      case OpGroup::kCast:
        if (inst.op == OpCode::kBitcast)
          out = operand(inst, 0);
        else
          eval_convert(elem(inst, 0), k_.type(inst.results[0]).elem, operand(inst, 0), out);
        return Ok{};
      case OpGroup::kLaneMove: run_lane_move(inst, out); return Ok{};
      default: out[0] = eval_reduce(inst.op, elem(inst, 0), operand(inst, 0)); return Ok{};
    }
  }

  void run_leaf(const Inst& inst, Register& out) {
    const DType t = k_.type(inst.results[0]).elem;
    if (inst.op == OpCode::kConstant) {
      std::fill(out.begin(), out.end(), inst.bits);
    } else if (inst.op == OpCode::kScalar) {
      const auto slot = static_cast<uint64_t>(args_.scalars[static_cast<size_t>(inst.imm)]);
      const size_t width = 8 * size_of(t);
      out[0] = width == 64 ? slot : slot & ((uint64_t{1} << width) - 1);
    } else {
      for (size_t i = 0; i < out.size(); ++i) out[i] = element_bits_int(t, static_cast<int64_t>(i));
    }
  }

  void run_ternary(const Inst& inst, Register& out) {
    const Register &a = operand(inst, 0), &b = operand(inst, 1), &c = operand(inst, 2);
    if (inst.op == OpCode::kFma) return eval_fma(elem(inst, 0), a, b, c, out);
    for (size_t i = 0; i < out.size(); ++i) out[i] = a[i] != 0 ? b[i] : c[i];
  }

  void run_lane_move(const Inst& inst, Register& out) {
    const Register& a = operand(inst, 0);
    if (inst.op == OpCode::kBroadcast) return std::fill(out.begin(), out.end(), a[0]);
    if (inst.op == OpCode::kExtract) {
      out[0] = a[static_cast<size_t>(inst.imm)];
      return;
    }
    const Register& b = operand(inst, 1);
    for (size_t i = 0; i < out.size(); ++i) {
      const auto lane = static_cast<size_t>(inst.lanes[i]);
      out[i] = lane < a.size() ? a[lane] : b[lane - a.size()];
    }
  }

  // --- memory ---
  /// The memory of the buffer, of a table that of the row which the access names.
  Expected<const Memory*> memory(const Inst& inst, size_t row_at) {
    const std::vector<Memory>& rows = memory_[static_cast<size_t>(inst.buffer.id)];
    const Buffer& buffer = k_.buffer(inst.buffer);
    if (buffer.space != Space::kTable) return &rows[0];
    const int64_t row = index_of(inst, row_at);
    if (row < 0 || static_cast<size_t>(row) >= rows.size())
      return fail(ErrorCode::kOutOfRange, inst, "row {} of table '{}', which has {}", row, buffer.name, rows.size());
    return &rows[static_cast<size_t>(row)];
  }

  /// Checks one element's access and gives its address.
  Expected<std::byte*> access(const Inst& inst, const Memory& m, int64_t index, bool write) {
    const auto which = static_cast<size_t>(inst.buffer.id);
    const Buffer& buffer = k_.buffers[which];
    if (index < 0 || index >= m.size)
      return fail(ErrorCode::kOutOfRange, inst, "element {} of buffer '{}', which has {}", index, buffer.name, m.size);
    std::byte* const at = m.data + static_cast<size_t>(index) * m.width;
    if (buffer.space == Space::kWorkerScratch) {
      auto written = scratch_[which].written[static_cast<size_t>(index)];
      if (write) written = true;
      if (!written)
        return fail(ErrorCode::kInternal, inst, "element {} of scratch '{}' is read before it is written", index,
                    buffer.name);
      return at;
    }
    if (write && buffer.noalias) DLC_RETURN_IF_ERROR(check_alias(inst, m, at));
    if (chunk_ != kOutsideParallel) {
      if (const auto conflict = shadow_.touch(reinterpret_cast<uintptr_t>(at), m.width, chunk_, write))
        return fail(ErrorCode::kInternal, inst, "race on element {} of buffer '{}': chunk {} {} what {} {}", index,
                    buffer.name, chunk_, write ? "writes" : "reads",
                    conflict->other_chunk >= 0 ? fmt::format("chunk {}", conflict->other_chunk) : "other chunks",
                    conflict->other_wrote ? "wrote" : "read");
    }
    return at;
  }

  Expected<void> check_alias(const Inst& inst, const Memory& own, const std::byte* at) const {
    for (size_t i = 0; i < memory_.size(); ++i) {
      if (k_.buffers[i].space == Space::kWorkerScratch) continue;
      for (const Memory& other : memory_[i]) {
        const bool inside = at >= other.data && at < other.data + static_cast<size_t>(other.size) * other.width;
        if (inside && &other != &own)
          return fail(ErrorCode::kInternal, inst, "noalias buffer '{}' shares the stored element with buffer '{}'",
                      k_.buffer(inst.buffer).name, k_.buffers[i].name);
      }
    }
    return Ok{};
  }

  Expected<void> run_memory(const Inst& inst) {
    if (inst.op == OpCode::kPrefetch) return Ok{};
    const bool stores = inst.op == OpCode::kStore || inst.op == OpCode::kScatter;
    const bool by_vector = inst.op == OpCode::kGather || inst.op == OpCode::kScatter;
    const Value index = inst.operands[stores ? 1 : 0];
    const Register* mask = inst.masked ? &reg(inst.operands.back()) : nullptr;
    Register& data = stores ? reg(inst.operands[0]) : reg(inst.results[0]);
    DLC_ASSIGN_OR_RETURN(const Memory* const memory, this->memory(inst, stores ? 2 : 1));
    const size_t width = memory->width;

    for (size_t lane = 0; lane < data.size(); ++lane) {
      if (mask != nullptr && (*mask)[lane] == 0) {
        if (!stores) data[lane] = 0;
        continue;
      }
      const int64_t element = by_vector ? lane_index(index, lane) : static_cast<int64_t>(reg(index)[0] + lane);
      DLC_ASSIGN_OR_RETURN(std::byte* const at, access(inst, *memory, element, stores));
      const bool misaligned =
          lane == 0 && inst.imm > 0 && reinterpret_cast<uintptr_t>(at) % static_cast<uintptr_t>(inst.imm) != 0;
      const bool is_scratch = k_.buffers[static_cast<size_t>(inst.buffer.id)].space == Space::kWorkerScratch;
      if (misaligned && !is_scratch)
        return fail(ErrorCode::kInternal, inst, "element {} at {} is not aligned to {} bytes", element, fmt::ptr(at),
                    inst.imm);
      if (stores) {
        std::memcpy(at, &data[lane], width);
      } else {
        data[lane] = 0;
        std::memcpy(&data[lane], at, width);
      }
    }
    return Ok{};
  }

  int64_t lane_index(Value index, size_t lane) {
    const uint64_t bits = reg(index)[lane];
    return k_.type(index).elem == kInt32 ? from_bits<int32_t>(bits) : static_cast<int64_t>(bits);
  }

  // --- control ---
  Expected<void> run_control(const Inst& inst) {
    switch (inst.op) {
      case OpCode::kFor: return run_for(inst);
      case OpCode::kWhile: return run_while(inst);
      case OpCode::kIf: return run_if(inst);
      case OpCode::kParallel: return run_parallel(inst);
      default: return run_fault(inst);
    }
  }

  Expected<void> run_for(const Inst& inst) {
    const int64_t upper = index_of(inst, 1);
    const Block& body = inst.blocks[0];
    std::vector<Register> carried = read(inst.operands, 2);
    for (int64_t i = index_of(inst, 0); i < upper; i += inst.imm) {
      reg(body.args[0])[0] = static_cast<uint64_t>(i);
      assign(body.args, 1, carried);
      DLC_RETURN_IF_ERROR(run_block(body));
      carried = std::move(yields_);
      if (i > std::numeric_limits<int64_t>::max() - inst.imm) break;
    }
    assign(inst.results, 0, carried);
    return Ok{};
  }

  Expected<void> run_while(const Inst& inst) {
    std::vector<Register> carried = read(inst.operands);
    for (;;) {
      assign(inst.blocks[0].args, 0, carried);
      DLC_RETURN_IF_ERROR(run_block(inst.blocks[0]));
      const bool goes_on = yields_[0][0] != 0;
      carried.assign(yields_.begin() + 1, yields_.end());
      if (!goes_on) break;
      assign(inst.blocks[1].args, 0, carried);
      DLC_RETURN_IF_ERROR(run_block(inst.blocks[1]));
      carried = std::move(yields_);
    }
    assign(inst.results, 0, carried);
    return Ok{};
  }

  Expected<void> run_if(const Inst& inst) {
    DLC_RETURN_IF_ERROR(run_block(inst.blocks[operand(inst, 0)[0] != 0 ? 0 : 1]));
    const std::vector<Register> values = std::move(yields_);
    assign(inst.results, 0, values);
    return Ok{};
  }

  Expected<void> run_parallel(const Inst& inst) {
    const int64_t n = index_of(inst, 0);
    if (n > std::numeric_limits<int32_t>::max())
      return fail(ErrorCode::kInternal, inst, "{} chunks, more than any schedule asks for", n);
    std::vector<int64_t> order(static_cast<size_t>(std::max<int64_t>(n, 0)));
    std::iota(order.begin(), order.end(), int64_t{0});
    if (args_.chunk_seed != 0) std::shuffle(order.begin(), order.end(), std::mt19937_64(args_.chunk_seed));
    shadow_.clear();
    for (const int64_t chunk : order) {
      chunk_ = chunk;
      forget_scratch();
      reg(inst.blocks[0].args[0])[0] = static_cast<uint64_t>(chunk);
      DLC_RETURN_IF_ERROR(run_block(inst.blocks[0]));
    }
    chunk_ = kOutsideParallel;
    forget_scratch();
    return Ok{};
  }

  Expected<void> run_fault(const Inst& inst) {
    const Register& condition = operand(inst, 0);
    const auto lane_of = [&](size_t i, size_t lane) {
      const Register& r = operand(inst, i);
      return static_cast<int64_t>(r[r.size() == 1 ? 0 : lane]);
    };
    for (size_t lane = 0; lane < condition.size(); ++lane) {
      if (condition[lane] == 0) continue;
      const int64_t site = index_of(inst, 1), element = lane_of(2, lane), value = lane_of(3, lane);
      if (!args_.fault)
        return fail(ErrorCode::kOutOfRange, inst, "check {} failed at element {} with value {}", site, element, value);
      args_.fault(site, element, value);
      break;
    }
    return Ok{};
  }

  const Kernel& k_;
  const RunArgs& args_;
  std::vector<Register> registers_;
  std::vector<Register> yields_;
  std::vector<std::vector<Memory>> memory_;  ///< by buffer: one, or one a row of a table
  std::vector<Scratch> scratch_;
  Shadow shadow_;
  int64_t chunk_ = kOutsideParallel;
  int64_t steps_ = 0;
};

}  // namespace

Expected<void> interpret(const Kernel& kernel, const RunArgs& args) { return Interpreter(kernel, args).run(); }

}  // namespace dlc::backend::loops
