#include "frontend/graph/expand_context.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/op_def.h"

namespace dlc {

std::span<const ir::Value> ExpandContext::list(int i) const {
  size_t begin = 0;
  for (int s = 0; s < i; ++s) begin += static_cast<size_t>(node_.segments[static_cast<size_t>(s)]);
  return operands_.subspan(begin, static_cast<size_t>(node_.segments[static_cast<size_t>(i)]));
}

namespace {

DType need_dtype(const ExpandContext& c, const std::string& name, ir::TypeClass type_class) {
  const DType t = c.dtype_attr(name);
  if (!ir::admits(type_class, t))
    c.fail(ErrorCode::kInvalidType, "'{}' needs {}, got {}", name, ir::to_string(type_class), t);
  return t;
}

void need(const ExpandContext& c, const std::string& name, ir::Value v, ir::TypeClass type_class) {
  if (!ir::admits(type_class, v.dtype()))
    c.fail(ErrorCode::kInvalidType, "operand '{}' needs {}, got {}", name, ir::to_string(type_class), v.type());
}

}  // namespace

bool holds_exactly(DType dtype, double number) {
  return dispatch(dtype, [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) return true;
    // The bounds as f64: 2^63 is none of i64, though the largest i64 rounds to it.
    const double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
    return number == std::trunc(number) && number < above && number >= (std::is_signed_v<T> ? -above : 0.0);
  });
}

DType ExpandContext::index_dtype_attr(const std::string& name) const {
  return need_dtype(*this, name, ir::TypeClass::kIndex);
}
DType ExpandContext::float_dtype_attr(const std::string& name) const {
  return need_dtype(*this, name, ir::TypeClass::kFloating);
}

double ExpandContext::element_attr(const std::string& name, DType dtype) const {
  const double number = float_attr(name);
  if (!holds_exactly(dtype, number)) fail(ErrorCode::kInvalidType, "'{}': the number {} is no {}", name, number, dtype);
  return number;
}

ir::Value ExpandContext::iota(ir::Dims dims, DType dtype, int64_t axis) const {
  return b.op(ir::OpKind::kIota, {}, {{"dims", std::move(dims)}, {"dtype", dtype}, {"axis", axis}});
}

void ExpandContext::need_float(int i) const { need(*this, operand_name(i), operand(i), ir::TypeClass::kFloating); }
void ExpandContext::need_number(int i) const { need(*this, operand_name(i), operand(i), ir::TypeClass::kNumeric); }
void ExpandContext::need_integer(int i) const { need(*this, operand_name(i), operand(i), ir::TypeClass::kInteger); }
void ExpandContext::need_index(int i) const { need(*this, operand_name(i), operand(i), ir::TypeClass::kIndex); }
void ExpandContext::need_bool(int i) const { need(*this, operand_name(i), operand(i), ir::TypeClass::kBoolean); }
void ExpandContext::need_type_of(ir::OpKind kind, int i) const {
  need(*this, operand_name(i), operand(i), ir::op_def(kind).operands[0].types);
}

ir::Value ExpandContext::size_value(const ir::Dim& size, DType dtype) const {
  if (dtype == kInt32 && size.is_constant() && size.constant() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::kInvalidType, "{} is no i32; ask for out_type i64", size);
  return b.convert(b.dim_value(size), dtype);
}

void ExpandContext::need_rank_at_least(int i, int64_t rank) const {
  if (operand(i).rank() < rank)
    fail(ErrorCode::kInvalidShape, "operand '{}' needs rank >= {}, got {}", operand_name(i), rank, operand(i).type());
}

void ExpandContext::need_same_dtype(int i, int j) const {
  if (operand(i).dtype() != operand(j).dtype())
    fail(ErrorCode::kInvalidType, "operands '{}' and '{}' need one element type, got {} and {}; cast one of them",
         operand_name(i), operand_name(j), operand(i).type(), operand(j).type());
}

int64_t ExpandContext::axis(const std::string& name, int64_t axis, int64_t rank) const {
  if (axis < -rank || axis >= rank)
    fail(ErrorCode::kInvalidArgument, "'{}' is {}, needs {} <= {} < {}", name, axis, -rank, name, rank);
  return axis < 0 ? axis + rank : axis;
}

ir::Ints ExpandContext::axes_attr(const std::string& name, int64_t rank) const {
  ir::Ints axes;
  if (!has_attr(name)) {
    for (int64_t i = 0; i < rank; ++i) axes.push_back(i);
    return axes;
  }
  for (const int64_t a : ints_attr(name)) axes.push_back(axis(name, a, rank));
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    fail(ErrorCode::kInvalidArgument, "'{}' {} names an axis twice", name, ir::attr_str(node_.attrs.at(name)));
  return axes;
}

