// For functions that call into generated code.
#pragma once

// Clang's -fsanitize=function looks for a type signature in the bytes before a callee. Generated
// code has none, and at the start of its pages there is nothing to read at all.
#if defined(__clang__)
#define DLC_CALLS_GENERATED_CODE __attribute__((no_sanitize("function")))
#else
#define DLC_CALLS_GENERATED_CODE
#endif
