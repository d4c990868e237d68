# DLC_SANITIZE: what the checks of the sanitizer builds are and are not.
#
# Neither libLLVM nor the machine code that a program compiles at run time is instrumented: a
# stray store of generated code is found by the tests' canaries and the loops interpreter, not here.
if(NOT DLC_SANITIZE)
  return()
endif()

target_compile_options(dlc_options INTERFACE -fsanitize=${DLC_SANITIZE} -fno-omit-frame-pointer)
target_link_options(dlc_options INTERFACE -fsanitize=${DLC_SANITIZE})
target_compile_definitions(dlc_options INTERFACE DLC_SANITIZED)
# Checks of the standard library's own preconditions (an index past a vector's end, say).
target_compile_definitions(dlc_options INTERFACE _GLIBCXX_ASSERTIONS)
if(DLC_SANITIZE MATCHES "undefined")
  target_compile_options(dlc_options INTERFACE -fno-sanitize-recover=all)
  # vptr: LLVM is built without the type information that this check reads.
  target_compile_options(dlc_options INTERFACE -fno-sanitize=vptr)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # function: reads a signature in the bytes before a called function; generated code has none,
    # and there may be no page there to read.
    target_compile_options(dlc_options INTERFACE -fno-sanitize=function)
  endif()
endif()
