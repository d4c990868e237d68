// Plan: which kernels run in which order over which buffers. Buffers live here, not in the IR:
// liveness, in-place updates and the two phases of a step (SEMANTICS "Variables and failure").
//
//   plan @step
//     buffer %0 param 0 : f32[50176]  // x
//     buffer %1 param 1 : f32[401408]  // W1
//     buffer %3 arena, calls 0..2 : f32[32768]  // h1
//     phase 1
//       0: call dot_3f1c(%0, %1, %3) (64, 0x3f000000)  // h1 (+2 more)
//     phase 2
//       1: call loop_90ab(%1, %4, %1.1) (401408)  // sgd/W1
//       2: par sweep_77d0(%8, %9) ()  // 2 calls
//         row (%5, %6, %5.1)  // sgd/b1
//         row (%2, %7, %2.1)  // sgd/b2
//
// It is a tree (docs/design/0004-the-plan-is-a-tree.md); the native step is emitted from it. `%1.1` is
// the second value that buffer %1 holds; the first, `%1`, is what a variable held before the run.
#pragma once

#include <string>
#include <vector>

#include "backend/cpu/kernel_context.h"
#include "backend/loops/loops.h"
#include "backend/plan/cost.h"
#include "ir/function.h"
#include "ir/target.h"
#include "passes/fusion/fusion_log.h"
#include "support/expected.h"

namespace dlc::backend {

struct PlanBuffer {
  enum Kind : uint8_t {
    kParam,     ///< parameter `index` of the function; variables are also written
    kResult,    ///< result `index`
    kConstant,  ///< constant `index` of the plan
    kArena,     ///< part of the arena while launches [first_call, last_call] run
  };
  Kind kind = kArena;
  int index = 0;
  DType dtype = kFloat32;
  ir::Dim elements;
  int first_call = -1, last_call = -1;
  std::string name;  ///< the user's node, for people
};

/// What a call does with a buffer. The values that a buffer holds one after another are numbered
/// from 0; that of a parameter or a constant before the run is its number 0. A reader names the value
/// that it means, so that the verifier sees an order in which it would find another.
struct PlanArg {
  int buffer = 0;   ///< index into Plan::buffers
  int reads = -1;   ///< the value read; -1: none
  int writes = -1;  ///< the value written; -1: none
};

struct PlanCall {
  int kernel = 0;                  ///< index into Plan::kernels
  std::vector<PlanArg> args;       ///< one for each buffer that the kernel is passed
  std::vector<ScalarArg> scalars;  ///< kSite: `bits` is the number of the site
  std::vector<std::string> nodes;  ///< the user's nodes that it computes
  bool can_fail = false;
  Cost cost;
};

struct PlanNode {
  enum Kind : uint8_t {
    kSeq,    ///< the children, in order
    kCall,   ///< one launch of a kernel: `call`
    kPar,    ///< independent calls in one launch: `call` is that of the kernel, with what all share; the
             ///< args of a child (kCall) are one row of the kernel's tables
    kPhase,  ///< between the phases: a run with a fault ends here. Nothing behind it fails; only what is
             ///< behind it writes variables
  };
  Kind kind = kSeq;
  PlanCall call = {};
  std::vector<PlanNode> children = {};
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
  std::vector<PlanSite> sites;
  PlanNode root;
  std::vector<passes::Copied> shadows;  ///< updates that are not in place, and why, for people

  bool can_fail() const { return !sites.empty(); }
};

/// By result: the parameter of the variable whose next value it is, or -1.
std::vector<int> updated_params(const ir::Function& function);

/// The launches (kCall and kPar) in the order in which they run: what PlanBuffer counts.
std::vector<const PlanNode*> launches(const Plan& plan);

/// The calls whose arguments a launch is handed, one behind the other: its own, then its rows.
std::vector<const PlanCall*> calls_of(const PlanNode& launch);

/// All of those of all launches: the order in which buffers and scalars lie in the tables of the step.
std::vector<const PlanCall*> handed_calls(const Plan& plan);

struct PlanOptions {
  bool sweep = true;  ///< independent small element-wise calls of one form become one launch (kPar)
};

/// Plans a fused function (passes/fusion/fuse.h).
Expected<Plan> make_plan(const ir::Function& fused, const ir::Target& target, const PlanOptions& options = {});

/// Checks what the plan promises: nothing of phase 2 can fail, nothing of phase 1 writes a variable;
/// every read finds the value that it means; buffers are used only while they live and are of the
/// types and in the number that kernels take, alone where a kernel wants them alone; what is in a par
/// is independent; results and updates are all written, each once. kInternal names call and buffer.
Expected<void> verify(const Plan& plan);

std::string print(const Plan& plan);

}  // namespace dlc::backend
