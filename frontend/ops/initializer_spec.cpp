#include "frontend/ops/initializer_spec.h"

#include <cmath>

namespace dlc {

OpSpec initializer_spec(std::string name, std::string doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand) {
  std::vector<AttrSpec> all = {required_attr("dims", ir::Dims{}, "sizes"),
                               default_attr("dtype", kFloat32, "f32 or f64")};
  all.insert(all.end(), attrs.begin(), attrs.end());
  return {.name = std::move(name),
          .category = "initialisers",
          .doc = std::move(doc),
          .attrs = with_seed_attrs(std::move(all)),
          .seeded = true,
          .expand = expand};
}

namespace {

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

}  // namespace

std::vector<ir::Value> expand_scaled(ExpandContext& c, double scale, FanMode mode, bool uniform_form) {
  const ir::TensorType type = random_type(c);
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

}  // namespace dlc
