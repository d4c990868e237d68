#include "backend/loops/printer.h"

#include <cmath>
#include <iterator>
#include <string_view>

#include "backend/loops/element.h"
#include "backend/loops/op_info.h"

namespace dlc::backend::loops {
namespace {

template <typename T>
std::string float_literal(uint64_t bits) {
  const T x = from_bits<T>(bits);
  // A NaN has a payload that "nan" would lose.
  if (std::isnan(x)) return fmt::format("bits({:#x})", bits);
  std::string text = fmt::format("{}", x);
  const bool looks_integer = text.find_first_of(".en") == std::string::npos;
  return looks_integer ? text + ".0" : text;
}

std::string literal(DType t, uint64_t bits) {
  switch (t) {
    case DType::kF32: return float_literal<float>(bits);
    case DType::kF64: return float_literal<double>(bits);
    case DType::kBool: return bits == 1 ? "true" : bits == 0 ? "false" : fmt::format("bits({:#x})", bits);
    case DType::kI32: return fmt::format("{}", from_bits<int32_t>(bits));
    case DType::kI64: return fmt::format("{}", from_bits<int64_t>(bits));
    case DType::kU8:
    case DType::kU32:
    case DType::kU64: break;
  }
  return fmt::format("{}", bits);
}

class Printer {
 public:
  Printer(const Kernel& kernel, bool normalise) : kernel_(kernel), normalise_(normalise) {
    names_.resize(kernel.types.size());
    name_block(kernel.body);
  }

  std::string kernel_text() {
    line("kernel @{}({}) {{", normalise_ ? "k" : kernel_.name, parameters());
    ++depth_;
    for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
      const Buffer& b = kernel_.buffers[i];
      if (b.space != Space::kWorkerScratch) continue;
      line("scratch {}: {}[{}]{}", buffer_name(static_cast<int>(i)), b.elem, b.size, attributes_of(b));
    }
    block_text(kernel_.body, /*in_control=*/false);
    --depth_;
    line("}}");
    return std::move(out_);
  }

  std::string head_text(const Inst& inst) {
    std::string results;
    for (const Value v : inst.results) results += (results.empty() ? "" : ", ") + name(v);
    return results.empty() ? head(inst) : results + " = " + head(inst);
  }

 private:
  // --- names ---
  void name_block(const Block& block) {
    for (const Value v : block.args) number(v);
    for (const Inst& inst : block.insts) {
      if (inst.op == OpCode::kConstant && inst.results.size() == 1 && known(inst.results[0])) {
        set(inst.results[0], literal(kernel_.type(inst.results[0]).elem, inst.bits));
      } else if (inst.op == OpCode::kScalar && inst.results.size() == 1) {
        set(inst.results[0], scalar_name(inst.imm));
      } else {
        for (const Value v : inst.results) number(v);
      }
      for (const Block& inner : inst.blocks) name_block(inner);
    }
  }
  bool known(Value v) const { return v.id >= 0 && static_cast<size_t>(v.id) < names_.size(); }
  void set(Value v, std::string text) {
    if (known(v)) names_[static_cast<size_t>(v.id)] = std::move(text);
  }
  void number(Value v) { set(v, fmt::format("%{}", next_++)); }

  std::string name(Value v) const {
    if (known(v) && !names_[static_cast<size_t>(v.id)].empty()) return names_[static_cast<size_t>(v.id)];
    return fmt::format("<undefined {}>", v.id);
  }
  std::string type(Value v) const { return known(v) ? to_string(kernel_.type(v)) : "?"; }
  std::string scalar_name(int64_t i) const {
    if (i < 0 || static_cast<size_t>(i) >= kernel_.scalars.size()) return fmt::format("<no scalar {}>", i);
    return normalise_ ? fmt::format("%s{}", i) : "%" + kernel_.scalars[static_cast<size_t>(i)].name;
  }
  std::string buffer_name(int i) const {
    if (i < 0 || static_cast<size_t>(i) >= kernel_.buffers.size()) return fmt::format("<no buffer {}>", i);
    return normalise_ ? fmt::format("%b{}", i) : "%" + kernel_.buffers[static_cast<size_t>(i)].name;
  }

