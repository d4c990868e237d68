#include "frontend/ops/random_bits.h"

#include <cmath>
#include <limits>

namespace dlc {

std::vector<AttrSpec> with_seed_attrs(std::vector<AttrSpec> attrs) {
  attrs.push_back(optional_attr("seed", int64_t{0}, "of this operation; by default the graph's next"));
  attrs.push_back(default_attr("graph_seed", int64_t{0}, "of the graph, as it was when the node was made"));
  return attrs;
}

ir::AttrMap with_seed(ir::AttrMap attrs, Seed seed) {
  if (seed) attrs["seed"] = *seed;
  return attrs;
}

ir::TensorType random_type(const ExpandContext& c) { return {c.float_dtype_attr("dtype"), c.dims_attr("dims")}; }

ir::Value initializer_rng_state(ExpandContext& c) {
  // Sessions count from 0; so a session's draws never repeat an initialiser's.
  return c.b.constant(Array::scalar<uint64_t>(std::numeric_limits<uint64_t>::max()));
}

namespace {

using ir::Value;

Value bits(ExpandContext& c, ir::Dims dims, Value state) {
  return c.b.op(ir::OpKind::kRngBits, {state},
                {{"graph_seed", c.int_attr("graph_seed")}, {"op_seed", c.int_attr("seed")}, {"dims", std::move(dims)}});
}

Value shift_right(ExpandContext& c, Value x, int by) {
  return c.b.op(ir::OpKind::kShiftRight, {x, c.b.full_like(x, by)});
}

/// Integers below 2^24 (f32) or 2^53 (f64) as floating numbers: exact.
Value random_integer(ExpandContext& c, const ir::TensorType& type, Value state) {
  if (type.dtype == kFloat32) return c.b.convert(shift_right(c, bits(c, type.dims, state), 8), kFloat32);
  ir::Dims pairs = type.dims;
  pairs.insert(pairs.begin(), 2);
  const Value words = c.b.convert(bits(c, pairs, state), kUInt64);
  const auto half = [&](int64_t i) {
    ir::Dims start(pairs.size(), 0), limit = pairs;
    start[0] = i;
    limit[0] = i + 1;
    return c.b.reshape(c.b.slice(words, start, limit, ir::Ints(pairs.size(), 1)), type.dims);
  };
  const Value high = shift_right(c, half(0), 5), low = shift_right(c, half(1), 6);
  const Value scaled = c.b.op(ir::OpKind::kShiftLeft, {high, c.b.full_like(high, 26)});
  return c.b.convert(c.b.add(scaled, low), kFloat64);
}

double unit_of(DType dtype) { return dtype == kFloat32 ? 0x1p-24 : 0x1p-53; }

}  // namespace

Value unit_uniform(ExpandContext& c, const ir::TensorType& type, Value state) {
  return c.b.mul(random_integer(c, type, state), unit_of(type.dtype));  // a power of two: exact
}

Value signed_uniform(ExpandContext& c, const ir::TensorType& type, Value state) {
  // (floor(k / 2) + 1/2) / 2^(p-1) - 1 for k below 2^p, p = 24 or 53: every step is exact.
  const double unit = unit_of(type.dtype);
  const Value k = c.b.mul(random_integer(c, type, state), 0.5);
  const Value odd = c.b.op(ir::OpKind::kFloor, {k});
  // Halves of magnitude below 2^(p-2).
  return c.b.mul(c.b.add(odd, 0.5 - 0.25 / unit), 4 * unit);
}

namespace {

/// The largest number of `dtype` that is less than x.
double below(double x, DType dtype) {
  if (dtype == kFloat64) return std::nextafter(x, -std::numeric_limits<double>::infinity());
  const auto nearest = static_cast<float>(x);
  return nearest < x ? nearest : std::nextafter(nearest, -std::numeric_limits<float>::infinity());
}

}  // namespace

Value uniform(ExpandContext& c, const ir::TensorType& type, Value state, double minval, double maxval) {
  if (!(minval <= maxval))
    c.fail(ErrorCode::kInvalidArgument, "'minval' is {} and 'maxval' {}, needs minval <= maxval", minval, maxval);
  if (minval == -maxval && maxval > 0) {
    // Symmetric, as initialisers are: one rounding.
    const double unit = unit_of(type.dtype);
    const Value centered = c.b.add(random_integer(c, type, state), -0.5 / unit);
    return c.b.mul(c.b.mul(centered, 2 * unit), maxval);
  }
  const Value u = unit_uniform(c, type, state);
  if (minval == 0 && maxval == 1) return u;
  const double range = maxval - minval;
  // min() changes nothing, and keeps product and sum from becoming one fma, which rounds once only.
  const Value scaled = c.b.min(c.b.mul(u, range), c.b.full(type, range));
  const Value sum = c.b.add(scaled, minval);
  // Where the sum rounds up to it, maxval must not be reached.
  return minval < maxval ? c.b.min(sum, c.b.full(type, below(maxval, type.dtype))) : sum;
}

Value normal(ExpandContext& c, const ir::TensorType& type, Value state, double mean, double stddev, bool truncated) {
  if (!(stddev >= 0)) c.fail(ErrorCode::kInvalidArgument, "'stddev' is {}, needs stddev >= 0", stddev);
  // erf(sqrt 2): the probability within two standard deviations.
  constexpr double kWithinTwo = 0.95449973610364159;
  Value u = signed_uniform(c, type, state);
  if (truncated) u = c.b.mul(u, kWithinTwo);
  const Value z = c.b.op(ir::OpKind::kErfinv, {u});
  const double scale = std::sqrt(2.0) * stddev;
  Value scaled = c.b.mul(z, scale);
  // At the cut, rounding must not lead outside.
  const double bound = truncated ? 2 * stddev : std::numeric_limits<double>::infinity();
  if (mean == 0 && !truncated) return scaled;
  scaled = c.b.max(c.b.min(scaled, c.b.full(type, bound)), c.b.full(type, -bound));
  return mean == 0 ? scaled : c.b.add(scaled, mean);
}

}  // namespace dlc
