// Structure: a Frame is one LLVM function under construction, the kernel's entry or the body of a
// `parallel`. A body is a function of its own, (context, chunk, closure); the closure, on the stack
// of the entry, holds the kernel's two argument arrays and the outer values that the body uses.
// Constants and scalar parameters are not captured but made again.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "backend/llvm/emit.h"
#include "backend/llvm/emit_arith.h"
#include "backend/llvm/emit_memory.h"
#include "backend/loops/op_info.h"
#include "backend/loops/printer.h"

namespace dlc::backend::native {
namespace {

using loops::Block;
using loops::Inst;
using loops::Kernel;
using loops::OpCode;
using loops::OpGroup;

struct Frame {
  llvm::Function* function = nullptr;
  llvm::Value* context = nullptr;
  llvm::Value* buffers_arg = nullptr;
  llvm::Value* scalars_arg = nullptr;
  std::vector<llvm::Value*> buffers;  ///< base addresses by BufferId
  std::vector<llvm::Value*> values;   ///< by Value::id; null: not defined here
};

class KernelEmitter {
 public:
  KernelEmitter(llvm::Module& module, const Kernel& kernel, const TargetSpec& target)
      : module_(module),
        context_(module.getContext()),
        k_(kernel),
        target_(target),
        b_(context_),
        alias_(context_, kernel) {}

  Expected<void> emit() {
    llvm::Function* const entry = declare_entry(module_, k_.name);
    DLC_CHECK(entry->isDeclaration(), "kernel '{}' is twice in one module", k_.name);
    frame_.function = entry;
    frame_.context = entry->getArg(0);
    open_frame(entry->getArg(1), entry->getArg(2));
    emit_block(k_.body);
    b_.CreateRetVoid();
    if (error_) return *std::move(error_);
    return Ok{};
  }

 private:
  using Values = std::vector<llvm::Value*>;

  // --- functions ---
  /// Begins frame_.function: loads the addresses of the buffers and makes room for scratch.
  void open_frame(llvm::Value* buffers_arg, llvm::Value* scalars_arg) {
    if (frame_.function->empty()) b_.SetInsertPoint(new_block("entry"));
    frame_.buffers_arg = buffers_arg;
    frame_.scalars_arg = scalars_arg;
    frame_.values.assign(k_.types.size(), nullptr);
    frame_.buffers.clear();
    uint64_t slot = 0;
    for (const loops::Buffer& buffer : k_.buffers) {
      if (buffer.space == loops::Space::kTable) {
        frame_.buffers.push_back(nullptr);  // each access says of which row
        continue;
      }
      if (buffer.space == loops::Space::kWorkerScratch) {
        auto* const type =
            llvm::ArrayType::get(memory_type(context_, {buffer.elem, 1}), static_cast<uint64_t>(buffer.size));
        llvm::AllocaInst* const scratch = b_.CreateAlloca(type, nullptr, buffer.name);
        scratch->setAlignment(llvm::Align(64));
        frame_.buffers.push_back(scratch);
        continue;
      }
      llvm::Value* const at = b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), buffers_arg, slot++);
      frame_.buffers.push_back(b_.CreateAlignedLoad(b_.getPtrTy(), at, llvm::Align(8), buffer.name));
    }
  }

  llvm::BasicBlock* new_block(const char* name) { return llvm::BasicBlock::Create(context_, name, frame_.function); }

  // --- values ---
  llvm::Value*& value(loops::Value v) { return frame_.values[static_cast<size_t>(v.id)]; }
  llvm::Value* operand(const Inst& inst, size_t i) { return value(inst.operands[i]); }
  loops::Type type(const Inst& inst, size_t i) const { return k_.type(inst.operands[i]); }
  llvm::Type* ir_type(loops::Type t) { return value_type(context_, t); }

  /// Remembers the first instruction that cannot be translated; emission goes on with poison.
  llvm::Value* unsupported(const Inst& inst) {
    if (!error_) {
      error_ = make_error(ErrorCode::kUnimplemented, "kernel '{}': target '{}' has no instruction for '{}'", k_.name,
                          target_.info.name, loops::print(k_, inst));
    }
    return inst.results.empty() ? nullptr : llvm::PoisonValue::get(ir_type(k_.type(inst.results[0])));
  }

  // --- instructions ---
  /// The values that the block yields.
  Values emit_block(const Block& block) {
    for (const Inst& inst : block.insts) {
      if (inst.op == OpCode::kYield) {
        Values yields;
        for (const loops::Value v : inst.operands) yields.push_back(value(v));
        return yields;
      }
      emit_inst(inst);
    }
    return {};
  }