  // --- parameters ---
  static std::string attributes_of(const Buffer& b) {
    std::string text;
    if (!b.noalias) text += " may_alias";
    if (b.align != 0) text += fmt::format(" align {}", b.align);
    return text;
  }
  std::string parameters() const {
    std::string text;
    for (size_t i = 0; i < kernel_.buffers.size(); ++i) {
      const Buffer& b = kernel_.buffers[i];
      if (b.space == Space::kWorkerScratch) continue;
      if (!text.empty()) text += ", ";
      text += fmt::format("{}: {}*{} {}{}", buffer_name(static_cast<int>(i)), b.elem,
                          b.space == Space::kTable ? "[]" : "", b.written ? "inout" : "readonly", attributes_of(b));
    }
    for (size_t i = 0; i < kernel_.scalars.size(); ++i) {
      if (!text.empty()) text += ", ";
      text += fmt::format("{}: {}", scalar_name(static_cast<int64_t>(i)), kernel_.scalars[i].type);
    }
    return text;
  }

  // --- instructions ---
  std::string operand(const Inst& inst, size_t i) const {
    return i < inst.operands.size() ? name(inst.operands[i]) : "<missing>";
  }
  std::string operand_type(const Inst& inst, size_t i) const {
    return i < inst.operands.size() ? type(inst.operands[i]) : "?";
  }
  std::string result_type(const Inst& inst) const { return inst.results.empty() ? "?" : type(inst.results[0]); }

  std::string operand_list(const Inst& inst, size_t first = 0) const {
    std::string text;
    for (size_t i = first; i < inst.operands.size(); ++i) text += (text.empty() ? "" : ", ") + name(inst.operands[i]);
    return text;
  }

  /// `%x`, or `%x[%row]` of a table, whose row stands behind the index.
  std::string accessed(const Inst& inst, size_t index_at) const {
    std::string text = buffer_name(inst.buffer.id);
    const auto i = static_cast<size_t>(inst.buffer.id);
    const bool table = inst.buffer.id >= 0 && i < kernel_.buffers.size() && kernel_.buffers[i].space == Space::kTable;
    if (table) text += fmt::format("[{}]", operand(inst, index_at + 1));
    return text + fmt::format("[{}]", operand(inst, index_at));
  }

  std::string memory_suffix(const Inst& inst) const {
    std::string text;
    if (inst.masked && !inst.operands.empty()) text += " mask " + name(inst.operands.back());
    if (inst.imm != 0) text += fmt::format(" align {}", inst.imm);
    return text;
  }

  /// ` carry %3: f32 = 0.0, ...`: block arguments and the operands that start them.
  std::string carried(const Inst& inst, size_t first_operand, size_t first_arg) const {
    std::string text;
    for (size_t i = first_operand; i < inst.operands.size(); ++i) {
      const size_t arg = i - first_operand + first_arg;
      const bool has = !inst.blocks.empty() && arg < inst.blocks[0].args.size();
      const std::string arg_name = has ? name(inst.blocks[0].args[arg]) : "<missing>";
      text += fmt::format("{}{}: {} = {}", text.empty() ? " carry " : ", ", arg_name, type(inst.operands[i]),
                          name(inst.operands[i]));
    }
    return text;
  }
  std::string first_arg(const Inst& inst) const {
    const bool has = !inst.blocks.empty() && !inst.blocks[0].args.empty();
    return has ? name(inst.blocks[0].args[0]) : "<missing>";
  }

