# One target per folder. Sources are found by name, so that a new operator, pass or verb is a new
# file and nothing else.

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
if(DLC_SANITIZE)
  target_compile_options(dlc_options INTERFACE -fsanitize=${DLC_SANITIZE} -fno-omit-frame-pointer)
  if(DLC_SANITIZE MATCHES "undefined")
    target_compile_options(dlc_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
  target_link_options(dlc_options INTERFACE -fsanitize=${DLC_SANITIZE})
endif()
# The host's arithmetic must be what the source says: no contraction of a*b+c into fma.
target_compile_options(dlc_options INTERFACE -ffp-contract=off)

# dlc_add_library(dlc_ir DEPS dlc_support ...): every .cpp below the current folder.
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

# dlc_add_test(support DEPS ...): one test program per folder of tests/, named <folder>_test.
function(dlc_add_test folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${folder}_test ${sources})
  target_link_libraries(${folder}_test PRIVATE dlc_options dlc_testing ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${folder}_test TEST_PREFIX ${folder}/ DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 600)
endfunction()
