# One target per folder. Sources are found by name, so that a new operator, pass, verb or test is
# a new file and nothing else.

# Flags that every target of ours shares.
add_library(dlc_options INTERFACE)
target_include_directories(dlc_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dlc_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these two on std::variant and std::vector at -O2.
  target_compile_options(dlc_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(DLC_WERROR)
  target_compile_options(dlc_options INTERFACE -Werror)
endif()
# The host's arithmetic must be what the source says: no contraction of a*b+c into fma.
target_compile_options(dlc_options INTERFACE -ffp-contract=off)
include(DlcSanitizers)

# dlc_add_library(dlc_ir DEPS dlc_support ...): every .cpp below the current folder, but for paths
# that match one of the EXCLUDE expressions.
function(dlc_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;PRIVATE_DEPS;EXCLUDE" ${ARGN})
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
endfunction()
