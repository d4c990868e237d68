#include "ir/builder.h"

#include <algorithm>
#include <numeric>

#include "ir/op_def.h"
#include "ir/op_error.h"
#include "support/check.h"

namespace dlc::ir {

Op* Builder::insert(OpKind kind, std::span<const Value> operands, std::shared_ptr<const AttrMap> attrs,
                    std::vector<TensorType> types, Regions regions) {
  auto op = std::make_unique<Op>();
  op->kind_ = kind;
  op->provenance_ = provenance_;
  op->parent_ = function_;
  op->attrs_ = std::move(attrs);
  op->regions_ = std::move(regions);
  op->results_.reserve(types.size());
  for (TensorType& t : types) op->results_.emplace_back(std::move(t));
  op->operands_.resize(operands.size());
  for (size_t i = 0; i < operands.size(); ++i) op->set_operand(static_cast<int>(i), operands[i]);
  return function_->ops_.insert(before_, std::move(op));
}

Expected<Op*> Builder::try_create(OpKind kind, std::span<const Value> operands, AttrMap attrs, Regions regions) {
  const int num_regions = op_def(kind).num_regions;
  DLC_CHECK(static_cast<int>(regions.size()) == num_regions, "{} needs {} regions", op_def(kind).name, num_regions);
  // The types of an op with a body are those of the body's results; its rule only looks at operands.
  auto types = infer_types(kind, operands, attrs, function_, provenance_);
  if (!types) return std::move(types).error().at(provenance_.loc());
  if (num_regions > 0) {
    const Function& body = *regions[0];
    types->clear();
    for (int i = 0; i < body.num_results(); ++i) types->push_back(body.result(i).type());
  }
  auto shared = attrs.empty() ? Op::no_attrs() : std::make_shared<const AttrMap>(std::move(attrs));
  return insert(kind, operands, std::move(shared), std::move(types).value(), std::move(regions));
}

Op* Builder::create(OpKind kind, std::span<const Value> operands, AttrMap attrs, Regions regions) {
  Expected<Op*> made = try_create(kind, operands, std::move(attrs), std::move(regions));
  if (made) return *made;
  throw_in_words_of_node(std::move(made).error());
}

Op* Builder::create_like(const Op& op, std::span<const Value> operands) {
  DLC_CHECK(op.regions().empty(), "an op like {}, which has regions", op.name());
  auto types = infer_types_like(op, operands, function_, provenance_);
  if (types) return insert(op.kind(), operands, op.attrs_, std::move(types).value(), {});
  throw_in_words_of_node(std::move(types).error().at(provenance_.loc()));
}

void Builder::throw_in_words_of_node(Error error) const {
  throw Exception(in_words_of(provenance_.node(), std::move(error)));
}

Value Builder::op(OpKind kind, std::span<const Value> operands, AttrMap attrs) {
  return create(kind, operands, std::move(attrs))->result();
}

Value Builder::op(OpKind kind, std::initializer_list<Value> operands, AttrMap attrs) {
  return op(kind, std::span<const Value>(operands.begin(), operands.size()), std::move(attrs));
}

Value Builder::constant(Array value) { return op(OpKind::kConstant, {}, {{"value", std::move(value)}}); }
Value Builder::scalar(DType dtype, double value) { return constant(Array::full(dtype, {}, value)); }

Value Builder::full(const TensorType& type, double value) {
  const Value s = scalar(type.dtype, value);
  return type.dims.empty() ? s : broadcast(s, type.dims, {});
}

Value Builder::dim_value(const Dim& dim) {
  if (dim.is_constant()) return constant(Array::scalar<int64_t>(dim.constant()));
  return op(OpKind::kDimValue, {}, {{"dim", Dims{dim}}});
}

Value Builder::add(Value a, Value b) { return op(OpKind::kAdd, {a, b}); }
Value Builder::sub(Value a, Value b) { return op(OpKind::kSub, {a, b}); }
Value Builder::mul(Value a, Value b) { return op(OpKind::kMul, {a, b}); }
Value Builder::div(Value a, Value b) { return op(OpKind::kDiv, {a, b}); }
Value Builder::pow(Value a, Value b) { return op(OpKind::kPow, {a, b}); }
Value Builder::max(Value a, Value b) { return op(OpKind::kMax, {a, b}); }
Value Builder::min(Value a, Value b) { return op(OpKind::kMin, {a, b}); }
Value Builder::neg(Value x) { return op(OpKind::kNeg, {x}); }
Value Builder::exp(Value x) { return op(OpKind::kExp, {x}); }
Value Builder::log(Value x) { return op(OpKind::kLog, {x}); }
Value Builder::sqrt(Value x) { return op(OpKind::kSqrt, {x}); }
Value Builder::rsqrt(Value x) { return op(OpKind::kRsqrt, {x}); }
Value Builder::tanh(Value x) { return op(OpKind::kTanh, {x}); }
Value Builder::logical_and(Value a, Value b) { return op(OpKind::kAnd, {a, b}); }
Value Builder::logical_or(Value a, Value b) { return op(OpKind::kOr, {a, b}); }
Value Builder::logical_not(Value x) { return op(OpKind::kNot, {x}); }
Value Builder::compare(const std::string& direction, Value a, Value b) {
  return op(OpKind::kCompare, {a, b}, {{"direction", direction}});
}
Value Builder::select(Value condition, Value if_true, Value if_false) {
  return op(OpKind::kSelect, {condition, if_true, if_false});
}
Value Builder::convert(Value x, DType dtype) {
  return x.dtype() == dtype ? x : op(OpKind::kConvert, {x}, {{"dtype", dtype}});
}

Value Builder::reshape(Value x, Dims dims) {
  return x.dims() == dims ? x : op(OpKind::kReshape, {x}, {{"dims", std::move(dims)}});
}

Value Builder::transpose(Value x, Ints permutation) {
  return std::is_sorted(permutation.begin(), permutation.end())
             ? x
             : op(OpKind::kTranspose, {x}, {{"permutation", std::move(permutation)}});
}

Value Builder::broadcast(Value x, Dims dims, Ints axes) {
  return x.dims() == dims ? x : op(OpKind::kBroadcast, {x}, {{"dims", std::move(dims)}, {"axes", std::move(axes)}});
}

Value Builder::broadcast_to(Value x, const Dims& dims) {
  Ints axes(static_cast<size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), static_cast<int64_t>(dims.size()) - x.rank());
  return broadcast(x, dims, std::move(axes));
}

