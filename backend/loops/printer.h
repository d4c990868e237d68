// The readable form of a kernel. Constants and scalar parameters stand where they are used; the
// type of an instruction is that of its result (of its operands for comparisons and stores).
//
//   kernel @scale(%x: f32* readonly, %y: f32* inout, %n: i64) {
//     for %0 = 0 to %n step 1 {
//       %1 = load %x[%0] : f32
//       %2 = mul %1, 2.0 : f32
//       store %y[%0], %2 : f32
//     }
//   }
#pragma once

#include <fmt/format.h>

#include <string>

#include "backend/loops/loops.h"

namespace dlc::backend::loops {

/// "f32", "f32x16".
std::string to_string(Type type);

/// The whole kernel; values are numbered in the order of the text.
std::string print(const Kernel& kernel);

/// One instruction of the kernel (of control flow its first line), with the names of print().
/// Never fails, however broken the kernel is: errors quote with it.
std::string print(const Kernel& kernel, const Inst& inst);

/// print() with the names of kernel, buffers and scalars replaced by numbers: two kernels with
/// equal content are the same kernel.
std::string content(const Kernel& kernel);

}  // namespace dlc::backend::loops

template <>
struct fmt::formatter<dlc::backend::loops::Type> : fmt::formatter<std::string> {
  auto format(dlc::backend::loops::Type t, fmt::format_context& ctx) const {
    return fmt::formatter<std::string>::format(dlc::backend::loops::to_string(t), ctx);
  }
};
