#include "frontend/ops/unary.h"

namespace dlc {

OpSpec rint_spec() {
  return unary_spec<ir::OpKind::kRoundEven>("rint", "rounding",
                                            "The nearest integer; of two equally near ones the even one.");
}

Tensor rint(const TensorArg& x, std::string_view name) { return apply("rint", {x}, {}, name); }

}  // namespace dlc
