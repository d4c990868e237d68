// What the passes and schedules must know of the machine: a plain struct that the backend fills.
#pragma once

#include <cstdint>
#include <string>

#include "support/dtype.h"

namespace dlc::ir {

struct Target {
  std::string name = "x86-64";  ///< for messages and cache keys
  int vector_bytes = 16;        ///< 16 (SSE2), 32 (AVX2) or 64 (AVX-512)
  int vector_registers = 16;    ///< 16, or 32 with AVX-512
  bool has_fma = false;         ///< the feature class that SEMANTICS promises bits for
  int64_t l1_bytes = 32 << 10;  ///< data cache of one core
  int64_t l2_bytes = 1 << 20;   ///< of one core
  int64_t l3_bytes = 8 << 20;   ///< shared

  /// Lanes of one register of `t`; bools count as bytes of their vector of i32 (lanes of kInt32).
  int lanes(DType t) const { return vector_bytes / static_cast<int>(t == kBool || t == kUInt8 ? 4 : size_of(t)); }
};

}  // namespace dlc::ir
