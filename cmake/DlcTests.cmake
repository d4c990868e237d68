# Kinds of tests: a program per folder (GoogleTest), text files with RUN lines, fuzz targets,
# examples. Names in ctest: <folder>/<Suite>.<Test>, text/<path>, fuzz/<name>, examples/<name>.
# They run without the cache of kernels on disk, so that each compiles what it tests, the same in every
# run; a test of the cache has a folder of its own.
include(GoogleTest)
find_package(GTest REQUIRED)

# The first test program makes the precompiled header of GoogleTest, the others share it.
function(dlc_precompile_tests program)
  if(NOT DLC_PCH)
    return()
  endif()
  get_property(first GLOBAL PROPERTY DLC_PCH_TESTS)
  if(first)
    target_precompile_headers(${program} REUSE_FROM ${first})
  else()
    set_property(GLOBAL PROPERTY DLC_PCH_TESTS ${program})
    target_precompile_headers(${program} PRIVATE <gmock/gmock.h> <gtest/gtest.h> <fmt/format.h>
                              "${PROJECT_SOURCE_DIR}/support/array.h" "${PROJECT_SOURCE_DIR}/support/expected.h")
  endif()
endfunction()

# dlc_add_test(support DEPS dlc_support): all .cpp below tests/<folder> are one program,
# <folder>_test. Text in a test's name labels it: Slow -> `slow` (left out under sanitizers), Timed ->
# `slow` and with no other test beside it, Thread, Parallel, Concurren -> `threads` (the subset that
# ThreadSanitizer runs).
function(dlc_add_test folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  set(program ${folder}_test)
  add_executable(${program} ${sources})
  target_link_libraries(${program} PRIVATE dlc_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${program} PRIVATE DLC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  dlc_cold_code(${program})
  dlc_precompile_tests(${program})
  dlc_batch(${program})

  set(slow "*Slow*")
  set(timed "*Timed*")
  set(threads "*Thread*:*Parallel*:*Concurren*")
  foreach(kind IN ITEMS plain threads slow timed)
    if(kind STREQUAL "plain")
      set(filter "-${slow}:${timed}:${threads}")
      set(labels "")
    elseif(kind STREQUAL "threads")
      set(filter "${threads}-${slow}:${timed}")
      set(labels LABELS threads)
    elseif(kind STREQUAL "timed")
      set(filter "${timed}")
      set(labels LABELS slow RUN_SERIAL ON)
    else()
      set(filter "${slow}")
      set(labels LABELS slow)
    endif()
    gtest_discover_tests(
      ${program}
      TEST_PREFIX ${folder}/
      TEST_FILTER ${filter}
      TEST_LIST ${program}_${kind}
      DISCOVERY_TIMEOUT 120
      PROPERTIES TIMEOUT 600 ENVIRONMENT DLC_CACHE=off ${labels})
  endforeach()
endfunction()

# Every file below tests/ with a RUN line is a test: see tests/text/run_text_test.
function(dlc_add_text_tests)
  find_program(DLC_FILECHECK NAMES FileCheck-19 HINTS /usr/lib/llvm-19/bin)
  if(NOT DLC_FILECHECK)
    message(FATAL_ERROR "The text tests need FileCheck 19; install llvm-19-tools (tools/setup.sh does), "
                        "or configure with -DDLC_BUILD_TESTS=OFF.")
  endif()
  add_test(NAME text/self_test COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/text/self_test ${DLC_FILECHECK})
  if(NOT TARGET dlc)
    return()  # without the tool there is nothing to run
  endif()
  file(
    GLOB_RECURSE files
    CONFIGURE_DEPENDS
    RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
    *.dlir *.dlc *.test)
  foreach(file IN LISTS files)
    file(STRINGS ${file} run_lines REGEX "^(//|#) RUN:" LIMIT_COUNT 1)
    if(run_lines)
      string(REGEX REPLACE "^text/" "" name ${file})
      add_test(NAME text/${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/text/run_text_test --dlc=$<TARGET_FILE:dlc>
                                         --filecheck=${DLC_FILECHECK} --temp=${CMAKE_CURRENT_BINARY_DIR}/text_temp
                                         ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      set_tests_properties(text/${name} PROPERTIES TIMEOUT 300 ENVIRONMENT DLC_CACHE=off)
    endif()
  endforeach()
endfunction()

# Each tests/fuzz/<name>_fuzz.cpp defines LLVMFuzzerTestOneInput. Under the fuzz preset it is a
# libFuzzer program; elsewhere it is a short, seeded test over its corpus, tests/fuzz/corpus/<name>.
function(dlc_add_fuzz_targets)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp)
  if(NOT DLC_SANITIZE MATCHES "fuzzer")
    add_library(dlc_fuzz_driver OBJECT ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/driver.cpp)
    target_link_libraries(dlc_fuzz_driver PRIVATE dlc_options dlc_support)
  endif()
  foreach(source IN LISTS sources)
    get_filename_component(program ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name ${program})
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
    add_executable(${program} ${source})
    target_link_libraries(${program} PRIVATE dlc_testing dlc_frontend)
    if(DLC_SANITIZE MATCHES "fuzzer")
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
      add_test(NAME fuzz/${name} COMMAND ${program} -runs=2000 -seed=1 -max_len=4096 ${corpus})
    else()
      target_link_libraries(${program} PRIVATE dlc_fuzz_driver)
      add_test(NAME fuzz/${name} COMMAND ${program} --runs=500 --seed=1 ${corpus})
    endif()
    set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()
