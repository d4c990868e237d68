#include "backend/llvm/target.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>
#include <unistd.h>

#include <mutex>

#include "backend/llvm/fatal.h"
#include "backend/llvm/native.h"

namespace dlc::backend::native {
namespace {

using HostFeatures = llvm::StringMap<bool, llvm::MallocAllocator>;

const HostFeatures& host_features() {
  static const HostFeatures features = llvm::sys::getHostCPUFeatures();
  return features;
}

bool host_has(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto it = host_features().find(name);
    if (it == host_features().end() || !it->second) return false;
  }
  return true;
}

bool host_has_avx2() { return host_has({"avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"}); }
bool host_has_avx512() {
  return host_has_avx2() && host_has({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
}

void set_vectors(ir::Target& info, bool avx2, bool avx512) {
  info.vector_bytes = avx512 ? 64 : avx2 ? 32 : 16;
  info.vector_registers = avx512 ? 32 : 16;
  info.has_fma = avx2;
}

void set_caches(ir::Target& info) {
  const auto set = [](int64_t& bytes, int what) {
    if (const long found = sysconf(what); found > 0) bytes = found;
  };
  set(info.l1_bytes, _SC_LEVEL1_DCACHE_SIZE);
  set(info.l2_bytes, _SC_LEVEL2_CACHE_SIZE);
  set(info.l3_bytes, _SC_LEVEL3_CACHE_SIZE);
}

TargetSpec feature_class(const char* name, const char* cpu, bool avx2, bool avx512) {
  TargetSpec spec;
  spec.info.name = name;
  spec.cpu = cpu;
  spec.has_sse41 = avx2;
  spec.runs_here = avx512 ? host_has_avx512() : !avx2 || host_has_avx2();
  // The caches are those of ir::Target's defaults: code for a class is the same wherever it is made.
  set_vectors(spec.info, avx2, avx512);
  return spec;
}

TargetSpec host_spec() {
  TargetSpec spec;
  spec.cpu = llvm::sys::getHostCPUName().str();
  spec.info.name = "host-" + spec.cpu;
  for (const auto& feature : host_features()) {
    if (!spec.features.empty()) spec.features += ',';
    spec.features += (feature.second ? '+' : '-') + feature.first().str();
  }
  spec.has_sse41 = host_has({"sse4.1"});
  spec.runs_here = true;
  set_vectors(spec.info, host_has_avx2(), host_has_avx512());
  set_caches(spec.info);
  return spec;
}

}  // namespace

void initialize_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    install_fatal_handler();
  });
}

Expected<const TargetSpec*> find_target(std::string_view name) {
  initialize_llvm();
  static const TargetSpec host = host_spec();
  static const TargetSpec classes[] = {
      feature_class("sse2", "x86-64", false, false),
      feature_class("avx2", "x86-64-v3", true, false),
      feature_class("avx512", "x86-64-v4", true, true),
  };
  if (name == "host") return &host;
  for (const TargetSpec& spec : classes) {
    if (spec.info.name == name) return &spec;
  }
  return make_error(ErrorCode::kInvalidArgument, "unknown target '{}': expected host, sse2, avx2 or avx512", name);
}

Expected<std::unique_ptr<llvm::TargetMachine>> make_target_machine(const TargetSpec& spec) {
  const std::string triple = llvm::sys::getProcessTriple();
  std::string message;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) return make_error(ErrorCode::kInternal, "LLVM has no target for '{}': {}", triple, message);
  llvm::TargetOptions options;
  // a*b + c stays two roundings: fusing is a pass of the IR.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.MCOptions.AsmVerbose = false;
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple, spec.cpu, spec.features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                  llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (!machine) return make_error(ErrorCode::kInternal, "LLVM refuses a target machine for '{}'", triple);
  return machine;
}

}  // namespace dlc::backend::native

namespace dlc::backend {

Expected<ir::Target> native_target(std::string_view name) {
  DLC_ASSIGN_OR_RETURN(const native::TargetSpec* spec, native::find_target(name));
  return spec->info;
}

const ir::Target& host_target() { return native::find_target("host").value()->info; }

bool runs_here(std::string_view target) {
  const auto spec = native::find_target(target);
  return spec && (*spec)->runs_here;
}

}  // namespace dlc::backend
