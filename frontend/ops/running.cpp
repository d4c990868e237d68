#include "frontend/ops/running.h"

namespace dlc {

using ir::Value;

OpSpec running_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "numbers, rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "negative from the end"),
                    default_attr("exclusive", false, "without the element itself"),
                    default_attr("reverse", false, "from the end")},
          .expand = expand};
}

std::vector<Value> expand_running(ExpandContext& c, const char* kind) {
  c.need_number(0);
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  return {c.b.op(ir::OpKind::kScan, {x},
                 {{"kind", std::string(kind)},
                  {"axis", c.axis_attr("axis", x.rank())},
                  {"reverse", c.bool_attr("reverse")},
                  {"exclusive", c.bool_attr("exclusive")}})};
}

}  // namespace dlc
