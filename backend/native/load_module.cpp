#include "backend/native/load_module.h"

#include <dlfcn.h>
#include <fmt/ranges.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "backend/native/codegen_version.h"

namespace dlc::backend::native {
namespace {

constexpr const char* kFileName = "libdlc_llvm.so";
constexpr const char* kVariable = "DLC_LLVM_MODULE";

std::atomic<bool> loaded{false};

std::vector<std::string> places() {
  std::vector<std::string> found;
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&code_generator), &info) != 0 && info.dli_fname != nullptr) {
    std::error_code error;
    const auto here = std::filesystem::canonical(info.dli_fname, error).parent_path();
    if (!error)
      for (const char* folder : {"", "../lib/dlc", "../lib"})
        found.push_back((here / folder / kFileName).lexically_normal());
  }
  found.emplace_back(kFileName);  // by the dynamic linker's own rules
  return found;
}

Expected<CodeGenerator*> open_generator(void* handle, const std::string& path) {
  const auto* info = static_cast<const ModuleInfo*>(dlsym(handle, kModuleSymbol));
  if (!info)
    return make_error(ErrorCode::kFailedPrecondition, "'{}' is no code generator of dlc: it has no symbol '{}'", path,
                      kModuleSymbol);
  if (std::string_view(info->version) != kCodegenVersion)
    return make_error(ErrorCode::kFailedPrecondition,
                      "code generator '{}' is of another build of dlc: expected version {}, found {}", path,
                      kCodegenVersion, info->version)
        .note(fmt::format("{} may name the right one", kVariable));
  loaded = true;
  return info->create();
}

Expected<CodeGenerator*> load() {
  const char* const chosen = std::getenv(kVariable);
  const bool only_chosen = chosen != nullptr && *chosen != '\0';
  const std::vector<std::string> candidates = only_chosen ? std::vector<std::string>{chosen} : places();
  for (const std::string& path : candidates) {
    const bool is_path = path.find('/') != std::string::npos;
    std::error_code ignored;
    if (is_path && !std::filesystem::exists(path, ignored)) continue;
    // Local: LLVM's symbols are nobody else's business, and another LLVM of the process is not ours.
    if (void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return open_generator(handle, path);
    const char* const why = dlerror();
    if (is_path)
      return make_error(ErrorCode::kFailedPrecondition, "cannot load the code generator '{}': {}", path,
                        why ? why : "unknown reason")
          .note("it needs libLLVM 19 (Debian: libllvm19)");
  }
  return make_error(ErrorCode::kNotFound, "the code generator {} is not there; looked for it at: {}", kFileName,
                    fmt::join(candidates, ", "))
      .note(fmt::format("install it beside dlc's libraries, or let {} name it; only kernels that are in the kernel "
                        "cache run without it",
                        kVariable));
}

}  // namespace

Expected<CodeGenerator*> code_generator() {
  static const Expected<CodeGenerator*> generator = load();
  return generator;
}

bool code_generator_loaded() { return loaded; }

}  // namespace dlc::backend::native
