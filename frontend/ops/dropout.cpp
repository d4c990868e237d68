#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_dropout(ExpandContext& c) {
  c.need_float(0);
  const double rate = c.float_attr("rate");
  if (!(rate >= 0 && rate < 1)) c.fail(ErrorCode::kInvalidArgument, "'rate' is {}, needs 0 <= rate < 1", rate);
  const Value x = c.operand(0);
  const Value keep = c.b.compare("ge", unit_uniform(c, x.type(), c.rng_state()), c.b.full_like(x, rate));
  return {c.b.select(keep, c.b.mul(x, 1 / (1 - rate)), c.b.full_like(x, 0))};
}

}  // namespace

OpSpec dropout_spec() {
  return {.name = "dropout",
          .category = "random numbers",
          .doc = "Each element is 0 with probability `rate`, else divided by 1 - rate; new in each run.",
          .operands = {{"x", "f32 or f64"}},
          .attrs = with_seed_attrs({required_attr("rate", 0.0, "0 <= rate < 1")}),
          .seeded = true,
          .expand = expand_dropout};
}

Tensor dropout(const TensorArg& x, double rate, Seed seed, std::string_view name) {
  return apply("dropout", {x}, with_seed({{"rate", rate}}, seed), name);
}

}  // namespace dlc
