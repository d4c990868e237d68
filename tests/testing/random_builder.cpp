#include "tests/testing/random_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/interp/bind_symbols.h"
#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "support/philox.h"

namespace dlc::test {

using ir::Dim;
using ir::Dims;
using ir::OpKind;
using ir::Value;

Random::Random(uint64_t seed) : state_(mix64(seed + 0x9E3779B97F4A7C15)) {}

uint64_t Random::next() { return mix64(state_ += 0x9E3779B97F4A7C15); }

int64_t Random::range(int64_t lo, int64_t hi) {
  return lo + static_cast<int64_t>(next() % static_cast<uint64_t>(hi - lo + 1));
}

double Random::unit() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

void RandomBuilder::expect_no_bug(const Error& e) const {
  DLC_CHECK(e.code != ErrorCode::kInternal, "{} in:\n{}", e.str(), ir::print(*function));
}

Value RandomBuilder::param(const ir::TensorType& type, ir::ParamInfo info, Array value) {
  const Value v = function->add_param(type, std::move(info));
  keep(v, std::move(value));
  return v;
}

void RandomBuilder::keep(Value v, Array value) {
  made_.push_back(v);
  values_.insert_or_assign(v, std::move(value));
}

bool RandomBuilder::acceptable(const Array& a) const {
  if (!is_float(a.dtype())) return true;
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    const double x = a.value_as_double(i);
    if (std::isfinite(x) ? std::abs(x) > limits.magnitude : !limits.special_values) return false;
    // Compiled code reads a subnormal as zero; the C library's functions, which the interpreter calls, do not all.
    const double smallest =
        a.dtype() == kFloat32 ? double{std::numeric_limits<float>::min()} : std::numeric_limits<double>::min();
    if (x != 0 && std::abs(x) < smallest) return false;
  }
  return true;
}

std::optional<Value> RandomBuilder::make(OpKind kind, std::initializer_list<Value> operands, ir::AttrMap attrs) {
  return make(kind, std::span<const Value>(operands.begin(), operands.size()), std::move(attrs));
}

std::optional<Value> RandomBuilder::make(OpKind kind, std::span<const Value> operands, ir::AttrMap attrs) {
  const size_t requirements = function->requirements().size();
  auto made = b.try_create(kind, operands, std::move(attrs));
  if (!made) {
    expect_no_bug(made.error());
    return std::nullopt;
  }
  ir::Op& op = **made;
  std::vector<Array> arrays;
  for (const Value x : operands) arrays.push_back(values_.at(x));
  const auto type = ir::evaluate_type(op.type(), limits.binding);
  const bool fits = type && num_elements(type->shape()) <= limits.elements;
  std::optional<std::vector<Array>> results;
  if (fits) {
    auto computed = ir::interpret_op(op, arrays, limits.binding);
    if (computed) {
      results = std::move(computed).value();
    } else {
      expect_no_bug(computed.error());
      const ErrorCode code = computed.error().code;
      if (keep_faults && (code == ErrorCode::kArithmetic || code == ErrorCode::kOutOfRange)) {
        ++num_faults;
        results.emplace();
        for (int i = 0; i < op.num_results(); ++i) {
          const auto result_type = value_or_throw(ir::evaluate_type(op.type(i), limits.binding));
          results->push_back(Array::full(result_type.dtype, result_type.shape(), 1));
        }
      }
    }
  }
  if (!results || !std::all_of(results->begin(), results->end(), [&](const Array& a) { return acceptable(a); })) {
    ir::Rewriter(*function).erase(op);
    return std::nullopt;
  }
  DLC_CHECK(function->requirements().size() == requirements, "a random {} requires equal sizes", op.name());
  for (int i = 0; i < op.num_results(); ++i) keep(op.result(i), (*results)[static_cast<size_t>(i)]);
  return op.result();
}

