#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>

#include <cstddef>

#include "backend/llvm/emit.h"

namespace dlc::backend::native {

void set_function_attributes(llvm::Function& function) {
  function.setDoesNotThrow();
  // Constant folding must not decide what a subnormal does: the mode is set at run time.
  function.addFnAttr("denormal-fp-math", "dynamic,dynamic");
  // No idiom may become a call of the C library.
  function.addFnAttr("no-builtins");
  // Vectors are as wide as the schedule says; LLVM's preference for 256 bits must not split them.
  function.addFnAttr("prefer-vector-width", "512");
  // There are no unwind tables: gdb and perf find the callers of a kernel through frame pointers.
  function.addFnAttr("frame-pointer", "all");
}

llvm::Function* declare_entry(llvm::Module& module, llvm::StringRef name) {
  if (llvm::Function* const existing = module.getFunction(name)) return existing;
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* const pointer = llvm::PointerType::getUnqual(context);
  auto* const type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer, pointer, pointer}, false);
  llvm::Function* const f = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, module);
  set_function_attributes(*f);
  const char* const names[] = {"context", "buffers", "scalars"};
  for (unsigned i = 0; i < 3; ++i) {
    f->getArg(i)->setName(names[i]);
    f->addParamAttr(i, llvm::Attribute::NoUndef);
    f->addParamAttr(i, llvm::Attribute::NoAlias);
    if (i > 0) f->addParamAttr(i, llvm::Attribute::ReadOnly);
  }
  return f;
}

llvm::Value* context_field(llvm::IRBuilderBase& b, llvm::Value* context, size_t offset) {
  return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), context, offset);
}

namespace {

class StepEmitter {
 public:
  StepEmitter(llvm::Module& module, llvm::Function& step)
      : module_(module), step_(step), b_(llvm::BasicBlock::Create(module.getContext(), "entry", &step)) {}

  void run(const StepNode& root) {
    emit(root);
    b_.CreateRetVoid();
  }

 private:
  void emit(const StepNode& node) {
    switch (node.kind) {
      case StepNode::kSeq:
        for (const StepNode& child : node.children) emit(child);
        return;
      case StepNode::kCall:
        b_.CreateCall(declare_entry(module_, node.kernel),
                      {step_.getArg(0), slice(1, node.buffers_at), slice(2, node.scalars_at)});
        return;
      case StepNode::kCheckFault: return check_fault();
    }
  }

  llvm::Value* slice(unsigned argument, int64_t at) {
    static_assert(sizeof(void*) == sizeof(int64_t), "slots of buffers and scalars have one size");
    llvm::Argument* const table = step_.getArg(argument);
    return at == 0 ? table : b_.CreateConstInBoundsGEP1_64(b_.getInt64Ty(), table, static_cast<uint64_t>(at));
  }

  void check_fault() {
    llvm::LLVMContext& context = module_.getContext();
    llvm::Value* const site =
        b_.CreateLoad(b_.getInt64Ty(), context_field(b_, step_.getArg(0), offsetof(dlc_context, fault_site)), "site");
    llvm::BasicBlock* const failed = llvm::BasicBlock::Create(context, "failed", &step_);
    llvm::BasicBlock* const next = llvm::BasicBlock::Create(context, "phase2", &step_);
    b_.CreateCondBr(b_.CreateICmpEQ(site, b_.getInt64(DLC_NO_FAULT)), next, failed,
                    llvm::MDBuilder(context).createLikelyBranchWeights());
    b_.SetInsertPoint(failed);
    b_.CreateRetVoid();
    b_.SetInsertPoint(next);
  }

  llvm::Module& module_;
  llvm::Function& step_;
  llvm::IRBuilder<> b_;
};

}  // namespace

void emit_step(llvm::Module& module, const StepNode& step) {
  llvm::Function& function = *declare_entry(module, std::string(kStepSymbol));
  // A row of calls: nothing to gain, and thousands of them take the full code generator long.
  function.addFnAttr(llvm::Attribute::NoInline);
  function.addFnAttr(llvm::Attribute::OptimizeNone);
  StepEmitter(module, function).run(step);
}

}  // namespace dlc::backend::native
