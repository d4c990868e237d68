#include "frontend/ops/filled_like.h"

namespace dlc {

OpSpec zeros_like_spec() {
  return filled_like_spec("zeros_like", "0 everywhere, with the dimensions of x.",
                          [](ExpandContext& c) { return expand_filled_like(c, 0); });
}

Tensor zeros_like(const TensorArg& x, std::optional<DType> dtype, std::string_view name) {
  return make_filled_like("zeros_like", x, dtype, name);
}

}  // namespace dlc
