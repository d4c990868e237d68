#include "frontend/ops/filled_like.h"

namespace dlc {

OpSpec ones_like_spec() {
  return filled_like_spec("ones_like", "1 everywhere, with the dimensions of x.",
                          [](ExpandContext& c) { return expand_filled_like(c, 1); });
}

Tensor ones_like(const TensorArg& x, std::optional<DType> dtype, std::string_view name) {
  return make_filled_like("ones_like", x, dtype, name);
}

}  // namespace dlc
