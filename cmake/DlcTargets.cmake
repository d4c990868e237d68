# One target per folder. Sources are found by name, so that a new operator, pass, verb or test is
# a new file and nothing else.

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)

# What libraries show to programs says so (support/visibility.h).
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# Flags that every target of ours shares.
add_library(dlc_options INTERFACE)
target_include_directories(dlc_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dlc_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these on std::variant, std::string and std::vector.
  target_compile_options(dlc_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
  if(CMAKE_CXX_FLAGS_${build_type} MATCHES "-O[23]")
    target_compile_options(dlc_options INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 uses std::get_temporary_buffer, which C++17 deprecated.
  target_compile_options(dlc_options INTERFACE -Wno-deprecated-declarations)
endif()
if(DLC_WERROR)
  target_compile_options(dlc_options INTERFACE -Werror)
endif()
# The host's arithmetic must be what the source says: no contraction of a*b+c into fma.
target_compile_options(dlc_options INTERFACE -ffp-contract=off)
include(DlcSanitizers)

# Precompiled headers make a build from nothing a quarter shorter, and a change of one header a
# build of nearly everything: for the release preset, not for work on dlc. dlc_support holds what
# every layer includes, dlc_ir what the layers above it do.
set(DLC_PCH_support <algorithm> <cstdint> <functional> <map> <memory> <optional> <span> <string> <unordered_map>
    <vector> <fmt/format.h> "support/array.h" "support/expected.h")
set(DLC_PCH_ir ${DLC_PCH_support} "ir/builder.h" "ir/op_def.h")

# dlc_precompile(TARGET support|ir): the first target of a kind makes its header, others share it.
function(dlc_precompile target kind)
  if(NOT DLC_PCH)
    return()
  endif()
  list(TRANSFORM DLC_PCH_${kind} REPLACE "^([a-z]+/.*\\.h)$" "${PROJECT_SOURCE_DIR}/\\1" OUTPUT_VARIABLE headers)
  if(target STREQUAL dlc_${kind})
    target_precompile_headers(${target} PRIVATE ${headers})
  else()
    target_precompile_headers(${target} REUSE_FROM dlc_${kind})
  endif()
endfunction()

# Compiles the files of a target DLC_UNITY_BATCH at a time. Two files of one folder therefore have no
# two helpers of one name, not even in anonymous namespaces.
function(dlc_batch target)
  if(DLC_UNITY_BATCH GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${DLC_UNITY_BATCH})
  endif()
endfunction()

# Of a program whose own code is not where the time goes.
function(dlc_cold_code target)
  separate_arguments(flags UNIX_COMMAND "${DLC_COLD_FLAGS}")
  target_compile_options(${target} PRIVATE ${flags})
endfunction()

# dlc_add_library(dlc_ir DEPS dlc_support ...): every .cpp below the current folder, but for paths
# that match one of the EXCLUDE expressions. PRECOMPILE names a set of precompiled headers.
function(dlc_add_library name)
  cmake_parse_arguments(ARG "" "PRECOMPILE" "DEPS;PRIVATE_DEPS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${pattern})
  endforeach()
  if(NOT sources)
    # CMake refuses a library of nothing; a layer whose first file is yet to come must configure.
    set(sources ${PROJECT_BINARY_DIR}/empty.cpp)
    file(TOUCH ${sources})
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC dlc_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  if(ARG_PRECOMPILE)
    dlc_precompile(${name} ${ARG_PRECOMPILE})
  endif()
  dlc_batch(${name})
endfunction()
