#include "frontend/ops/arg_extreme.h"

namespace dlc {

OpSpec argmax_spec() {
  return arg_extreme_spec("argmax",
                          "The index of the largest element along `axis`: the first of equal ones, of the first NaN.",
                          [](ExpandContext& c) { return expand_arg_extreme(c, "max"); });
}

Tensor argmax(const TensorArg& x, int64_t axis, DType output_type, std::string_view name) {
  return apply("argmax", {x}, {{"axis", axis}, {"output_type", output_type}}, name);
}

}  // namespace dlc