  void emit_inst(const Inst& inst) {
    switch (loops::op_info(inst.op).group) {
      case OpGroup::kMemory: {
        llvm::Value* const result = emit_memory(inst);
        if (!inst.results.empty()) value(inst.results[0]) = result;
        return;
      }
      case OpGroup::kControl: return emit_control(inst);
      default: {
        llvm::Value* const result = emit_pure(inst);
        value(inst.results[0]) = result ? result : unsupported(inst);
      }
    }
  }

  llvm::Value* emit_pure(const Inst& inst) {
    const loops::Type result = k_.type(inst.results[0]);
    switch (loops::op_info(inst.op).group) {
      case OpGroup::kLeaf: return emit_leaf(inst, result);
      case OpGroup::kUnary: return emit_unary(b_, target_, inst.op, result, operand(inst, 0));
      case OpGroup::kBinary: return emit_binary(b_, inst.op, result, operand(inst, 0), operand(inst, 1));
      case OpGroup::kCompare: return emit_compare(b_, inst.op, type(inst, 0), operand(inst, 0), operand(inst, 1));
      case OpGroup::kTernary:
        if (inst.op == OpCode::kFma)
          return emit_fma(b_, target_, result, operand(inst, 0), operand(inst, 1), operand(inst, 2));
        return b_.CreateSelect(operand(inst, 0), operand(inst, 1), operand(inst, 2));
      case OpGroup::kCast:
        if (inst.op == OpCode::kBitcast) return b_.CreateBitCast(operand(inst, 0), ir_type(result));
        return emit_convert(b_, type(inst, 0), result, operand(inst, 0));
      case OpGroup::kLaneMove: return emit_lane_move(inst, result);
      case OpGroup::kReduce: return emit_reduce(b_, inst.op, type(inst, 0), operand(inst, 0));
      default: return nullptr;
    }
  }

  llvm::Value* emit_leaf(const Inst& inst, loops::Type t) {
    if (inst.op == OpCode::kConstant) return constant(context_, t, inst.bits);
    if (inst.op == OpCode::kScalar) {
      llvm::Value* const slot =
          b_.CreateConstInBoundsGEP1_64(b_.getInt64Ty(), frame_.scalars_arg, static_cast<uint64_t>(inst.imm));
      const std::string& name = k_.scalars[static_cast<size_t>(inst.imm)].name;
      llvm::Value* const loaded = b_.CreateAlignedLoad(memory_type(context_, t), slot, llvm::Align(8), name);
      return from_memory(b_, t, loaded);
    }
    std::vector<llvm::Constant*> lanes;
    llvm::Type* const elem = ir_type({t.elem, 1});
    for (int i = 0; i < t.lanes; ++i) lanes.push_back(constant(context_, {t.elem, 1}, iota_bits(t.elem, i)));
    return t.lanes == 1 ? llvm::Constant::getNullValue(elem) : llvm::ConstantVector::get(lanes);
  }

  static uint64_t iota_bits(DType t, int i) {
    if (t == kFloat32) return llvm::APFloat(static_cast<float>(i)).bitcastToAPInt().getZExtValue();
    if (t == kFloat64) return llvm::APFloat(static_cast<double>(i)).bitcastToAPInt().getZExtValue();
    return static_cast<uint64_t>(i);
  }

  llvm::Value* emit_lane_move(const Inst& inst, loops::Type result) {
    llvm::Value* const a = operand(inst, 0);
    if (inst.op == OpCode::kBroadcast)
      return result.lanes == 1 ? a : b_.CreateVectorSplat(static_cast<unsigned>(result.lanes), a);
    if (inst.op == OpCode::kExtract)
      return type(inst, 0).lanes == 1 ? a : b_.CreateExtractElement(a, static_cast<uint64_t>(inst.imm));
    llvm::Value* const shuffled =
        b_.CreateShuffleVector(as_vector(b_, a), as_vector(b_, operand(inst, 1)), llvm::ArrayRef<int>(inst.lanes));
    return result.lanes == 1 ? b_.CreateExtractElement(shuffled, uint64_t{0}) : shuffled;
  }

