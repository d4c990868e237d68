#include "frontend/ops/initializers.h"

#include <cmath>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

Tensor Initializer::operator()(const DimsArg& dims, DType dtype, std::string_view name,
                               std::source_location loc) const {
  Expected<Shape> shape = dims.resolve_static(op_.empty() ? "initial value" : op_);
  if (!shape) throw Exception(std::move(shape).error().at(loc));
  if (value_) {
    if (value_->shape() != *shape)
      throw Exception(make_error(ErrorCode::kInvalidShape, "the initial value is {}, the variable {}",
                                 value_->type_str(), type_str(dtype, *shape))
                          .at(loc));
    return apply_at(loc, "constant", {{"value", value_->dtype() == dtype ? value_->clone() : value_->cast(dtype)}},
                    name);
  }
  ir::AttrMap attrs = attrs_;
  attrs["dims"] = ir::Dims(shape->begin(), shape->end());
  attrs["dtype"] = dtype;
  return apply_at(loc, op_, std::move(attrs), name);
}

namespace {

std::vector<AttrSpec> type_attrs() {
  return {required_attr("dims", ir::Dims{}, "sizes"), default_attr("dtype", kFloat32, "f32 or f64")};
}

ir::TensorType type_of(const ExpandContext& c) {
  const ir::TensorType type{c.dtype_attr("dtype"), c.dims_attr("dims")};
  if (!is_float(type.dtype)) c.fail(ErrorCode::kInvalidType, "'dtype' needs f32 or f64, got {}", type.dtype);
  return type;
}

OpSpec spec(std::string name, std::string doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand) {
  std::vector<AttrSpec> all = type_attrs();
  all.insert(all.end(), attrs.begin(), attrs.end());
  return {.name = std::move(name),
          .category = "initialisers",
          .doc = std::move(doc),
          .attrs = with_seed_attrs(std::move(all)),
          .seeded = true,
          .expand = expand};
}

struct Fans {
  double in = 1, out = 1;
};

/// As TensorFlow counts: [n] is n and n; [..., in, out] has a window of the dimensions in front.
Fans fans_of(const ExpandContext& c, const ir::Dims& dims) {
  std::vector<double> sizes;
  for (const ir::Dim& d : dims) {
    if (!d.is_constant())
      c.fail(ErrorCode::kInvalidShape, "needs dimensions that are numbers, got {}", ir::dims_str(dims));
    sizes.push_back(static_cast<double>(d.constant()));
  }
  if (sizes.empty()) return {};
  if (sizes.size() == 1) return {sizes[0], sizes[0]};
  double window = 1;
  for (size_t i = 0; i + 2 < sizes.size(); ++i) window *= sizes[i];
  return {window * sizes[sizes.size() - 2], window * sizes[sizes.size() - 1]};
}

enum class FanMode { kAverage, kIn };

std::vector<ir::Value> expand_scaled(ExpandContext& c, double scale, FanMode mode, bool uniform_form) {
  const ir::TensorType type = type_of(c);
  const Fans fans = fans_of(c, type.dims);
  const double n = std::max(1.0, mode == FanMode::kIn ? fans.in : (fans.in + fans.out) / 2);
  const double variance = scale / n;
  const ir::Value state = initializer_rng_state(c);
  if (uniform_form) {
    const double limit = std::sqrt(3 * variance);
    return {uniform(c, type, state, -limit, limit)};
  }
  // The standard deviation of a unit normal that is cut off at +-2.
  constexpr double kTruncatedStddev = 0.87962566103423978;
  return {normal(c, type, state, 0, std::sqrt(variance) / kTruncatedStddev, true)};
}

}  // namespace

OpSpec uniform_initializer_spec() {
  return spec("uniform_initializer", "Uniform on [minval, maxval), the same in every session.",
              {default_attr("minval", -0.05, "lower end"), default_attr("maxval", 0.05, "upper end, not reached")},
              [](ExpandContext& c) {
                return std::vector{
                    uniform(c, type_of(c), initializer_rng_state(c), c.float_attr("minval"), c.float_attr("maxval"))};
              });
}

OpSpec normal_initializer_spec() {
  return spec("normal_initializer", "Normal, the same in every session.",
              {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation")},
              [](ExpandContext& c) {
                return std::vector{normal(c, type_of(c), initializer_rng_state(c), c.float_attr("mean"),
                                          c.float_attr("stddev"), false)};
              });
}

OpSpec truncated_normal_initializer_spec() {
  return spec("truncated_normal_initializer",
              "Normal, cut off at two standard deviations from the mean, the same in every session.",
              {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation before the cut")},
              [](ExpandContext& c) {
                return std::vector{normal(c, type_of(c), initializer_rng_state(c), c.float_attr("mean"),
                                          c.float_attr("stddev"), true)};
              });
}

OpSpec glorot_uniform_spec() {
  return spec("glorot_uniform", "Uniform on +-sqrt(6 / (fan_in + fan_out)).", {},
              [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kAverage, true); });
}
OpSpec glorot_normal_spec() {
  return spec("glorot_normal", "Truncated normal of variance 2 / (fan_in + fan_out).", {},
              [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kAverage, false); });
}
OpSpec he_uniform_spec() {
  return spec("he_uniform", "Uniform on +-sqrt(6 / fan_in).", {},
              [](ExpandContext& c) { return expand_scaled(c, 2, FanMode::kIn, true); });
}
OpSpec he_normal_spec() {
  return spec("he_normal", "Truncated normal of variance 2 / fan_in.", {},
              [](ExpandContext& c) { return expand_scaled(c, 2, FanMode::kIn, false); });
}
OpSpec lecun_uniform_spec() {
  return spec("lecun_uniform", "Uniform on +-sqrt(3 / fan_in).", {},
              [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kIn, true); });
}
OpSpec lecun_normal_spec() {
  return spec("lecun_normal", "Truncated normal of variance 1 / fan_in.", {},
              [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kIn, false); });
}

namespace {

ir::AttrMap seeded(ir::AttrMap attrs, Seed seed) {
  if (seed) attrs["seed"] = *seed;
  return attrs;
}

}  // namespace

Initializer zeros_initializer() { return {"zeros", {}}; }
Initializer ones_initializer() { return {"ones", {}}; }
Initializer constant_initializer(double value) { return {"fill", {{"value", value}}}; }
Initializer random_uniform_initializer(double minval, double maxval, Seed seed) {
  return {"uniform_initializer", seeded({{"minval", minval}, {"maxval", maxval}}, seed)};
}
Initializer random_normal_initializer(double mean, double stddev, Seed seed) {
  return {"normal_initializer", seeded({{"mean", mean}, {"stddev", stddev}}, seed)};
}
Initializer truncated_normal_initializer(double mean, double stddev, Seed seed) {
  return {"truncated_normal_initializer", seeded({{"mean", mean}, {"stddev", stddev}}, seed)};
}
Initializer glorot_uniform(Seed seed) { return {"glorot_uniform", seeded({}, seed)}; }
Initializer glorot_normal(Seed seed) { return {"glorot_normal", seeded({}, seed)}; }
Initializer xavier_initializer(Seed seed, bool uniform_form) {
  return uniform_form ? glorot_uniform(seed) : glorot_normal(seed);
}
Initializer he_uniform(Seed seed) { return {"he_uniform", seeded({}, seed)}; }
Initializer he_normal(Seed seed) { return {"he_normal", seeded({}, seed)}; }
Initializer lecun_uniform(Seed seed) { return {"lecun_uniform", seeded({}, seed)}; }
Initializer lecun_normal(Seed seed) { return {"lecun_normal", seeded({}, seed)}; }

}  // namespace dlc
