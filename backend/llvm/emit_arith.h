// The element-wise instructions of the loop language as LLVM instructions. Each function gives null
// where the combination has no meaning or the target no instruction: nothing here may become a call.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "backend/llvm/target.h"
#include "backend/loops/loops.h"

namespace dlc::backend::native {

using Builder = llvm::IRBuilder<>;

/// The type of values: bools are i1.
llvm::Type* value_type(llvm::LLVMContext& context, loops::Type type);
/// The type in memory: bools are bytes.
llvm::Type* memory_type(llvm::LLVMContext& context, loops::Type type);
/// A constant of which every lane has the given bits.
llvm::Constant* constant(llvm::LLVMContext& context, loops::Type type, uint64_t bits);

// `type` is that of the operands.
llvm::Value* emit_unary(Builder& b, const TargetSpec& target, loops::OpCode op, loops::Type type, llvm::Value* x);
llvm::Value* emit_binary(Builder& b, loops::OpCode op, loops::Type type, llvm::Value* x, llvm::Value* y);
llvm::Value* emit_compare(Builder& b, loops::OpCode op, loops::Type type, llvm::Value* x, llvm::Value* y);
llvm::Value* emit_fma(Builder& b, const TargetSpec& target, loops::Type type, llvm::Value* x, llvm::Value* y,
                      llvm::Value* z);
llvm::Value* emit_convert(Builder& b, loops::Type from, loops::Type to, llvm::Value* x);
/// All lanes to one scalar, halves combined until one is left.
llvm::Value* emit_reduce(Builder& b, loops::OpCode op, loops::Type type, llvm::Value* x);

}  // namespace dlc::backend::native
