// scan: running sums, products, maxima and minima along an axis.
#include "ir/ops/combine.h"
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_scan(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const std::string& name = c.attr<std::string>("kind");
  Combine kind = Combine::kSum;
  if (!parse_combine(name, kind) || kind == Combine::kAny || kind == Combine::kAll)
    return c.error("scan_c1", "'kind' is \"{}\", needs sum, prod, max or min", name);
  DLC_RETURN_IF_ERROR(c.axis_in_range("scan_c2", "axis", x.rank()));
  return std::vector{x};
}

Value make_scan(Builder& b, const std::string& kind, Value x, int64_t axis, bool reverse, bool exclusive) {
  return b.op(OpKind::kScan, {x}, {{"kind", kind}, {"axis", axis}, {"reverse", reverse}, {"exclusive", exclusive}});
}

/// Moves elements by one along `axis`, towards its start; a zero comes in at the end.
Value shift_down(Builder& b, Value x, int64_t axis) {
  Dims low(x.dims().size(), 0), high = low;
  low[static_cast<size_t>(axis)] = -1;
  high[static_cast<size_t>(axis)] = 1;
  return b.op(OpKind::kPad, {x, b.scalar(x.dtype(), 0)},
              {{"low", std::move(low)}, {"high", std::move(high)}, {"interior", Ints(x.dims().size(), 0)}});
}

Value index_along(Builder& b, const Dims& dims, int64_t axis) {
  return b.op(OpKind::kIota, {}, {{"dtype", kInt64}, {"dims", dims}, {"axis", axis}});
}

/// y_i = x_0 * ... * x_i: dx_j = (x_0 * ... * x_{j-1}) * sum over i >= j of dy_i * (x_{j+1} * ... * x_i).
/// The inner products are the running products of a matrix m[j, k] = (k > j ? x_k : 1): a matrix per
/// row is the price of being right where x has zeros, where dividing by x_j is not.
Value gradient_prod(Builder& b, Value x, Value dy, int64_t axis) {
  // [.., j, k, ..]: the axis becomes two.
  Dims square = x.dims();
  square.insert(square.begin() + axis, x.type().dim(axis));
  Ints without_j = other_axes({axis}, x.rank() + 1);
  const Value k_after_j = b.compare("gt", index_along(b, square, axis + 1), index_along(b, square, axis));
  const Value k_from_j = b.compare("ge", index_along(b, square, axis + 1), index_along(b, square, axis));
  const Value ones = b.full({x.dtype(), square}, 1), zeros = b.full({x.dtype(), square}, 0);
  const Value behind =
      make_scan(b, "prod", b.select(k_after_j, b.broadcast(x, square, without_j), ones), axis + 1, false, false);
  const Value weighted = b.select(k_from_j, b.mul(b.broadcast(dy, square, without_j), behind), zeros);
  return b.mul(make_scan(b, "prod", x, axis, false, true), b.reduce_sum(weighted, {axis + 1}));
}

/// max and min: dy_i belongs to the latest element that attains y_i. Its index is the running
/// maximum of the indices k with x_k == y_k; the gradient is scattered there, all axes as one.
Value gradient_extreme(Builder& b, const std::string& kind, Value x, Value dy, int64_t axis) {
  const Value y = make_scan(b, kind, x, axis, false, false);
  const Value k = index_along(b, x.dims(), axis);
  // A running NaN is never attained; its gradient stays with the first element of the row.
  const Value attained = b.select(b.compare("eq", x, y), k, b.full_like(k, 0));
  const Value source = make_scan(b, "max", attained, axis, false, false);
  Value flat = source;
  for (int64_t d = 0; d < x.rank(); ++d) {
    const Value stride = b.dim_value(product(std::span(x.dims()).subspan(static_cast<size_t>(d) + 1)));
    const Value scaled = b.mul(d == axis ? source : index_along(b, x.dims(), d), b.broadcast(stride, x.dims(), {}));
    flat = d == 0 ? scaled : b.add(flat, scaled);
  }
  const Dims all{x.type().num_elements()};
  const Value dx = b.op(OpKind::kScatter, {b.full({x.dtype(), all}, 0), b.reshape(flat, all), b.reshape(dy, all)},
                        {{"axis", int64_t{0}}, {"kind", std::string("add")}});
  return b.reshape(dx, x.dims());
}

/// VJP. sum: dx is the running sum of dy from the other end. The rest is said for a forward,
/// inclusive scan: a reversed one is a forward one of the reversed operand, and dy_i of an exclusive
/// one belongs to element i - 1 of the inclusive one.
Gradients grad_scan(GradContext& g) {
  Builder& b = g.b;
  const Op& op = g.op();
  const std::string& kind = op.str_attr("kind");
  const int64_t axis = op.int_attr("axis");
  const bool reverse = op.bool_attr("reverse"), exclusive = op.bool_attr("exclusive");
  if (kind == "sum") return {make_scan(b, "sum", g.result_grad(), axis, !reverse, exclusive)};

  const auto turned = [&](Value v) { return reverse ? b.op(OpKind::kReverse, {v}, {{"axes", Ints{axis}}}) : v; };
  const Value x = turned(g.operand(0));
  Value dy = turned(g.result_grad());
  if (exclusive) dy = shift_down(b, dy, axis);
  return {turned(kind == "prod" ? gradient_prod(b, x, dy, axis) : gradient_extreme(b, kind, x, dy, axis))};
}

std::vector<Array> reference_scan(const ReferenceContext& c) {
  Combine kind = Combine::kSum;
  parse_combine(c.op.str_attr("kind"), kind);
  const bool reverse = c.op.bool_attr("reverse"), exclusive = c.op.bool_attr("exclusive");
  const Array& x = c.operands[0];
  const AxisSplit s = split_at(x.shape(), c.op.int_attr("axis"));
  Array y = c.make_result();
  dispatch(x.dtype(), [&]<typename T>() {
    using A = Accumulator<T>;
    for (int64_t o = 0; o < s.outer; ++o)
      for (int64_t i = 0; i < s.inner; ++i) {
        auto sum = combine_identity<A>(kind);
        for (int64_t step = 0; step < s.extent; ++step) {
          const int64_t k = reverse ? s.extent - 1 - step : step;
          const auto at = static_cast<size_t>((o * s.extent + k) * s.inner + i);
          const A next = combine<A>(kind, sum, x.data<T>()[at]);
          y.data<T>()[at] = static_cast<T>(exclusive ? sum : next);
          sum = next;
        }
      }
  });
  return {y};
}

}  // namespace

OpDef scan_op() {
  return {
      .doc =
          "Element i along `axis` combines the elements of `x` up to i: running sum, prod, max or min "
          "(NaN from the first NaN on). `reverse`: from i to the end. `exclusive`: without i itself, so "
          "that the first is 0, 1, the least or the greatest value. The reference carries f32 in f64.",
      .operands = {{"x", TypeClass::kNumeric, "rank >= 1"}},
      .attrs = {{"kind", std::string(), false, "\"sum\" \"prod\" \"max\" \"min\""},
                {"axis", int64_t{0}, false, "0 <= axis < rank"},
                {"reverse", false, true, "from the end"},
                {"exclusive", false, true, "without the element itself"}},
      .infer = infer_scan,  // scan_c1: a known kind; scan_c2: axis in range
      .gradient = grad_scan,
      .reference = reference_scan,
  };
}

}  // namespace dlc::ir
