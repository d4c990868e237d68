#include "frontend/graph/make_node.h"
#include "frontend/ops/box.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_split(ExpandContext& c) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  const int64_t axis = c.axis_attr("axis", x.rank());
  const ir::Dim& n = x.type().dim(axis);
  const ir::Ints& given = c.ints_attr("num_or_size_splits");
  std::vector<ir::Dim> sizes(given.begin(), given.end());
  if (given.size() == 1) {
    if (given[0] < 1)
      c.fail(ErrorCode::kInvalidArgument, "'num_or_size_splits' is {}, needs at least 1 part", given[0]);
    if (n.is_constant() && n.constant() % given[0] != 0)
      c.fail(ErrorCode::kInvalidShape, "axis {} of {} does not make {} equal parts", axis, x.type(), given[0]);
    const ir::Dim each = ir::Dim::floor_div(n, given[0]);
    c.require(each * given[0], n, fmt::format("axis {} of {} in {} equal parts", axis, x.type(), given[0]));
    sizes.assign(static_cast<size_t>(given[0]), each);
  }
  ir::Dim sum(0);
  for (const ir::Dim& s : sizes) sum = sum + s;
  if (given.size() != 1) c.require(sum, n, fmt::format("the sizes of the parts and axis {} of {}", axis, x.type()));
  std::vector<Value> out;
  ir::Dim at(0);
  for (const ir::Dim& s : sizes) {
    out.push_back(part_along(c, x, axis, at, at + s));
    at = at + s;
  }
  return out;
}

}  // namespace

OpSpec split_spec() {
  return {.name = "split",
          .category = "shapes",
          .doc = "Equal parts along an axis, or parts of these sizes.",
          .operands = {{"x", "rank >= 1"}},
          .attrs = {required_attr("num_or_size_splits", ir::Ints{}, "one: how many equal parts; more: their sizes"),
                    default_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_split};
}

std::vector<Tensor> split(const TensorArg& x, int64_t num_splits, int64_t axis, std::string_view name) {
  return apply_op("split", {x}, {{"num_or_size_splits", ir::Ints{num_splits}}, {"axis", axis}}, name).outputs();
}

std::vector<Tensor> split(const TensorArg& x, const std::vector<int64_t>& sizes, int64_t axis, std::string_view name) {
  if (sizes.size() < 2)
    throw Exception(
        make_error(ErrorCode::kInvalidArgument, "split: needs the sizes of two parts or more, got {}", sizes.size())
            .at(x.where()));
  return apply_op("split", {x}, {{"num_or_size_splits", sizes}, {"axis", axis}}, name).outputs();
}

}  // namespace dlc
