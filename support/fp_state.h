// The floating-point state that programs run under, compiled or interpreted: set for a scope and
// then restored.
//
//   {
//     FpStateGuard guard(FpMode::kFlushSubnormals);
//     entry(context, buffers, scalars);
//   }  // the host's own state again, sticky flags included
#pragma once

#include <cstdint>

#if !defined(__x86_64__)
#error "dlc runs on x86-64: fp_state.h knows no other floating-point control register"
#endif
#include <xmmintrin.h>

#include "support/fp_mode.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// All exceptions masked, round to nearest even; FTZ and DAZ as `mode` says. Costs a few
/// nanoseconds. Belongs to the thread that made it.
class DLC_PUBLIC FpStateGuard {
 public:
  explicit FpStateGuard(FpMode mode) : saved_(_mm_getcsr()) { _mm_setcsr(control_word(mode)); }
  ~FpStateGuard() { _mm_setcsr(saved_); }
  FpStateGuard(const FpStateGuard&) = delete;
  FpStateGuard& operator=(const FpStateGuard&) = delete;

  /// The MXCSR value of a mode.
  static constexpr uint32_t control_word(FpMode mode) {
    constexpr uint32_t kAllMasked = 0x1F80;  // the six exception masks; rounding bits 00 = nearest even
    constexpr uint32_t kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
    return kAllMasked | (mode == FpMode::kFlushSubnormals ? kFlushToZero | kDenormalsAreZero : 0);
  }

 private:
  uint32_t saved_;
};

}  // namespace dlc DLC_PUBLIC
