#include "runtime/open_program.h"

#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace dlc::runtime {
namespace {

/// What the classes of `dlc compile --target` ask of a machine.
bool machine_has(std::string_view feature_class) {
  if (feature_class == "avx512") return __builtin_cpu_supports("x86-64-v4");
  if (feature_class == "avx2") return __builtin_cpu_supports("x86-64-v3");
  return feature_class == "sse2" || feature_class.empty();
}

/// Whether the file holds all that its program headers say is loaded: the loader maps it without a look, and a
/// process that then reads beyond the end of a file is ended.
bool is_complete(std::ifstream& file) {
  file.seekg(0, std::ios::end);
  const auto size = static_cast<uint64_t>(std::max<std::streamoff>(0, file.tellg()));
  const auto read = [&](uint64_t at, auto& into) {
    if (at > size || size - at < sizeof into) return false;
    file.seekg(static_cast<std::streamoff>(at));
    return static_cast<bool>(file.read(reinterpret_cast<char*>(&into), sizeof into));
  };
  Elf64_Ehdr header;
  if (!read(0, header) || header.e_phentsize != sizeof(Elf64_Phdr)) return false;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part;
    if (header.e_phoff > size || !read(header.e_phoff + i * sizeof part, part)) return false;
    if (part.p_offset > size || size - part.p_offset < part.p_filesz) return false;
  }
  return true;
}

}  // namespace

bool is_shared_library(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  return file.read(magic, sizeof magic) && std::memcmp(magic,
                                                       "\x7f"
                                                       "ELF",
                                                       sizeof magic) == 0;
}

Expected<const dlc_program*> open_program(const std::string& path) {
  // dlopen searches for a name without a slash, and says little of a file that is not there.
  std::error_code failed;
  const std::filesystem::path file = std::filesystem::absolute(path, failed);
  std::ifstream bytes(file, std::ios::binary);
  if (failed || !bytes)
    return make_error(ErrorCode::kNotFound, "cannot open '{}': {}", path,
                      failed ? failed.message() : std::strerror(errno));
  if (is_shared_library(path) && !is_complete(bytes))
    return make_error(ErrorCode::kData, "cannot load '{}': the file is cut short", path)
        .note("copy it again, or make it again with dlc compile MODEL --emit shared -o FILE");
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return make_error(ErrorCode::kData, "cannot load '{}': {}", path, dlerror());
  const auto* const program = static_cast<const dlc_program*>(dlsym(library, DLC_PROGRAM_SYMBOL));
  if (!program) {
    dlclose(library);
    return make_error(ErrorCode::kData, "'{}' is no compiled program: it does not define '{}'", path,
                      DLC_PROGRAM_SYMBOL)
        .note("dlc compile MODEL --emit shared -o FILE makes one");
  }
  if (auto usable = check_program(*program); !usable) {
    Error error = std::move(usable).error();
    error.message = fmt::format("'{}': {}", path, error.message);
    dlclose(library);
    return error;
  }
  return program;
}

Expected<void> check_program(const dlc_program& program) {
  if (program.version > DLC_ABI_VERSION)
    return make_error(ErrorCode::kUnimplemented, "the program needs version {} of the runtime, this is version {}",
                      program.version, DLC_ABI_VERSION)
        .note("install the runtime of the dlc that compiled it, or a later one");
  if (!machine_has(program.target))
    return make_error(ErrorCode::kUnimplemented, "the program is compiled for machines with {}, which this one lacks",
                      program.target)
        .note("compile it for this machine: dlc compile --target sse2, or avx2");
  return {};
}

}  // namespace dlc::runtime
