// Why a step became the program that it is: kernels and what keeps them apart, copies, memory.
//
//   const Explanation why = session.explain({train}, {{x, {kFloat32, {64, 784}}}, {labels, {kInt32, {64}}}});
//   fmt::print("{}", value_or_throw(why.why_not_fused("relu", "matmul_1")));
#pragma once

#include "backend/compiler.h"
#include "frontend/session/session.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

using Explanation = backend::Explanation;
/// What one kernel call of a step took: Callable::profile.
using KernelProfile = backend::KernelProfile;

}  // namespace dlc DLC_PUBLIC
