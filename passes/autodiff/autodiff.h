// Reverse-mode differentiation: `autodiff` expands every op `gradients` into ordinary ops, and
// `drop-pins` then removes what only differentiation looks at.
//
//   %wp = pin(%w) : f32[3]                       %wp = pin(%w) : f32[3]
//   %y = mul(%wp, %wp) : f32[3]            ==>   %y = mul(%wp, %wp) : f32[3]
//   %g = gradients(%y, %wp) : f32[3]             %one = ..., %a = mul(%one, %wp), %g = add(%a, %a)
#pragma once

#include "passes/pass.h"

namespace dlc::passes {

/// Expands `gradients` ops in order, so that those of gradients find ordinary ops. A gradient flows
/// along differentiable operands on ways from the xs to the ys, through pin and through override
/// (to the tensor that was fed), not through stop_gradient nor past the op's stops; an x that no y
/// depends on gets zeros. Contributions to a value are added in a fixed order: the ys' own weights
/// first, then users from the last to the first. New ops carry the provenance of the op that they
/// differentiate.
/// Errors: kUnimplemented, naming the node, for an op with a body on such a way.
Expected<bool> run_autodiff(ir::Function& function, PassContext& context);

/// pin(x) and stop_gradient(x) become x, override(h, fed) becomes fed; in bodies of ops too.
Expected<bool> run_drop_pins(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
