// Plan: which kernels run in which order over which buffers. Buffers live here, not in the IR:
// liveness, in-place updates and the two phases of a step (SEMANTICS "Variables and failure").
//
//   plan @step
//     buffer %0 param x : f32[64,784]
//     buffer %3 arena : f32[64,512] live 0..2
//     phase 1
//       call dot_3f1c(%0, %1, %3) (64, 512, ...)    // dense1/MatMul +2
//     phase 2
//       call loop_90ab(%1, %4, %1) (401408)         // adam/w1
#pragma once

#include <map>
#include <string>
#include <vector>

#include "backend/cpu/kernel_context.h"
#include "backend/loops/loops.h"
#include "ir/function.h"
#include "ir/target.h"
#include "support/expected.h"

namespace dlc::backend {

struct PlanBuffer {
  enum Kind : uint8_t {
    kParam,     ///< parameter `index` of the function; variables are also written
    kResult,    ///< result `index`
    kConstant,  ///< constant `index` of the plan
    kArena,     ///< part of the arena while calls [first_call, last_call] run
  };
  Kind kind = kArena;
  int index = 0;
  DType dtype = kFloat32;
  ir::Dim elements;
  int first_call = -1, last_call = -1;
  std::string name;  ///< the user's node, for people
};

struct PlanCall {
  int kernel = 0;                  ///< index into Plan::kernels
  std::vector<int> buffers;        ///< indices into Plan::buffers
  std::vector<ScalarArg> scalars;  ///< kSite: `bits` is the number of the site
  std::vector<std::string> nodes;  ///< the user's nodes that it computes
  bool can_fail = false;
};

/// A check that can fail at run time.
struct PlanSite {
  ir::Provenance provenance;
  std::string check;
};

struct PlanParam {
  ir::TensorType type;
  ir::ParamInfo info;
  ir::Provenance provenance;
};

struct PlanResult {
  ir::TensorType type;
  ir::ResultInfo info;
  int param = -1;  ///< kUpdate: the variable's parameter, whose buffer receives the value
};

struct Plan {
  std::string name;
  std::vector<PlanParam> params;
  std::vector<PlanResult> results;
  std::vector<ir::Requirement> requirements;
  std::vector<loops::Kernel> kernels;  ///< each content once; the name is its hash
  std::vector<PlanBuffer> buffers;
  std::vector<Array> constants;
  std::vector<PlanCall> calls;  ///< in order
  size_t phase2 = 0;            ///< the first call of phase 2
  std::vector<PlanSite> sites;

  bool can_fail() const { return !sites.empty(); }
};

/// Plans a fused function (passes/fusion/fuse.h).
Expected<Plan> make_plan(const ir::Function& fused, const ir::Target& target);

/// Checks what the plan promises: no call of phase 2 can fail, none of phase 1 writes a variable,
/// every buffer is written before it is read and used only while it lives, results all written,
/// buffers of the types and in the number that kernels take. (That old values of variables are read
/// before new ones are written shows in results alone: random programs test it.)
Expected<void> verify(const Plan& plan);

std::string print(const Plan& plan);

}  // namespace dlc::backend
