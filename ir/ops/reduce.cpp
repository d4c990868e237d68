// reduce: all elements along some axes combined into one.
#include <cmath>
#include <span>

#include "ir/ops/combine.h"
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_reduce(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const std::string& name = c.attr<std::string>("kind");
  Combine kind = Combine::kSum;
  if (!parse_combine(name, kind))
    return c.error("reduce_c1", "'kind' is \"{}\", needs sum, prod, max, min, any or all", name);
  const bool logical = kind == Combine::kAny || kind == Combine::kAll;
  if (logical != (x.dtype == kBool)) {
    Error e = c.error("reduce_c2", "kind \"{}\" needs {}, got {}", name, logical ? "bool" : "a number type", x);
    e.code = ErrorCode::kInvalidType;
    return e;
  }
  DLC_RETURN_IF_ERROR(c.axes_valid("reduce_c3", "axes", x.rank()));
  Dims dims;
  for (const int64_t axis : other_axes(c.attr<Ints>("axes"), x.rank())) dims.push_back(x.dim(axis));
  return std::vector{x.with(std::move(dims))};
}

/// dx = dy * product of all other elements, without a division, so that zeros are no trouble. One
/// axis after the other, the last first: along one axis the product of the others is what is before
/// times what is behind.
Value gradient_prod(GradContext& g, const Ints& axes) {
  Builder& b = g.b;
  std::vector<Value> partial{g.operand(0)};  // partial[k]: the last k axes are reduced
  for (size_t k = 1; k < axes.size(); ++k) partial.push_back(b.reduce("prod", partial.back(), {axes[axes.size() - k]}));
  Value grad = g.result_grad();
  for (size_t k = axes.size(); k-- > 0;) {
    const Value x = partial[k];
    const int64_t axis = axes[axes.size() - 1 - k];
    const auto scan = [&](bool reverse) {
      return b.op(OpKind::kScan, {x},
                  {{"kind", std::string("prod")}, {"axis", axis}, {"reverse", reverse}, {"exclusive", true}});
    };
    grad = b.mul(b.unreduce(grad, x.dims(), {axis}), b.mul(scan(false), scan(true)));
  }
  return grad;
}

/// VJP. sum: dx = dy, repeated. max, min: dy in equal shares for the elements that attain it, as
/// TensorFlow does. prod: see above.
Gradients grad_reduce(GradContext& g) {
  Builder& b = g.b;
  const Value x = g.operand(0), dy = g.result_grad();
  const Ints& axes = g.op().ints_attr("axes");
  const std::string& kind = g.op().str_attr("kind");
  if (axes.empty()) return {dy};
  if (kind == "sum") return {b.unreduce(dy, x.dims(), axes)};
  if (kind == "prod") return {gradient_prod(g, axes)};
  const Value attained = b.convert(b.compare("eq", x, b.unreduce(g.result(), x.dims(), axes)), x.dtype());
  const Value share = b.div(dy, b.reduce_sum(attained, axes));
  return {b.mul(attained, b.unreduce(share, x.dims(), axes))};
}

/// As if in twice the precision: in order, of equal terms, a sum is worse than what is held to it. Neumaier,
/// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974).
double compensated_sum(std::span<const double> terms) {
  double sum = 0, lost = 0;
  for (const double x : terms) {
    const double next = sum + x;
    lost += std::abs(sum) >= std::abs(x) ? (sum - next) + x : (x - next) + sum;
    sum = next;
  }
  return std::isfinite(lost) ? sum + lost : sum;
}

template <typename T>
T combined(Combine kind, std::span<const T> terms) {
  if constexpr (std::is_same_v<T, double>)
    if (kind == Combine::kSum) return compensated_sum(terms);
  auto all = combine_identity<Accumulator<T>>(kind);
  for (const T x : terms) all = combine<Accumulator<T>>(kind, all, x);
  return static_cast<T>(all);
}

std::vector<Array> reference_reduce(const ReferenceContext& c) {
  Combine kind = Combine::kSum;
  parse_combine(c.op.str_attr("kind"), kind);
  // The elements in the order [kept axes, reduced axes].
  const Array& x = c.operands[0];
  const Ints& axes = c.op.ints_attr("axes");
  Ints order = other_axes(axes, x.rank());
  order.insert(order.end(), axes.begin(), axes.end());
  const Shape strides = row_major_strides(x.shape());
  StridedView view;
  Shape shape;
  for (const int64_t axis : order) {
    shape.push_back(x.dim(axis));
    view.strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  Array sorted = Array::uninitialized(x.dtype(), shape);
  strided_copy(x, view, sorted, whole(sorted), shape);

  Array y = c.make_result();
  int64_t row = 1;
  for (const int64_t axis : axes) row *= x.dim(axis);
  dispatch(x.dtype(), [&]<typename T>() {
    std::span<const T> from = sorted.data<T>();
    for (T& to : y.data<T>()) {
      to = combined(kind, from.first(static_cast<size_t>(row)));
      from = from.subspan(static_cast<size_t>(row));
    }
  });
  return {y};
}

}  // namespace

OpDef reduce_op() {
  return {
      .doc =
          "All elements along `axes`, which the result has not, combined: sum, prod, max, min (NaN if "
          "one is NaN), any, all. Of no elements: 0, 1, the least and the greatest value (-inf, inf), "
          "false, true. The reference carries f32 sums and products in f64, f64 sums in twice their precision.",
      .operands = {{"x", TypeClass::kAny, "numbers; bool for any and all"}},
      .attrs = {{"kind", std::string(), false, "\"sum\" \"prod\" \"max\" \"min\" \"any\" \"all\""},
                {"axes", Ints{}, false, "ascending"}},
      .fusion = FusionKind::kReduction,
      .infer = infer_reduce,  // reduce_c1: a known kind; reduce_c2: its element types; reduce_c3: axes valid
      .gradient = grad_reduce,
      .reference = reference_reduce,
  };
}

}  // namespace dlc::ir
