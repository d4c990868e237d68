// The table of runtime/program.h as constant data of a module: what an ahead-of-time object carries
// beside its code.
#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/GlobalAlias.h>

#include <span>
#include <vector>

#include "backend/llvm/emit.h"

namespace dlc::backend::native {
namespace {

// A field is a number or a pointer, 8 bytes either way: the order of fields is all there is to get right.
static_assert(sizeof(dlc_value) == 6 * 8 && sizeof(dlc_slot) == 2 * 8 && sizeof(dlc_constant) == 2 * 8 &&
              sizeof(dlc_site) == 5 * 8 && sizeof(dlc_program) == 17 * 8);

/// A constant that the module defines under this name.
llvm::GlobalVariable& define(llvm::Module& module, const std::string& name, llvm::Constant* value, uint64_t alignment) {
  auto& global = *llvm::cast<llvm::GlobalVariable>(module.getOrInsertGlobal(name, value->getType()));
  global.setInitializer(value);
  global.setConstant(true);
  global.setAlignment(llvm::Align(alignment));
  return global;
}

class TableEmitter {
 public:
  explicit TableEmitter(llvm::Module& module) : module_(module), context_(module.getContext()) {}

  llvm::Constant* emit(const dlc_program& t, llvm::Function* entry) {
    return record({number(t.version), text(t.name), text(t.target), entry ? entry : null(),  //
                   number(t.num_params), list(t.params, t.num_params),                       //
                   number(t.num_results), list(t.results, t.num_results),                    //
                   number(t.num_slots), list(t.slots, t.num_slots),                          //
                   number(t.num_scalars), numbers(t.scalars, t.num_scalars),                 //
                   number(t.num_constants), list(t.constants, t.num_constants),              //
                   number(t.num_sites), list(t.sites, t.num_sites),                          //
                   number(t.arena_bytes)});
  }

 private:
  llvm::Constant* number(int64_t n) { return llvm::ConstantInt::getSigned(llvm::Type::getInt64Ty(context_), n); }
  llvm::Constant* null() { return llvm::ConstantPointerNull::get(llvm::PointerType::getUnqual(context_)); }
  llvm::Constant* record(llvm::ArrayRef<llvm::Constant*> fields) {
    return llvm::ConstantStruct::getAnon(context_, fields);
  }

  llvm::Constant* record_of(const dlc_value& v) {
    return record(
        {text(v.name), number(v.kind), number(v.dtype), number(v.rank), numbers(v.dims, v.rank), number(v.param)});
  }
  llvm::Constant* record_of(const dlc_slot& s) { return record({number(s.kind), number(s.at)}); }
  llvm::Constant* record_of(const dlc_constant& c) { return record({bytes(c.data, c.num_bytes), number(c.num_bytes)}); }
  llvm::Constant* record_of(const dlc_site& s) {
    return record({text(s.node), text(s.check), text(s.file), number(s.line), number(s.column)});
  }

  /// A list of records as an array that only this module sees; null if it is empty.
  template <typename T>
  llvm::Constant* list(const T* items, int64_t count) {
    std::vector<llvm::Constant*> records;
    for (const T& item : std::span(items, static_cast<size_t>(count))) records.push_back(record_of(item));
    if (records.empty()) return null();
    return data(llvm::ConstantArray::get(llvm::ArrayType::get(records[0]->getType(), records.size()), records), 8);
  }
  llvm::Constant* numbers(const int64_t* items, int64_t count) {
    if (count == 0) return null();
    const llvm::ArrayRef<uint64_t> bits(reinterpret_cast<const uint64_t*>(items), static_cast<size_t>(count));
    return data(llvm::ConstantDataArray::get(context_, bits), 8);
  }
  llvm::Constant* text(const char* t) { return data(llvm::ConstantDataArray::getString(context_, t), 1); }
  /// Elements of a constant, aligned as those in memory are.
  llvm::Constant* bytes(const void* data_at, int64_t count) {
    if (count == 0) return null();
    const llvm::StringRef raw(static_cast<const char*>(data_at), static_cast<size_t>(count));
    return data(llvm::ConstantDataArray::getRaw(raw, raw.size(), llvm::Type::getInt8Ty(context_)), 64);
  }

  llvm::Constant* data(llvm::Constant* value, uint64_t alignment) {
    llvm::GlobalVariable& global = define(module_, fmt::format("table.{}", count_++), value, alignment);
    global.setLinkage(llvm::GlobalValue::PrivateLinkage);
    global.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);  // equal texts become one
    return &global;
  }

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  int count_ = 0;
};

}  // namespace

void emit_table(llvm::Module& module, const dlc_program& table, const std::string& symbol) {
  llvm::Function* const entry = module.getFunction(std::string(kStepSymbol));
  // Two objects in one program may hold equal kernels, and each has a step: these names stay inside.
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) function.setLinkage(llvm::GlobalValue::InternalLinkage);
  llvm::Constant* const value = TableEmitter(module).emit(table, entry);
  llvm::GlobalVariable& global = define(module, symbol, value, 8);
  // The name that a loader asks a shared library for. Weak: of several objects in one program the
  // first may have it, and nobody asks.
  llvm::GlobalAlias::create(value->getType(), 0, llvm::GlobalValue::WeakAnyLinkage, DLC_PROGRAM_SYMBOL, &global,
                            &module);
}

}  // namespace dlc::backend::native
