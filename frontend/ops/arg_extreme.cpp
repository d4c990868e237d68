#include "frontend/ops/arg_extreme.h"

namespace dlc {

using ir::Value;

OpSpec arg_extreme_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "the axis that vanishes; negative from the end"),
                    default_attr("output_type", kInt64, "i32 or i64")},
          .expand = expand};
}

std::vector<Value> expand_arg_extreme(ExpandContext& c, const char* kind) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  return {c.b.op(ir::OpKind::kArgReduce, {x},
                 {{"kind", std::string(kind)},
                  {"axis", c.axis_attr("axis", x.rank())},
                  {"dtype", c.index_dtype_attr("output_type")}})};
}

}  // namespace dlc
