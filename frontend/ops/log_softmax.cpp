#include "frontend/ops/softmax_like.h"

namespace dlc {

OpSpec log_softmax_spec() {
  return softmax_like<ir::OpKind::kLogSoftmax>("log_softmax", "log(softmax(x)), without overflow.");
}

Tensor log_softmax(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("log_softmax", {x}, {{"axis", axis}}, name);
}

}  // namespace dlc
