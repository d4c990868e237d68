#include "frontend/graph/make_node.h"
#include "frontend/ops/box.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_index(ExpandContext& c) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  Box box(x);
  narrow_to(c, x, 0, c.int_attr("index"), box);
  return {c.b.reshape(take(c, x, std::move(box)), {x.dims().begin() + 1, x.dims().end()})};
}

}  // namespace

OpSpec index_spec() {
  return {.name = "index",
          .category = "shapes",
          .doc = "x[index]: the row at `index` along the first axis, which vanishes.",
          .operands = {{"x", "rank >= 1"}},
          .attrs = {required_attr("index", int64_t{0}, "negative counts from the end")},
          .expand = expand_index};
}

Tensor Tensor::operator[](Index i) const {
  return make_node(graph(), "index", {*this}, {{"index", i.value}}, {}, i.loc).output();
}

}  // namespace dlc
