#include "backend/llvm/emit_memory.h"

#include <llvm/IR/MDBuilder.h>

namespace dlc::backend::native {

using loops::OpCode;

AliasScopes::AliasScopes(llvm::LLVMContext& context, const loops::Kernel& kernel) : lists_(kernel.buffers.size()) {
  llvm::MDBuilder metadata(context);
  llvm::MDNode* const domain = metadata.createAnonymousAliasScopeDomain(kernel.name);
  std::vector<llvm::Metadata*> scopes(kernel.buffers.size());
  for (size_t i = 0; i < scopes.size(); ++i) {
    const loops::Buffer& buffer = kernel.buffers[i];
    // Scratch needs none: LLVM sees that its address never leaves the function.
    if (buffer.noalias && buffer.space != loops::Space::kWorkerScratch)
      scopes[i] = metadata.createAnonymousAliasScope(domain, buffer.name);
  }
  for (size_t i = 0; i < scopes.size(); ++i) {
    if (scopes[i]) lists_[i].scope = llvm::MDNode::get(context, scopes[i]);
    std::vector<llvm::Metadata*> others;
    for (size_t j = 0; j < scopes.size(); ++j) {
      if (j != i && scopes[j]) others.push_back(scopes[j]);
    }
    if (!others.empty()) lists_[i].denied = llvm::MDNode::get(context, others);
  }
}

void AliasScopes::mark(llvm::Instruction& access, loops::BufferId buffer) const {
  const Lists& lists = lists_[static_cast<size_t>(buffer.id)];
  if (lists.scope) access.setMetadata(llvm::LLVMContext::MD_alias_scope, lists.scope);
  if (lists.denied) access.setMetadata(llvm::LLVMContext::MD_noalias, lists.denied);
}

llvm::Value* as_vector(Builder& b, llvm::Value* x) {
  if (x->getType()->isVectorTy()) return x;
  llvm::Type* const one = llvm::FixedVectorType::get(x->getType(), 1);
  return b.CreateInsertElement(llvm::PoisonValue::get(one), x, uint64_t{0});
}

llvm::Value* from_memory(Builder& b, loops::Type type, llvm::Value* x) {
  return type.elem == kBool ? b.CreateICmpNE(x, llvm::Constant::getNullValue(x->getType())) : x;
}

namespace {

llvm::Value* to_memory(Builder& b, loops::Type type, llvm::Value* x) {
  return type.elem == kBool ? b.CreateZExt(x, memory_type(b.getContext(), type)) : x;
}

llvm::Value* as_scalar_if(Builder& b, bool scalar, llvm::Value* x) {
  return scalar ? b.CreateExtractElement(x, uint64_t{0}) : x;
}

class AccessEmitter {
 public:
  AccessEmitter(Builder& b, const AliasScopes& alias, const MemoryAccess& access)
      : b_(b),
        alias_(alias),
        a_(access),
        memory_(memory_type(b.getContext(), access.type)),
        align_(static_cast<uint64_t>(access.inst.imm > 0 ? access.inst.imm
                                                         : static_cast<int64_t>(size_of(access.buffer.elem)))) {}

  llvm::Value* emit() {
    switch (a_.inst.op) {
      case OpCode::kLoad: return a_.mask ? masked_load() : load();
      case OpCode::kStore: return a_.mask ? masked_store() : store();
      case OpCode::kGather: return gather();
      default: return scatter();
    }
  }

 private:
  bool is_scalar() const { return a_.type.lanes == 1; }
  llvm::Type* elem() const { return memory_->getScalarType(); }
  llvm::Type* vector() const { return llvm::FixedVectorType::get(elem(), static_cast<unsigned>(a_.type.lanes)); }
  llvm::Value* address() { return b_.CreateInBoundsGEP(elem(), a_.base, a_.index); }
  /// Lanes that are masked off may hold any index, so nothing is said of bounds.
  llvm::Value* addresses() {
    llvm::Value* index = as_vector(b_, a_.index);
    if (is_unsigned_int(a_.index_type.elem)) {
      index = b_.CreateZExt(index, llvm::FixedVectorType::get(b_.getInt64Ty(), static_cast<unsigned>(a_.type.lanes)));
    }
    return b_.CreateGEP(elem(), a_.base, index);
  }
  llvm::Value* mask() {
    if (a_.mask) return as_vector(b_, a_.mask);
    return llvm::ConstantInt::getTrue(llvm::FixedVectorType::get(b_.getInt1Ty(), static_cast<unsigned>(a_.type.lanes)));
  }
  template <typename I>
  I* mark(I* access) {
    alias_.mark(*access, a_.inst.buffer);
    return access;
  }
  llvm::Value* loaded(llvm::Value* in_memory) { return from_memory(b_, a_.type, in_memory); }
  llvm::Value* stored() { return to_memory(b_, a_.type, a_.stored); }

  llvm::Value* load() { return loaded(mark(b_.CreateAlignedLoad(memory_, address(), align_))); }

  llvm::Value* store() {
    mark(b_.CreateAlignedStore(stored(), address(), align_));
    return nullptr;
  }

  llvm::Value* masked_load() {
    llvm::CallInst* const load =
        mark(b_.CreateMaskedLoad(vector(), address(), align_, mask(), llvm::Constant::getNullValue(vector())));
    return loaded(as_scalar_if(b_, is_scalar(), load));
  }

  llvm::Value* masked_store() {
    mark(b_.CreateMaskedStore(as_vector(b_, stored()), address(), align_, mask()));
    return nullptr;
  }

  llvm::Value* gather() {
    llvm::CallInst* const load =
        mark(b_.CreateMaskedGather(vector(), addresses(), align_, mask(), llvm::Constant::getNullValue(vector())));
    return loaded(as_scalar_if(b_, is_scalar(), load));
  }

  llvm::Value* scatter() {
    mark(b_.CreateMaskedScatter(as_vector(b_, stored()), addresses(), align_, mask()));
    return nullptr;
  }

  Builder& b_;
  const AliasScopes& alias_;
  const MemoryAccess& a_;
  llvm::Type* const memory_;
  const llvm::Align align_;
};

}  // namespace

void emit_prefetch(Builder& b, DType elem, llvm::Value* base, llvm::Value* index, bool for_write) {
  llvm::Value* const address = b.CreateGEP(memory_type(b.getContext(), {elem, 1}), base, index);
  constexpr int kAllCaches = 3, kData = 1;
  b.CreateIntrinsic(llvm::Intrinsic::prefetch, {b.getPtrTy()},
                    {address, b.getInt32(for_write ? 1 : 0), b.getInt32(kAllCaches), b.getInt32(kData)});
}

llvm::Value* emit_access(Builder& b, const AliasScopes& alias, const MemoryAccess& access) {
  return AccessEmitter(b, alias, access).emit();
}

}  // namespace dlc::backend::native
