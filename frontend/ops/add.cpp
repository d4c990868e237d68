#include "frontend/ops/binary.h"

namespace dlc {

OpSpec add_spec() { return binary_spec("add", "arithmetic", "x + y.", expand_binary<ir::OpKind::kAdd>); }

Tensor add(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("add", {x, y}, {}, name); }

}  // namespace dlc
