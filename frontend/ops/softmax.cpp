#include "frontend/ops/softmax_like.h"

namespace dlc {

OpSpec softmax_spec() {
  return softmax_like<ir::OpKind::kSoftmax>("softmax", "e^x / sum(e^x) along `axis`, without overflow.");
}

Tensor softmax(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("softmax", {x}, {{"axis", axis}}, name);
}

}  // namespace dlc
