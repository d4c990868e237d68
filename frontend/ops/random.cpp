// random_uniform random_normal truncated_normal dropout: new numbers in each run.
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

using ir::Value;

namespace {

ir::TensorType type_of(const ExpandContext& c) {
  const ir::TensorType type{c.dtype_attr("dtype"), c.dims_attr("dims")};
  if (!is_float(type.dtype)) c.fail(ErrorCode::kInvalidType, "'dtype' needs f32 or f64, got {}", type.dtype);
  return type;
}

OpSpec random_spec(const char* name, const char* doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand) {
  attrs.insert(attrs.begin(), required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders"));
  attrs.push_back(default_attr("dtype", kFloat32, "f32 or f64"));
  return {.name = name,
          .category = "random numbers",
          .doc = doc,
          .attrs = with_seed_attrs(std::move(attrs)),
          .seeded = true,
          .expand = expand};
}

std::vector<AttrSpec> normal_attrs() {
  return {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation")};
}

std::vector<Value> expand_dropout(ExpandContext& c) {
  c.need_float(0);
  const double rate = c.float_attr("rate");
  if (!(rate >= 0 && rate < 1)) c.fail(ErrorCode::kInvalidArgument, "'rate' is {}, needs 0 <= rate < 1", rate);
  const Value x = c.operand(0);
  const Value keep = c.b.compare("ge", unit_uniform(c, x.type(), c.rng_state()), c.b.full_like(x, rate));
  return {c.b.select(keep, c.b.mul(x, 1 / (1 - rate)), c.b.full_like(x, 0))};
}

}  // namespace

OpSpec random_uniform_spec() {
  return random_spec(
      "random_uniform", "Uniform on [minval, maxval), new in each run.",
      {default_attr("minval", 0.0, "lower end"), default_attr("maxval", 1.0, "upper end, not reached")},
      [](ExpandContext& c) {
        return std::vector{uniform(c, type_of(c), c.rng_state(), c.float_attr("minval"), c.float_attr("maxval"))};
      });
}
OpSpec random_normal_spec() {
  return random_spec("random_normal", "Normal, new in each run.", normal_attrs(), [](ExpandContext& c) {
    return std::vector{normal(c, type_of(c), c.rng_state(), c.float_attr("mean"), c.float_attr("stddev"), false)};
  });
}
OpSpec truncated_normal_spec() {
  return random_spec(
      "truncated_normal", "Normal, cut off at two standard deviations, new in each run.", normal_attrs(),
      [](ExpandContext& c) {
        return std::vector{normal(c, type_of(c), c.rng_state(), c.float_attr("mean"), c.float_attr("stddev"), true)};
      });
}

OpSpec dropout_spec() {
  return {.name = "dropout",
          .category = "random numbers",
          .doc = "Each element is 0 with probability `rate`, else divided by 1 - rate; new in each run.",
          .operands = {{"x", "f32 or f64"}},
          .attrs = with_seed_attrs({required_attr("rate", 0.0, "0 <= rate < 1")}),
          .seeded = true,
          .expand = expand_dropout};
}

namespace {

Tensor make(std::string_view op, const DimsArg& dims, ir::AttrMap attrs, DType dtype, Seed seed, std::string_view name,
            const std::source_location& loc) {
  Graph graph = default_graph();
  Expected<ir::Dims> resolved = dims.resolve(graph);
  if (!resolved) throw Exception(std::move(resolved).error().at(loc));
  attrs["dims"] = std::move(resolved).value();
  attrs["dtype"] = dtype;
  if (seed) attrs["seed"] = *seed;
  return apply_at(loc, op, std::move(attrs), name);
}

}  // namespace

Tensor random_uniform(const DimsArg& dims, double minval, double maxval, DType dtype, Seed seed, std::string_view name,
                      std::source_location loc) {
  return make("random_uniform", dims, {{"minval", minval}, {"maxval", maxval}}, dtype, seed, name, loc);
}
Tensor random_normal(const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed, std::string_view name,
                     std::source_location loc) {
  return make("random_normal", dims, {{"mean", mean}, {"stddev", stddev}}, dtype, seed, name, loc);
}
Tensor truncated_normal(const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed, std::string_view name,
                        std::source_location loc) {
  return make("truncated_normal", dims, {{"mean", mean}, {"stddev", stddev}}, dtype, seed, name, loc);
}
Tensor dropout(const TensorArg& x, double rate, Seed seed, std::string_view name) {
  ir::AttrMap attrs{{"rate", rate}};
  if (seed) attrs["seed"] = *seed;
  return apply("dropout", {x}, std::move(attrs), name);
}

}  // namespace dlc
