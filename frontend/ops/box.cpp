#include "frontend/ops/box.h"

namespace dlc {

using ir::Value;

Value take(ExpandContext& c, Value x, Box box) {
  return c.b.slice(x, std::move(box.start), std::move(box.limit), std::move(box.strides));
}

void narrow_to(ExpandContext& c, Value x, size_t axis, int64_t index, Box& box) {
  const ir::Dim& dim = x.dims()[axis];
  if (dim.is_constant() && (index < -dim.constant() || index >= dim.constant()))
    c.fail(ErrorCode::kOutOfRange, "index {} is out of range: axis {} of {} has {} elements", index, axis, x.type(),
           dim);
  box.start[axis] = index < 0 ? dim + index : ir::Dim(index);
  box.limit[axis] = box.start[axis] + 1;
}

Value part_along(ExpandContext& c, Value x, int64_t axis, const ir::Dim& from, const ir::Dim& to) {
  Box box(x);
  box.start[static_cast<size_t>(axis)] = from;
  box.limit[static_cast<size_t>(axis)] = to;
  return take(c, x, std::move(box));
}

}  // namespace dlc