  std::string head(const Inst& inst) const {
    switch (inst.op) {
      case OpCode::kConstant: return fmt::format("constant {:#x} : {}", inst.bits, result_type(inst));
      case OpCode::kScalar: return fmt::format("scalar {} : {}", scalar_name(inst.imm), result_type(inst));
      case OpCode::kIota: return fmt::format("iota : {}", result_type(inst));
      case OpCode::kLoad:
        return fmt::format("load {}{} : {}", accessed(inst, 0), memory_suffix(inst), result_type(inst));
      case OpCode::kGather:
        return fmt::format("gather {}{} : {} by {}", accessed(inst, 0), memory_suffix(inst), result_type(inst),
                           operand_type(inst, 0));
      case OpCode::kStore:
        return fmt::format("store {}, {}{} : {}", accessed(inst, 1), operand(inst, 0), memory_suffix(inst),
                           operand_type(inst, 0));
      case OpCode::kScatter:
        return fmt::format("scatter {}, {}{} : {} by {}", accessed(inst, 1), operand(inst, 0), memory_suffix(inst),
                           operand_type(inst, 0), operand_type(inst, 1));
      case OpCode::kPrefetch: return fmt::format("prefetch {}{}", accessed(inst, 0), inst.imm != 0 ? " for write" : "");
      case OpCode::kFor:
        return fmt::format("for {} = {} to {} step {}{}", first_arg(inst), operand(inst, 0), operand(inst, 1), inst.imm,
                           carried(inst, 2, 1));
      case OpCode::kWhile: return fmt::format("while{}", carried(inst, 0, 0));
      case OpCode::kIf: return fmt::format("if {}", operand(inst, 0));
      case OpCode::kParallel: return fmt::format("parallel {} of {}", first_arg(inst), operand(inst, 0));
      case OpCode::kYield: return inst.operands.empty() ? "yield" : fmt::format("yield {}", operand_list(inst));
      case OpCode::kFault:
        return fmt::format("fault {} site {} element {} value {} : {}", operand(inst, 0), operand(inst, 1),
                           operand(inst, 2), operand(inst, 3), operand_type(inst, 0));
      default: break;
    }
    const std::string text = fmt::format("{} {}", to_string(inst.op), operand_list(inst));
    switch (op_info(inst.op).group) {
      case OpGroup::kCompare: return fmt::format("{} : {}", text, operand_type(inst, 0));
      case OpGroup::kCast:
      case OpGroup::kReduce: return fmt::format("{} : {} -> {}", text, operand_type(inst, 0), result_type(inst));
      default: break;
    }
    if (inst.op == OpCode::kExtract)
      return fmt::format("{}[{}] : {} -> {}", text, inst.imm, operand_type(inst, 0), result_type(inst));
    if (inst.op == OpCode::kShuffle)
      return fmt::format("{} [{}] : {} -> {}", text, fmt::join(inst.lanes, " "), operand_type(inst, 0),
                         result_type(inst));
    return fmt::format("{} : {}", text, result_type(inst));
  }

  void inst_text(const Inst& inst) {
    const std::string first = head_text(inst);
    if (inst.blocks.empty()) return line("{}", first);
    line("{} {{", first);
    for (size_t i = 0; i < inst.blocks.size(); ++i) {
      const Block& block = inst.blocks[i];
      if (i == 1 && inst.op == OpCode::kIf) {
        const bool empty = block.insts.empty() || (block.insts.size() == 1 && block.insts[0].operands.empty());
        if (empty) continue;
        line("}} else {{");
      } else if (i == 1) {
        std::string args;
        for (const Value v : block.args) args += (args.empty() ? "" : ", ") + name(v) + ": " + type(v);
        line("}} do {} {{", args);
      }
      ++depth_;
      block_text(block, /*in_control=*/true);
      --depth_;
    }
    line("}}");
  }

  void block_text(const Block& block, bool in_control) {
    for (const Inst& inst : block.insts) {
      const bool inlined = inst.op == OpCode::kConstant || inst.op == OpCode::kScalar;
      const bool plain_end = inst.op == OpCode::kYield && (inst.operands.empty() || !in_control);
      if (!inlined && !plain_end) inst_text(inst);
    }
  }

  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_.append(2 * static_cast<size_t>(depth_), ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  const Kernel& kernel_;
  const bool normalise_;
  std::vector<std::string> names_;
  int next_ = 0;
  int depth_ = 0;
  std::string out_;
};

}  // namespace

std::string to_string(Type type) {
  return type.lanes == 1 ? to_string(type.elem) : fmt::format("{}x{}", type.elem, type.lanes);
}

std::string print(const Kernel& kernel) { return Printer(kernel, /*normalise=*/false).kernel_text(); }

std::string print(const Kernel& kernel, const Inst& inst) {
  return Printer(kernel, /*normalise=*/false).head_text(inst);
}

std::string content(const Kernel& kernel) { return Printer(kernel, /*normalise=*/true).kernel_text(); }

}  // namespace dlc::backend::loops
