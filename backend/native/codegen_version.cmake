# Writes codegen_version.h: what machine code is a function of, apart from the kernel and its target.
# Code in the cache on disk is that of equal versions only, and the module with the code generator
# must have the version of the library that loads it. It is a hash of the sources that decide either.
#
#   cmake -D ROOT=DIR -D OUTPUT=FILE -D LLVM=19.1.7 -D DLC=0.1.0 -P codegen_version.cmake
file(GLOB sources ${ROOT}/backend/llvm/*.cpp ${ROOT}/backend/llvm/*.h ${ROOT}/backend/loops/loops.h
     ${ROOT}/backend/native/native.h ${ROOT}/ir/target.h ${ROOT}/runtime/abi.h ${ROOT}/runtime/program.h
     ${ROOT}/support/*.h)
list(SORT sources)
set(hashes "")
foreach(source IN LISTS sources)
  file(SHA256 ${source} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 16 hash)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
// Made by backend/native/codegen_version.cmake.
#pragma once

namespace dlc::backend {

inline constexpr const char* kCodegenVersion = "dlc @DLC@, LLVM @LLVM@, sources @hash@";

}  // namespace dlc::backend
]] @ONLY)
