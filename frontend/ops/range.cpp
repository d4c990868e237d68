#include <cmath>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_range(ExpandContext& c) {
  const DType dtype = c.dtype_attr("dtype");
  const double start = c.float_attr("start"), limit = c.float_attr("limit"), delta = c.float_attr("delta");
  if (!is_number(dtype)) c.fail(ErrorCode::kInvalidType, "'dtype' needs a number type, got {}", dtype);
  if (!(delta != 0) || !std::isfinite(start) || !std::isfinite(limit) || !std::isfinite(delta))
    c.fail(ErrorCode::kInvalidArgument, "start {}, limit {} and delta {} must be finite, delta not 0", start, limit,
           delta);
  const double count = std::max(0.0, std::ceil((limit - start) / delta));
  if (count > 1e9) c.fail(ErrorCode::kResourceExhausted, "a range of {} elements", count);
  c.element_attr("start", dtype);
  c.element_attr("delta", dtype);
  if (const double last = start + delta * (count - 1); count > 0 && !holds_exactly(dtype, last))
    c.fail(ErrorCode::kInvalidType, "the last element, {}, is no {}", last, dtype);
  const Value i = c.iota({ir::Dim(static_cast<int64_t>(count))}, dtype, 0);
  const Value scaled = delta == 1 ? i : c.b.mul(i, delta);
  return {start == 0 ? scaled : c.b.add(scaled, start)};
}

}  // namespace

OpSpec range_spec() {
  return {.name = "range",
          .category = "sources",
          .doc = "start, start + delta, ..., limit not included.",
          .attrs = {required_attr("start", 0.0, "the first"), required_attr("limit", 0.0, "not reached"),
                    default_attr("delta", 1.0, "not 0"), default_attr("dtype", kInt32, "a number type")},
          .expand = expand_range};
}

Tensor range(const Graph& graph, const Literal& start, const Literal& limit, const Literal& delta,
             std::optional<DType> dtype, std::string_view name, std::source_location loc) {
  const DType natural = Literal({start, limit, delta}).natural_dtype();
  const auto number = [&](const Literal& l) {
    const double held = value_or_throw(l.to_array(kFloat64)).item<double>();
    // Attributes are f64: an integer that it lacks would silently become its neighbour.
    if (is_int(l.natural_dtype()))
      if (const int64_t written = value_or_throw(l.to_array(kInt64)).item<int64_t>(); !exact_in_f64(written))
        throw Exception(make_error(ErrorCode::kInvalidArgument,
                                   "range: {} is beyond 2^53 and no f64; add a constant to a smaller range", written)
                            .at(loc));
    return held;
  };
  return apply_at(graph, loc, "range",
                  {{"start", number(start)},
                   {"limit", number(limit)},
                   {"delta", number(delta)},
                   {"dtype", dtype.value_or(natural)}},
                  name);
}

Tensor range(const Literal& start, const Literal& limit, const Literal& delta, std::optional<DType> dtype,
             std::string_view name, std::source_location loc) {
  return range(default_graph(), start, limit, delta, dtype, name, loc);
}

Tensor range(const Graph& graph, const Literal& limit, std::string_view name, std::source_location loc) {
  return range(graph, 0, limit, 1, {}, name, loc);
}

Tensor range(const Literal& limit, std::string_view name, std::source_location loc) {
  return range(default_graph(), limit, name, loc);
}

}  // namespace dlc
