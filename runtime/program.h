// A compiled program as data: what its step takes and gives, and what must be laid out to call it,
// all sizes bound. The same table whether the program was compiled in this process (made by
// backend/plan/bound_plan.h) or ahead of time (`dlc compile --emit obj|shared` puts it into the file).
// Plain C; every field is 8 bytes wide, and fields are only ever appended.
#pragma once

#include "runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(readability-identifier-naming): names of C
/// Element types: one byte for DLC_BOOL (0 or 1), else as wide as the name says.
enum { DLC_BOOL, DLC_U8, DLC_I32, DLC_I64, DLC_U32, DLC_U64, DLC_F32, DLC_F64 };

/// What a parameter or a result is to the caller.
enum {
  DLC_FEED,       ///< parameter: a value given for one run
  DLC_VARIABLE,   ///< parameter: memory of the caller's that a run reads, and updates in place
  DLC_RNG_STATE,  ///< parameter: u64[], what random operations draw from; another for each run
  DLC_FETCH,      ///< result: memory of the caller's that a run fills
  DLC_UPDATE      ///< result: goes to the memory of a variable; the caller gives none
};

typedef struct dlc_value {
  const char* name;
  int64_t kind;
  int64_t dtype;
  int64_t rank;
  const int64_t* dims;  ///< `rank` sizes, outermost first; elements lie in row-major order
  int64_t param;        ///< DLC_UPDATE: the number of the variable among the parameters; else -1
} dlc_value;

/// Where one buffer of a kernel call lies.
enum { DLC_AT_PARAM, DLC_AT_RESULT, DLC_AT_CONSTANT, DLC_AT_ARENA };
// NOLINTEND(readability-identifier-naming)
typedef struct dlc_slot {
  int64_t kind;
  int64_t at;  ///< the number of the parameter, result or constant; in the arena an offset in bytes
} dlc_slot;

typedef struct dlc_constant {
  const void* data;
  int64_t num_bytes;
} dlc_constant;

/// A check that can fail, by the user's own words.
typedef struct dlc_site {
  const char* node;
  const char* check;
  const char* file;  ///< "": not known
  int64_t line;
  int64_t column;
} dlc_site;

/// The name under which a shared library made by `dlc compile` gives its program.
#define DLC_PROGRAM_SYMBOL "dlc_program_table"

typedef struct dlc_program {
  int64_t version;  ///< DLC_ABI_VERSION of the compiler
  const char* name;
  const char* target;  ///< the feature class that the code needs: "sse2", "avx2", "avx512"; "": of this process
  dlc_entry_fn entry;  ///< null: nothing is computed
  int64_t num_params;
  const dlc_value* params;
  int64_t num_results;
  const dlc_value* results;
  int64_t num_slots;  ///< of the entry's argument `buffers`
  const dlc_slot* slots;
  int64_t num_scalars;  ///< of the entry's argument `scalars`
  const int64_t* scalars;
  int64_t num_constants;
  const dlc_constant* constants;
  int64_t num_sites;
  const dlc_site* sites;
  int64_t arena_bytes;  ///< working memory of one run, to be aligned to 64 bytes
} dlc_program;

#ifdef __cplusplus
}  // extern "C"
#endif