std::optional<Value> RandomBuilder::pick(const Predicate& fits) {
  std::vector<Value> found;
  for (const Value v : made_)
    if (fits(v)) found.push_back(v);
  if (found.empty()) return std::nullopt;
  // The last third is twice as likely: chains grow long.
  const auto n = static_cast<int64_t>(found.size());
  const int64_t from = random.chance(0.5) ? n - (n + 2) / 3 : 0;
  return found[static_cast<size_t>(random.range(from, n - 1))];
}

std::optional<Value> RandomBuilder::pick_float() {
  return pick([](Value v) { return is_float(v.dtype()); });
}

std::optional<Value> RandomBuilder::fit(Value x, DType dtype, const Dims& dims) {
  if (x.rank() > static_cast<int64_t>(dims.size())) return std::nullopt;
  // From the right, each axis goes to the next one of its size, or is stretched.
  ir::Ints axes;
  auto at = static_cast<int64_t>(dims.size()) - 1;
  for (int64_t i = x.rank() - 1; i >= 0; --i) {
    const Dim& d = x.dims()[static_cast<size_t>(i)];
    while (at >= i && d != dims[static_cast<size_t>(at)] && !(d.is(1) && random.chance(0.7))) --at;
    if (at < i) return std::nullopt;
    axes.insert(axes.begin(), at--);
  }
  if (x.dtype() != dtype) {
    const bool discrete = is_float(x.dtype()) && !is_float(dtype);
    if (discrete) return std::nullopt;
    const auto converted = make(OpKind::kConvert, {x}, {{"dtype", dtype}});
    if (!converted) return std::nullopt;
    x = *converted;
  }
  if (x.dims() == dims) return x;
  if (elements(dims) > limits.elements) return std::nullopt;
  return make(OpKind::kBroadcast, {x}, {{"dims", dims}, {"axes", axes}});
}

Value RandomBuilder::like(DType dtype, const Dims& dims) {
  if (random.chance(0.7))
    if (const auto same = pick([&](Value v) { return v.dtype() == dtype && v.dims() == dims; })) return *same;
  for (int attempt = 0; attempt < 4; ++attempt)
    if (const auto v = fit(random.pick(made_), dtype, dims)) return *v;
  const double number = dtype == kBool    ? static_cast<double>(random.range(0, 1))
                        : is_float(dtype) ? std::ldexp(static_cast<double>(random.range(-12, 12)), -2)
                                          : static_cast<double>(random.range(0, 9));
  const auto scalar = make(OpKind::kConstant, {}, {{"value", Array::full(dtype, {}, number)}});
  DLC_CHECK(scalar, "a scalar of {} cannot be made", dtype);
  if (dims.empty()) return *scalar;
  const auto full = make(OpKind::kBroadcast, {*scalar}, {{"dims", dims}, {"axes", ir::Ints{}}});
  DLC_CHECK(full, "a scalar does not broadcast to {}", ir::dims_str(dims));
  return *full;
}

Dims RandomBuilder::random_dims() {
  static const std::vector<int> kRanks = {0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6};
  Dims dims(static_cast<size_t>(random.pick(kRanks)));
  // Axes of high ranks are short, so that there is room for all of them.
  const double small = dims.size() < 4 ? 0 : 0.7;
  for (Dim& d : dims)
    d = random.chance(0.08) ? Dim(1) : random.chance(small) ? Dim(random.range(1, 3)) : random.pick(limits.dims);
  while (elements(dims) > limits.elements) dims.pop_back();
  return dims;
}

ir::Ints RandomBuilder::subset(int64_t n, double probability) {
  ir::Ints out;
  for (int64_t i = 0; i < n; ++i)
    if (random.chance(probability)) out.push_back(i);
  return out;
}

int64_t RandomBuilder::size(const Dim& d) const { return value_or_throw(d.evaluate(limits.binding)); }

int64_t RandomBuilder::elements(const Dims& dims) const {
  int64_t n = 1;
  for (const Dim& d : dims) n *= size(d);
  return n;
}

}  // namespace dlc::test