  /// The address of the buffer; of a table that of the row's, which the access names.
  llvm::Value* base(const Inst& inst, size_t row_at) {
    const auto which = static_cast<size_t>(inst.buffer.id);
    if (k_.buffers[which].space != loops::Space::kTable) return frame_.buffers[which];
    const auto number = [&](int64_t n) { return b_.getInt64(static_cast<uint64_t>(n)); };
    llvm::Value* const slot = b_.CreateNSWAdd(
        b_.CreateNSWMul(operand(inst, row_at), number(k_.count(loops::Space::kTable))), number(k_.slot(inst.buffer)));
    llvm::LoadInst* const address = b_.CreateAlignedLoad(
        b_.getPtrTy(), b_.CreateInBoundsGEP(b_.getPtrTy(), frame_.buffers_arg, slot), llvm::Align(8));
    // Nobody writes the table while the kernel runs: the address leaves the loop over the elements.
    address->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context_, {}));
    return address;
  }

  llvm::Value* emit_memory(const Inst& inst) {
    const auto which = static_cast<size_t>(inst.buffer.id);
    if (inst.op == OpCode::kPrefetch) {
      emit_prefetch(b_, k_.buffers[which].elem, base(inst, 1), operand(inst, 0), inst.imm != 0);
      return nullptr;
    }
    const bool stores = inst.op == OpCode::kStore || inst.op == OpCode::kScatter;
    MemoryAccess access{
        .inst = inst,
        .buffer = k_.buffers[which],
        .base = base(inst, stores ? 2 : 1),
        .type = stores ? type(inst, 0) : k_.type(inst.results[0]),
        .stored = stores ? operand(inst, 0) : nullptr,
        .index = operand(inst, stores ? 1 : 0),
        .index_type = type(inst, stores ? 1 : 0),
        .mask = inst.masked ? value(inst.operands.back()) : nullptr,
    };
    return emit_access(b_, alias_, access);
  }

  // --- control flow ---
  void emit_control(const Inst& inst) {
    switch (inst.op) {
      case OpCode::kFor: return emit_for(inst);
      case OpCode::kWhile: return emit_while(inst);
      case OpCode::kIf: return emit_if(inst);
      case OpCode::kParallel: return emit_parallel(inst);
      default: return emit_fault(inst);
    }
  }

  llvm::PHINode* new_phi(llvm::Type* t, llvm::Value* first, llvm::BasicBlock* from, const char* name) {
    llvm::PHINode* const phi = b_.CreatePHI(t, 2, name);
    phi->addIncoming(first, from);
    return phi;
  }

  /// if (lower < upper) do { body } while ((i += step) < upper): one branch a turn.
  void emit_for(const Inst& inst) {
    const Block& body = inst.blocks[0];
    llvm::Value* const lower = operand(inst, 0);
    llvm::Value* const upper = operand(inst, 1);
    Values init;
    for (size_t i = 2; i < inst.operands.size(); ++i) init.push_back(operand(inst, i));

    llvm::BasicBlock* const before = b_.GetInsertBlock();
    llvm::BasicBlock* const turn = new_block("for");
    llvm::BasicBlock* const done = new_block("end");
    b_.CreateCondBr(b_.CreateICmpSLT(lower, upper), turn, done);

    b_.SetInsertPoint(turn);
    llvm::PHINode* const i = new_phi(b_.getInt64Ty(), lower, before, "i");
    value(body.args[0]) = i;
    std::vector<llvm::PHINode*> carried;
    for (size_t c = 0; c < init.size(); ++c) {
      carried.push_back(new_phi(init[c]->getType(), init[c], before, ""));
      value(body.args[c + 1]) = carried[c];
    }
    const Values yields = emit_block(body);
    llvm::BasicBlock* const latch = b_.GetInsertBlock();
    llvm::Value* const next = b_.CreateAdd(i, b_.getInt64(static_cast<uint64_t>(inst.imm)), "", false, /*HasNSW=*/true);
    i->addIncoming(next, latch);
    for (size_t c = 0; c < init.size(); ++c) carried[c]->addIncoming(yields[c], latch);
    b_.CreateCondBr(b_.CreateICmpSLT(next, upper), turn, done);

    b_.SetInsertPoint(done);
    for (size_t c = 0; c < init.size(); ++c) {
      llvm::PHINode* const result = new_phi(init[c]->getType(), init[c], before, "");
      result->addIncoming(yields[c], latch);
      value(inst.results[c]) = result;
    }
  }

  void emit_while(const Inst& inst) {
    const Block &test = inst.blocks[0], &body = inst.blocks[1];
    llvm::BasicBlock* const before = b_.GetInsertBlock();
    llvm::BasicBlock* const head = new_block("while");
    llvm::BasicBlock* const turn = new_block("do");
    llvm::BasicBlock* const done = new_block("end");
    b_.CreateBr(head);

    b_.SetInsertPoint(head);
    std::vector<llvm::PHINode*> carried;
    for (size_t c = 0; c < inst.operands.size(); ++c) {
      llvm::Value* const init = operand(inst, c);
      carried.push_back(new_phi(init->getType(), init, before, ""));
      value(test.args[c]) = carried[c];
    }
    const Values tested = emit_block(test);  // the condition, then what is carried on
    b_.CreateCondBr(tested[0], turn, done);

    b_.SetInsertPoint(turn);
    for (size_t c = 0; c < carried.size(); ++c) value(body.args[c]) = tested[c + 1];
    const Values yields = emit_block(body);
    for (size_t c = 0; c < carried.size(); ++c) carried[c]->addIncoming(yields[c], b_.GetInsertBlock());
    b_.CreateBr(head);

    b_.SetInsertPoint(done);
    for (size_t c = 0; c < carried.size(); ++c) value(inst.results[c]) = tested[c + 1];
  }

  void emit_if(const Inst& inst) {
    llvm::BasicBlock* const yes = new_block("then");
    llvm::BasicBlock* const no = new_block("else");
    llvm::BasicBlock* const done = new_block("end");
    b_.CreateCondBr(operand(inst, 0), yes, no);
    const auto emit_side = [&](llvm::BasicBlock* start, const Block& block) {
      b_.SetInsertPoint(start);
      Values yields = emit_block(block);
      llvm::BasicBlock* const end = b_.GetInsertBlock();
      b_.CreateBr(done);
      return std::pair(std::move(yields), end);
    };
    const auto [then_values, then_end] = emit_side(yes, inst.blocks[0]);
    const auto [else_values, else_end] = emit_side(no, inst.blocks.size() > 1 ? inst.blocks[1] : Block{});
    b_.SetInsertPoint(done);
    for (size_t r = 0; r < inst.results.size(); ++r) {
      llvm::PHINode* const result = new_phi(then_values[r]->getType(), then_values[r], then_end, "");
      result->addIncoming(else_values[r], else_end);
      value(inst.results[r]) = result;
    }
  }

  // --- services ---
  llvm::CallInst* call_service(size_t offset, llvm::ArrayRef<llvm::Value*> arguments) {
    llvm::Value* const services =
        b_.CreateLoad(b_.getPtrTy(), context_field(b_, frame_.context, offsetof(dlc_context, services)), "services");
    llvm::Value* const function = b_.CreateLoad(b_.getPtrTy(), context_field(b_, services, offset));
    std::vector<llvm::Type*> types;
    for (const llvm::Value* a : arguments) types.push_back(a->getType());
    llvm::CallInst* const call =
        b_.CreateCall(llvm::FunctionType::get(b_.getVoidTy(), types, false), function, arguments);
    call->setDoesNotThrow();
    return call;
  }

  /// The first lane whose condition holds is reported, off the straight path.
  void emit_fault(const Inst& inst) {
    llvm::Value* const condition = operand(inst, 0);
    const int lanes = type(inst, 0).lanes;
    llvm::BasicBlock* const report = new_block("fault");
    llvm::BasicBlock* const next = new_block("checked");
    llvm::Value* const any = lanes == 1 ? condition : b_.CreateOrReduce(condition);
    b_.CreateCondBr(any, report, next, llvm::MDBuilder(context_).createUnlikelyBranchWeights());
    b_.SetInsertPoint(report);
    llvm::Value* lane = nullptr;
    if (lanes > 1) {
      llvm::Value* const bits = b_.CreateBitCast(condition, b_.getIntNTy(static_cast<unsigned>(lanes)));
      lane = b_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, bits, /*is zero poison*/ b_.getTrue());
    }
    const auto of_lane = [&](size_t i) {
      return type(inst, i).lanes == 1 ? operand(inst, i) : b_.CreateExtractElement(operand(inst, i), lane);
    };
    llvm::CallInst* const call =
        call_service(offsetof(dlc_services, report_fault), {frame_.context, operand(inst, 1), of_lane(2), of_lane(3)});
    // It touches the context and what only the host can see, never the buffers.
    call->setMemoryEffects(llvm::MemoryEffects::inaccessibleOrArgMemOnly());
    call->addFnAttr(llvm::Attribute::Cold);
    b_.CreateBr(next);
    b_.SetInsertPoint(next);
  }

  // --- parallel ---
  void emit_parallel(const Inst& inst) {
    const std::vector<loops::Value> captured = captures(inst);
    std::vector<llvm::Type*> fields = {b_.getPtrTy(), b_.getPtrTy()};
    for (const loops::Value v : captured) fields.push_back(value(v)->getType());
    llvm::StructType* const closure_type = llvm::StructType::get(context_, fields);

    llvm::Value* const closure = entry_alloca(closure_type);
    b_.CreateStore(frame_.buffers_arg, b_.CreateStructGEP(closure_type, closure, 0));
    b_.CreateStore(frame_.scalars_arg, b_.CreateStructGEP(closure_type, closure, 1));
    for (size_t i = 0; i < captured.size(); ++i)
      b_.CreateStore(value(captured[i]), b_.CreateStructGEP(closure_type, closure, static_cast<unsigned>(i + 2)));
    llvm::Function* const body = emit_body(inst, closure_type, captured);
    call_service(offsetof(dlc_services, parallel_for), {frame_.context, operand(inst, 0), body, closure});
  }

  llvm::Value* entry_alloca(llvm::Type* t) {
    llvm::BasicBlock& entry = frame_.function->getEntryBlock();
    return Builder(&entry, entry.begin()).CreateAlloca(t, nullptr, "closure");
  }

  llvm::Function* emit_body(const Inst& inst, llvm::StructType* closure_type,
                            const std::vector<loops::Value>& captured) {
    auto* const type = llvm::FunctionType::get(b_.getVoidTy(), {b_.getPtrTy(), b_.getInt64Ty(), b_.getPtrTy()}, false);
    llvm::Function* const body =
        llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, k_.name + ".chunk", module_);
    set_function_attributes(*body);
    const char* const names[] = {"context", "chunk", "closure"};
    for (unsigned i = 0; i < 3; ++i) body->getArg(i)->setName(names[i]);
    body->addParamAttr(0, llvm::Attribute::NoAlias);
    body->addParamAttr(2, llvm::Attribute::NoAlias);
    body->addParamAttr(2, llvm::Attribute::ReadOnly);

    const Builder::InsertPoint outside = b_.saveIP();
    Frame outer = std::exchange(frame_, Frame{});
    frame_.function = body;
    frame_.context = body->getArg(0);
    b_.SetInsertPoint(new_block("entry"));
    const auto field = [&](unsigned i) {
      return b_.CreateLoad(closure_type->getElementType(i), b_.CreateStructGEP(closure_type, body->getArg(2), i));
    };
    llvm::Value* const buffers = field(0);
    open_frame(buffers, field(1));
    for (size_t i = 0; i < captured.size(); ++i) value(captured[i]) = field(static_cast<unsigned>(i + 2));
    for (const Inst& leaf : k_.body.insts) {
      if (is_leaf(leaf)) emit_inst(leaf);
    }
    value(inst.blocks[0].args[0]) = body->getArg(1);
    emit_block(inst.blocks[0]);
    b_.CreateRetVoid();
    frame_ = std::move(outer);
    b_.restoreIP(outside);
    return body;
  }

  static bool is_leaf(const Inst& inst) { return loops::op_info(inst.op).group == OpGroup::kLeaf; }

  /// What the body of a parallel uses of the values defined before it, leaves excepted.
  std::vector<loops::Value> captures(const Inst& inst) const {
    enum class State : uint8_t { kElsewhere, kOutside, kCaptured };
    std::vector<State> states(k_.types.size(), State::kElsewhere);
    for (const Inst& outer : k_.body.insts) {
      if (&outer == &inst) break;
      if (is_leaf(outer)) continue;
      for (const loops::Value v : outer.results) states[static_cast<size_t>(v.id)] = State::kOutside;
    }
    std::vector<loops::Value> found;
    const auto visit = [&](const auto& self, const Block& block) -> void {
      for (const Inst& inner : block.insts) {
        for (const loops::Value v : inner.operands) {
          State& state = states[static_cast<size_t>(v.id)];
          if (state != State::kOutside) continue;
          state = State::kCaptured;
          found.push_back(v);
        }
        for (const Block& nested : inner.blocks) self(self, nested);
      }
    };
    visit(visit, inst.blocks[0]);
    return found;
  }

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  const Kernel& k_;
  const TargetSpec& target_;
  Builder b_;
  AliasScopes alias_;
  Frame frame_;
  std::optional<Error> error_;
};

}  // namespace

Expected<void> emit_kernel(llvm::Module& module, const Kernel& kernel, const TargetSpec& target) {
  return KernelEmitter(module, kernel, target).emit();
}

}  // namespace dlc::backend::native
