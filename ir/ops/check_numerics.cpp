// check_numerics: a value that must be finite.
#include <bit>
#include <cmath>

#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

std::vector<Array> reference(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  for (int64_t i = 0; i < x.num_elements(); ++i)
    if (const double v = x.value_as_double(i); !std::isfinite(v)) c.report(i, std::bit_cast<int64_t>(v));
  return {x.clone()};
}

}  // namespace

OpDef check_numerics_op() {
  return {
      .doc =
          "x itself; an element that is NaN or infinite is a fault (value: its bits as f64). The gradient passes "
          "through.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .attrs = {{"message", std::string(), true, "what the user reads when the check fails"}},
      .fusion = FusionKind::kElementwise,
      .can_fail = true,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.result_grad()}; },
      .reference = reference,
  };
}

}  // namespace dlc::ir
