// The C interface between compiled code and its host. Generated code holds no host address and no
// external symbol (but memcpy, memmove, memset): it reaches the host through `dlc_services`.
//
// A kernel is   void kernel(dlc_context*, void* const* buffers, const int64_t* scalars);
// a step is     void step(dlc_context*, void* const* buffers, const int64_t* scalars);
// The step calls its kernels in order, each with the slices of `buffers` and `scalars` that the
// plan laid out for it. Scalars narrower than 64 bits sit in the low bytes of their slot.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dlc_context dlc_context;
typedef void (*dlc_task_fn)(dlc_context*, int64_t chunk, void* closure);
typedef void (*dlc_entry_fn)(dlc_context*, void* const* buffers, const int64_t* scalars);

#define DLC_ABI_VERSION 1

/// Host services. Fields are only ever appended; `version` says how many there are.
typedef struct dlc_services {
  int64_t version;
  /// Runs fn(context, i, closure) for each i in [0, n_chunks), on any threads, and returns when all
  /// are done. Cannot fail. Never called from inside a chunk.
  void (*parallel_for)(dlc_context*, int64_t n_chunks, dlc_task_fn fn, void* closure);
  /// Records that check `site` failed at `element` with the offending `value`. The lowest site, then
  /// the lowest element, wins. May be called from any chunk.
  void (*report_fault)(dlc_context*, int64_t site, int64_t element, int64_t value);
} dlc_services;

/// Generated code reads `services` and `fault_site`; the rest belongs to the host.
struct dlc_context {
  const dlc_services* services;
  /// The lowest site that failed in this run; DLC_NO_FAULT when none did.
  int64_t fault_site;
  int64_t fault_element;
  int64_t fault_value;
  /// The host's own state (runtime::Context).
  void* host;
};

#define DLC_NO_FAULT INT64_MAX

#ifdef __cplusplus
}  // extern "C"
#endif
