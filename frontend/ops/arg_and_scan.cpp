// argmax argmin cumsum cumprod: along one axis.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/reductions.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_arg(ExpandContext& c, const char* kind) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  const DType output = c.dtype_attr("output_type");
  if (output != kInt32 && output != kInt64)
    c.fail(ErrorCode::kInvalidType, "'output_type' needs i32 or i64, got {}", output);
  return {c.b.op(ir::OpKind::kArgReduce, {x},
                 {{"kind", std::string(kind)}, {"axis", c.axis_attr("axis", x.rank())}, {"dtype", output}})};
}

OpSpec arg_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "the axis that vanishes; negative from the end"),
                    default_attr("output_type", kInt64, "i32 or i64")},
          .expand = expand};
}

std::vector<Value> expand_scan(ExpandContext& c, const char* kind) {
  c.need_number(0);
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  return {c.b.op(ir::OpKind::kScan, {x},
                 {{"kind", std::string(kind)},
                  {"axis", c.axis_attr("axis", x.rank())},
                  {"reverse", c.bool_attr("reverse")},
                  {"exclusive", c.bool_attr("exclusive")}})};
}

OpSpec scan_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "numbers, rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "negative from the end"),
                    default_attr("exclusive", false, "without the element itself"),
                    default_attr("reverse", false, "from the end")},
          .expand = expand};
}

}  // namespace

OpSpec argmax_spec() {
  return arg_spec("argmax", "The index of the largest element along `axis`: the first of equal ones, of the first NaN.",
                  [](ExpandContext& c) { return expand_arg(c, "max"); });
}
OpSpec argmin_spec() {
  return arg_spec("argmin",
                  "The index of the smallest element along `axis`: the first of equal ones, of the first NaN.",
                  [](ExpandContext& c) { return expand_arg(c, "min"); });
}
OpSpec cumsum_spec() {
  return scan_spec("cumsum", "Running sums along `axis`.", [](ExpandContext& c) { return expand_scan(c, "sum"); });
}
OpSpec cumprod_spec() {
  return scan_spec("cumprod", "Running products along `axis`.",
                   [](ExpandContext& c) { return expand_scan(c, "prod"); });
}

Tensor argmax(const TensorArg& x, int64_t axis, DType output_type, std::string_view name) {
  return apply("argmax", {x}, {{"axis", axis}, {"output_type", output_type}}, name);
}
Tensor argmin(const TensorArg& x, int64_t axis, DType output_type, std::string_view name) {
  return apply("argmin", {x}, {{"axis", axis}, {"output_type", output_type}}, name);
}
Tensor cumsum(const TensorArg& x, int64_t axis, bool exclusive, bool reverse, std::string_view name) {
  return apply("cumsum", {x}, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, name);
}
Tensor cumprod(const TensorArg& x, int64_t axis, bool exclusive, bool reverse, std::string_view name) {
  return apply("cumprod", {x}, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, name);
}

}  // namespace dlc
