#include "backend/llvm/load.h"

#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/Process.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <vector>

#include "backend/llvm/native.h"
#include "backend/llvm/target.h"
#include "support/flags.h"

namespace dlc::backend::native {
namespace {

namespace jitlink = llvm::jitlink;

Error to_error(llvm::Error error, const char* what) {
  return make_error(ErrorCode::kInternal, "{}: {}", what, llvm::toString(std::move(error)));
}

/// Never destroyed: programs in static storage may go after it would.
jitlink::JITLinkMemoryManager& memory_manager() {
  static auto* const manager = new jitlink::InProcessMemoryManager(llvm::sys::Process::getPageSizeEstimate());
  return *manager;
}

const void* c_library_symbol(std::string_view name) {
  if (name == "memcpy") return reinterpret_cast<const void*>(&std::memcpy);
  if (name == "memmove") return reinterpret_cast<const void*>(&std::memmove);
  if (name == "memset") return reinterpret_cast<const void*>(&std::memset);
  return nullptr;
}

/// One line for each function of the graph, in the form that perf reads. A map that cannot be written
/// is none: it is for people who look on.
void write_perf_map(jitlink::LinkGraph& graph) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static std::FILE* const file = std::fopen(fmt::format("/tmp/perf-{}.map", getpid()).c_str(), "w");
  if (!file) return;
  for (const jitlink::Symbol* symbol : graph.defined_symbols()) {
    if (!symbol->hasName() || !symbol->isCallable()) continue;
    const llvm::StringRef name = symbol->getName();
    fmt::print(file, "{:x} {:x} {}\n", symbol->getAddress().getValue(), symbol->getSize(),
               std::string_view(name.data(), name.size()));
  }
  std::fflush(file);
}

class JitLinkObject final : public LoadedObject {
 public:
  ~JitLinkObject() override {
    if (!allocation_) return;
    llvm::cantFail(memory_manager().deallocate(std::move(allocation_)));
  }
  void add_symbol(llvm::StringRef name, llvm::orc::ExecutorAddr at) {
    symbols_.emplace(name.str(), at.toPtr<const void*>());
  }
  void add_code(size_t bytes) { code_bytes_ += static_cast<int64_t>(bytes); }
  void keep(jitlink::JITLinkMemoryManager::FinalizedAlloc allocation) { allocation_ = std::move(allocation); }

 private:
  jitlink::JITLinkMemoryManager::FinalizedAlloc allocation_;
};

/// What JITLink asks while it links. All of it happens before link() returns, on the same thread.
class LinkContext final : public jitlink::JITLinkContext {
 public:
  LinkContext(JitLinkObject& object, const Resolver& resolve, std::optional<Error>& failure)
      : JITLinkContext(nullptr), object_(object), resolve_(resolve), failure_(failure) {}

  jitlink::JITLinkMemoryManager& getMemoryManager() override { return memory_manager(); }

  void notifyFailed(llvm::Error error) override {
    llvm::Error e = std::move(error);
    if (failure_) return llvm::consumeError(std::move(e));
    failure_ = to_error(std::move(e), "linking compiled code");
  }

  void lookup(const LookupMap& names, std::unique_ptr<jitlink::JITLinkAsyncLookupContinuation> done) override {
    jitlink::AsyncLookupResult found;
    for (const auto& [name, flags] : names) {
      const std::string_view view(name.data(), name.size());
      const void* at = resolve_(view);
      if (!at) at = c_library_symbol(view);
      if (!at) {
        failure_ = make_error(ErrorCode::kInternal,
                              "compiled code needs symbol '{}': only kernels of the program, memcpy, memmove and "
                              "memset may be called",
                              view);
        return done->run(llvm::createStringError("unknown symbol"));
      }
      found[name] = {llvm::orc::ExecutorAddr::fromPtr(at), llvm::JITSymbolFlags::Exported};
    }
    done->run(std::move(found));
  }

  llvm::Error notifyResolved(jitlink::LinkGraph& graph) override {
    using llvm::BitmaskEnumDetail::operator&;
    using llvm::orc::MemProt;
    for (const jitlink::Symbol* symbol : graph.defined_symbols()) {
      if (symbol->hasName() && symbol->getScope() == jitlink::Scope::Default)
        object_.add_symbol(symbol->getName(), symbol->getAddress());
    }
    for (const jitlink::Section& section : graph.sections()) {
      if ((section.getMemProt() & MemProt::Exec) == MemProt::None) continue;
      for (const jitlink::Block* block : section.blocks()) object_.add_code(block->getSize());
    }
    if (debug_flags().perf_map) write_perf_map(graph);
    return llvm::Error::success();
  }

  void notifyFinalized(jitlink::JITLinkMemoryManager::FinalizedAlloc allocation) override {
    object_.keep(std::move(allocation));
  }

 private:
  JitLinkObject& object_;
  const Resolver& resolve_;
  std::optional<Error>& failure_;
};

}  // namespace

Expected<std::shared_ptr<LoadedObject>> load_object(const llvm::SmallVectorImpl<char>& object,
                                                    const Resolver& resolve) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(object.data(), object.size()), "kernels");
  auto graph = jitlink::createLinkGraphFromObject(buffer);
  if (!graph) return to_error(graph.takeError(), "reading compiled code");
  auto loaded = std::make_shared<JitLinkObject>();
  std::optional<Error> failure;
  jitlink::link(std::move(*graph), std::make_unique<LinkContext>(*loaded, resolve, failure));
  if (failure) return *std::move(failure);
  return std::shared_ptr<LoadedObject>(std::move(loaded));
}

}  // namespace dlc::backend::native

namespace dlc::backend {

Expected<std::vector<std::string>> undefined_symbols(std::string_view object) {
  native::initialize_llvm();
  const llvm::MemoryBufferRef buffer(llvm::StringRef(object.data(), object.size()), "object");
  auto file = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!file) return make_error(ErrorCode::kData, "no object file: {}", llvm::toString(file.takeError()));
  std::vector<std::string> names;
  for (const llvm::object::SymbolRef symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    if (!flags) return make_error(ErrorCode::kData, "damaged object: {}", llvm::toString(flags.takeError()));
    if (!(*flags & llvm::object::SymbolRef::SF_Undefined)) continue;
    auto name = symbol.getName();
    if (!name) return make_error(ErrorCode::kData, "damaged object: {}", llvm::toString(name.takeError()));
    if (!name->empty()) names.push_back(name->str());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace dlc::backend
