// From the loop language to LLVM IR: a plain translation, without heuristics.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "backend/llvm/target.h"
#include "backend/native/native.h"

namespace dlc::backend::native {

/// Adds `void <kernel.name>(ptr context, ptr buffers, ptr scalars)` to the module. The kernel must
/// pass loops::verify. kUnimplemented for an instruction that the target cannot do without a call;
/// then the module is of no more use.
Expected<void> emit_kernel(llvm::Module& module, const loops::Kernel& kernel, const TargetSpec& target);

/// Adds `void dlc_step(ptr context, ptr buffers, ptr scalars)`, which does what the tree says.
/// Kernels that the module lacks are declared.
void emit_step(llvm::Module& module, const StepNode& step);

/// Adds `table` as constant data: a global `symbol`, with DLC_PROGRAM_SYMBOL as its other name, whose
/// entry is the module's step (null without one). Nothing else of the module stays visible.
void emit_table(llvm::Module& module, const dlc_program& table, const std::string& symbol);

/// What kernels and step have in common: `void name(ptr context, ptr buffers, ptr scalars)` with the attributes
/// that all generated functions bear. An existing declaration is taken.
llvm::Function* declare_entry(llvm::Module& module, llvm::StringRef name);
void set_function_attributes(llvm::Function& function);

/// The address of a field of the dlc_context that `context` points to.
llvm::Value* context_field(llvm::IRBuilderBase& b, llvm::Value* context, size_t offset);

}  // namespace dlc::backend::native
