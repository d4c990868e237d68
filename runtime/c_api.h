// Running programs that were compiled ahead of time, from C. This header and libdlc_runtime are all
// that a caller needs beside the object or shared library that `dlc compile` made.
//
//   #include "mlp.h"                        // made by: dlc compile mlp.dlc ... --emit shared -o mlp.so
//   dlc_pool* pool = dlc_pool_create(0);    // all CPUs; NULL in place of a pool: the calling thread alone
//   dlc_execution* mlp = dlc_execution_create(&mlp_program, pool);
//   if (!mlp || mlp_run(mlp, x, logits) != 0) puts(dlc_last_error());
//   dlc_execution_destroy(mlp);
//   dlc_pool_destroy(pool);
//
// Functions that can fail return NULL or -1 and leave the reason in dlc_last_error().
#pragma once

#include <stddef.h>

#include "runtime/program.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DLC_RUNTIME_API __attribute__((visibility("default")))

/// Threads that runs share. Any number of threads may use a pool at the same time.
typedef struct dlc_pool dlc_pool;
/// `num_threads`: how many work on one run, its caller included; 0: as many as there are CPUs for this
/// process. They are started by the first run that has work for them.
DLC_RUNTIME_API dlc_pool* dlc_pool_create(int num_threads);
/// No run may be using the pool. NULL is legal.
DLC_RUNTIME_API void dlc_pool_destroy(dlc_pool* pool);

/// A program made ready to run: it owns the working memory. One run at a time; several executions of
/// one program may run at the same time.
typedef struct dlc_execution dlc_execution;
/// `program` and `pool` are borrowed until the execution is destroyed. Fails when the program is of a
/// later version than the runtime, needs instructions that this machine lacks, or more memory than
/// there is.
DLC_RUNTIME_API dlc_execution* dlc_execution_create(const dlc_program* program, dlc_pool* pool);
/// Runs the program once. params[i] points to the elements of parameter i, those of variables are
/// updated in place; results[i] to room for result i (NULL for an update). Memory that is written may
/// overlap nothing else. Fails when a check of the program does: then no variable has changed.
/// Allocates nothing unless it fails.
DLC_RUNTIME_API int dlc_execution_run(dlc_execution* execution, void* const* params, void* const* results);
/// NULL is legal.
DLC_RUNTIME_API void dlc_execution_destroy(dlc_execution* execution);

/// The program of a shared library made by `dlc compile --emit shared`, for callers that are not linked
/// with it. It stays loaded until the process ends.
DLC_RUNTIME_API const dlc_program* dlc_program_open(const char* path);

/// Bytes of a parameter or result.
DLC_RUNTIME_API size_t dlc_value_bytes(const dlc_value* value);

/// Why the last function that failed on this thread did; valid until the next that fails.
DLC_RUNTIME_API const char* dlc_last_error(void);

#ifdef __cplusplus
}  // extern "C"
#endif
