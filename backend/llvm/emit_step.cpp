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

void emit_step(llvm::Module& module, std::span<const StepCall> calls) {
  const std::string name(kStepSymbol);
  llvm::Function* const step = declare_entry(module, name);
  llvm::LLVMContext& context = module.getContext();
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", step));
  const auto slice = [&](unsigned argument, int64_t at) {
    return at == 0 ? step->getArg(argument)
                   : b.CreateConstInBoundsGEP1_64(b.getInt64Ty(), step->getArg(argument), static_cast<uint64_t>(at));
  };
  static_assert(sizeof(void*) == sizeof(int64_t), "slots of buffers and scalars have one size");
  for (const StepCall& call : calls) {
    b.CreateCall(declare_entry(module, call.kernel),
                 {step->getArg(0), slice(1, call.buffers_at), slice(2, call.scalars_at)});
    if (!call.check_fault_after) continue;
    llvm::Value* const site =
        b.CreateLoad(b.getInt64Ty(), context_field(b, step->getArg(0), offsetof(dlc_context, fault_site)), "site");
    llvm::BasicBlock* const failed = llvm::BasicBlock::Create(context, "failed", step);
    llvm::BasicBlock* const next = llvm::BasicBlock::Create(context, "phase2", step);
    b.CreateCondBr(b.CreateICmpEQ(site, b.getInt64(DLC_NO_FAULT)), next, failed,
                   llvm::MDBuilder(context).createLikelyBranchWeights());
    b.SetInsertPoint(failed);
    b.CreateRetVoid();
    b.SetInsertPoint(next);
  }
  b.CreateRetVoid();
}

}  // namespace dlc::backend::native
