#include "frontend/ops/arg_extreme.h"

namespace dlc {

OpSpec argmin_spec() {
  return arg_extreme_spec("argmin",
                          "The index of the smallest element along `axis`: the first of equal ones, of the first NaN.",
                          [](ExpandContext& c) { return expand_arg_extreme(c, "min"); });
}

Tensor argmin(const TensorArg& x, int64_t axis, DType output_type, std::string_view name) {
  return apply("argmin", {x}, {{"axis", axis}, {"output_type", output_type}}, name);
}

}  // namespace dlc
