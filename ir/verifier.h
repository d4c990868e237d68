// The verifier: whether a function is well formed, and whether it holds only what its stage of
// compilation allows. Reports everything it finds, with the user's node and place; never aborts,
// whatever the function looks like.
//
//   DLC_RETURN_IF_ERROR(verify(function, Stage::kDifferentiated));
#pragma once

#include <vector>

#include "ir/function.h"
#include "support/error.h"
#include "support/expected.h"

namespace dlc::ir {

/// What may be in a function, from the front end to the plan.
enum class Stage : uint8_t {
  kAny,             ///< every op: text of unknown age
  kGraph,           ///< as lowered: gradients and pins, no fusion yet
  kDifferentiated,  ///< gradients, pin, override and stop_gradient are gone; no fusion yet
  kFused,           ///< fusions, a kernel each, and reshapes, which only rename buffers
};
/// "any", "graph", "differentiated", "fused".
const char* to_string(Stage stage);

/// Every problem found, in order, at most 50: structure, use lists, dominance, attributes, types
/// (inferred anew, and equal), requirements, regions, parameters, results and updates.
std::vector<Error> find_problems(const Function& function, Stage stage = Stage::kAny);
/// The same as one Error of code kInternal: passes and builders owe well-formed functions.
Expected<void> verify(const Function& function, Stage stage = Stage::kAny);

}  // namespace dlc::ir
