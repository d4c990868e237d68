#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_divide(ExpandContext& c) {
  c.need_number(0);
  auto [x, y] = pair_of(c);
  if (!is_float(x.dtype())) {
    const DType wide = x.dtype() == kUInt8 ? kFloat32 : kFloat64;
    x = c.b.convert(x, wide);
    y = c.b.convert(y, wide);
  }
  return {c.b.div(x, y)};
}

}  // namespace

OpSpec divide_spec() {
  return binary_spec("divide", "arithmetic", "x / y; of integers in f64 (of u8 in f32).", expand_divide);
}

Tensor divide(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("divide", {x, y}, {}, name);
}

}  // namespace dlc