std::pair<ir::Value, ir::Value> ExpandContext::broadcast_pair(ir::Value x, ir::Value y) const {
  const ir::Value both[] = {x, y};
  const std::vector<ir::Value> out = broadcast_all(both);
  return {out[0], out[1]};
}

std::vector<ir::Value> ExpandContext::broadcast_all(std::span<const ir::Value> xs) const {
  ir::Dims dims = xs[0].dims();
  for (const ir::Value& x : xs.subspan(1))
    if (dims != x.dims()) dims = value_or_throw(b.broadcast_dims(dims, x.dims()));
  std::vector<ir::Value> out;
  for (const ir::Value& x : xs) out.push_back(b.broadcast_to(x, dims));
  return out;
}

void ExpandContext::require(const ir::Dim& a, const ir::Dim& c, std::string_view what) const {
  if (a == c) return;
  if ((a - c).is_constant()) fail(ErrorCode::kInvalidShape, "{}: {} is not {}", what, a, c);
  value_or_throw(b.function().require(a, c, b.provenance()));
}

namespace {

/// `budget`: ops that may still be looked at, for sums of sums share their parts.
std::optional<ir::Dims> known_dims(ir::Value v, int& budget) {
  using ir::OpKind;
  if (--budget < 0) return std::nullopt;
  constexpr size_t kMaxElements = 64;  // shapes are short; larger arrays are data
  const ir::Op& op = *v.op;
  switch (op.kind()) {
    case OpKind::kConstant: {
      const Array& a = op.attr<Array>("value");
      if (!is_int(a.dtype()) || a.num_elements() > static_cast<int64_t>(kMaxElements)) return std::nullopt;
      ir::Dims out;
      dispatch(a.dtype(), [&]<typename T>() {
        for (const T x : a.data<T>()) out.push_back(static_cast<int64_t>(x));
      });
      return out;
    }
    case OpKind::kDimValue: return op.dims_attr("dim");
    case OpKind::kConvert:
      if (!is_int(v.dtype()) || !is_int(op.operand(0).dtype())) return std::nullopt;
      return known_dims(op.operand(0), budget);
    case OpKind::kReshape:
    case OpKind::kPin: return known_dims(op.operand(0), budget);
    case OpKind::kBroadcast: {
      std::optional<ir::Dims> x = known_dims(op.operand(0), budget);
      const ir::Dim n = v.type().num_elements();
      if (!x || x->size() != 1 || !n.is_constant() || n.constant() > static_cast<int64_t>(kMaxElements))
        return std::nullopt;
      return ir::Dims(static_cast<size_t>(n.constant()), x->front());
    }
    case OpKind::kConcat: {
      if (v.rank() != 1) return std::nullopt;
      ir::Dims out;
      for (const ir::Value& part : op.operands()) {
        const std::optional<ir::Dims> x = known_dims(part, budget);
        if (!x || out.size() + x->size() > kMaxElements) return std::nullopt;
        out.insert(out.end(), x->begin(), x->end());
      }
      return out;
    }
    case OpKind::kSlice: {
      const std::optional<ir::Dims> x = known_dims(op.operand(0), budget);
      const ir::Dims &start = op.dims_attr("start"), &limit = op.dims_attr("limit");
      if (!x || v.rank() != 1 || !start[0].is_constant() || !limit[0].is_constant()) return std::nullopt;
      ir::Dims out;
      for (int64_t i = start[0].constant(); i < limit[0].constant(); i += op.ints_attr("strides")[0])
        out.push_back((*x)[static_cast<size_t>(i)]);
      return out;
    }
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kMax:
    case OpKind::kMin: {
      if (!is_int(v.dtype())) return std::nullopt;
      const std::optional<ir::Dims> x = known_dims(op.operand(0), budget), y = known_dims(op.operand(1), budget);
      if (!x || !y || x->size() != y->size()) return std::nullopt;
      ir::Dims out;
      for (size_t i = 0; i < x->size(); ++i) {
        const ir::Dim &a = (*x)[i], &c = (*y)[i];
        out.push_back(op.is(OpKind::kAdd)   ? a + c
                      : op.is(OpKind::kSub) ? a - c
                      : op.is(OpKind::kMul) ? a * c
                      : op.is(OpKind::kMax) ? ir::Dim::max(a, c)
                                            : ir::Dim::min(a, c));
      }
      return out;
    }
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<ir::Dims> known_dims(ir::Value v) {
  int budget = 200;
  return known_dims(v, budget);
}

}  // namespace dlc
