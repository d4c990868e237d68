// Loads, stores, gathers and scatters of the loop language as LLVM instructions.
#pragma once

#include <vector>

#include "backend/llvm/emit_arith.h"

namespace dlc::backend::native {

/// A one-lane value as a vector of one; vectors as they are.
llvm::Value* as_vector(Builder& b, llvm::Value* x);
/// From the form in memory to that of values: bytes to bools.
llvm::Value* from_memory(Builder& b, loops::Type type, llvm::Value* x);

/// Tells LLVM which buffers of a kernel are disjoint: an access to a `noalias` buffer is in that
/// buffer's scope, and every access denies the scopes of all noalias buffers but its own.
class AliasScopes {
 public:
  AliasScopes(llvm::LLVMContext& context, const loops::Kernel& kernel);
  void mark(llvm::Instruction& access, loops::BufferId buffer) const;

 private:
  struct Lists {
    llvm::MDNode* scope = nullptr;  ///< null: the buffer may alias
    llvm::MDNode* denied = nullptr;
  };
  std::vector<Lists> lists_;  ///< by BufferId
};

struct MemoryAccess {
  const loops::Inst& inst;
  const loops::Buffer& buffer;
  llvm::Value* base;    ///< the buffer's address
  loops::Type type;     ///< of what is loaded or stored
  llvm::Value* stored;  ///< null for loads
  llvm::Value* index;   ///< in elements; a vector for gather and scatter
  loops::Type index_type;
  llvm::Value* mask;  ///< null: all lanes
};

/// The element need not exist.
void emit_prefetch(Builder& b, DType elem, llvm::Value* base, llvm::Value* index, bool for_write);

/// The value loaded, or null for stores.
llvm::Value* emit_access(Builder& b, const AliasScopes& alias, const MemoryAccess& access);

}  // namespace dlc::backend::native
