#include "frontend/ops/unary.h"

namespace dlc {

OpSpec round_spec() {
  return unary_spec<ir::OpKind::kRoundEven>("round", "rounding",
                                            "The nearest integer; of two equally near ones the even one.");
}

Tensor round(const TensorArg& x, std::string_view name) { return apply("round", {x}, {}, name); }

}  // namespace dlc