Expected<Dims> Builder::broadcast_dims(const Dims& a, const Dims& b) {
  const size_t rank = std::max(a.size(), b.size());
  Dims out(rank);
  for (size_t i = 0; i < rank; ++i) {  // i counts from the last axis
    Dim& d = out[rank - 1 - i];
    if (i >= a.size()) {
      d = b[b.size() - 1 - i];
    } else if (i >= b.size()) {
      d = a[a.size() - 1 - i];
    } else {
      const Dim &x = a[a.size() - 1 - i], &y = b[b.size() - 1 - i];
      if (x.is(1)) {
        d = y;
      } else {
        d = x;
        if (!y.is(1) && !(x == y)) {
          if ((x - y).is_constant())
            return make_error(ErrorCode::kInvalidShape, "shapes {} and {} do not broadcast: {} against {} at axis {}",
                              dims_str(a), dims_str(b), x, y, -static_cast<int64_t>(i) - 1);
          DLC_RETURN_IF_ERROR(function_->require(x, y, provenance_));
          if (y.is_constant()) d = y;
        }
      }
    }
  }
  return out;
}

Value Builder::concat(std::span<const Value> xs, int64_t axis) { return op(OpKind::kConcat, xs, {{"axis", axis}}); }

Value Builder::slice(Value x, Dims start, Dims limit, Ints strides) {
  return op(OpKind::kSlice, {x},
            {{"start", std::move(start)}, {"limit", std::move(limit)}, {"strides", std::move(strides)}});
}

Value Builder::reduce(const std::string& kind, Value x, Ints axes) {
  if (axes.empty()) return x;
  return op(OpKind::kReduce, {x}, {{"kind", kind}, {"axes", std::move(axes)}});
}

Value Builder::sum_to(Value x, const Dims& dims) {
  const int64_t extra = x.rank() - static_cast<int64_t>(dims.size());
  Ints axes;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (i < extra || (dims[static_cast<size_t>(i - extra)].is(1) && !x.type().dim(i).is(1))) axes.push_back(i);
  return reshape(reduce_sum(x, std::move(axes)), dims);
}

Value Builder::unreduce(Value x, const Dims& dims, const Ints& axes) {
  Ints kept;
  for (int64_t i = 0; i < static_cast<int64_t>(dims.size()); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) kept.push_back(i);
  return broadcast(x, dims, std::move(kept));
}

Value Builder::dot(Value lhs, Value rhs) {
  DLC_CHECK(lhs.rank() >= 2 && lhs.rank() == rhs.rank(), "dot of {} and {}", lhs.type(), rhs.type());
  Ints batch(static_cast<size_t>(lhs.rank() - 2));
  std::iota(batch.begin(), batch.end(), 0);
  return dot_general(lhs, rhs, batch, batch, {lhs.rank() - 1}, {lhs.rank() - 2});
}

Value Builder::dot_general(Value lhs, Value rhs, Ints lhs_batch, Ints rhs_batch, Ints lhs_contract, Ints rhs_contract) {
  return op(OpKind::kDotGeneral, {lhs, rhs},
            {{"lhs_batch", std::move(lhs_batch)},
             {"rhs_batch", std::move(rhs_batch)},
             {"lhs_contract", std::move(lhs_contract)},
             {"rhs_contract", std::move(rhs_contract)}});
}

}  // namespace dlc::ir
