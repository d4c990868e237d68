// The random ops. Each function tries to add one of a given operator and element type; what does not fit
// is taken back by RandomBuilder::make.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ir/op_def.h"
#include "tests/testing/random_builder.h"

namespace dlc::test {
namespace {

using ir::Dim;
using ir::Dims;
using ir::Ints;
using ir::OpKind;
using ir::Value;
using Made = std::optional<Value>;

constexpr int64_t kMaxRank = 6;
const std::vector<std::string> kDirections = {"eq", "ne", "lt", "le", "gt", "ge"};

bool any(Value) { return true; }
bool has_rank(Value v) { return v.rank() > 0; }

/// A value of the type: one that is there, or another one converted, or a number.
Made operand(RandomBuilder& r, DType dtype, const RandomBuilder::Predicate& fits = any) {
  if (const Made same = r.pick([&](Value v) { return v.dtype() == dtype && fits(v); })) return same;
  const Made other = r.pick([&](Value v) { return fits(v) && (is_float(dtype) || !is_float(v.dtype())); });
  if (other)
    if (const Made converted = r.make(OpKind::kConvert, {*other}, {{"dtype", dtype}})) return converted;
  const Dims dims = r.random_dims();
  const Value made = r.like(dtype, dims);
  return fits(made) ? made : Made{};
}

/// One number, of the type and size of `like`.
Value filled(RandomBuilder& r, Value like, double number) {
  const Made scalar = r.make(OpKind::kConstant, {}, {{"value", Array::full(like.dtype(), {}, number)}});
  return like.rank() == 0 ? *scalar : *r.make(OpKind::kBroadcast, {*scalar}, {{"dims", like.dims()}, {"axes", Ints{}}});
}

/// At least `lowest`: |x| + lowest.
Made at_least(RandomBuilder& r, Value x, double lowest) {
  const Made positive = r.make(OpKind::kAbs, {x});
  return positive ? r.make(OpKind::kAdd, {*positive, filled(r, x, lowest)}) : Made{};
}

/// Within (-0.75, 0.75).
Made near_zero(RandomBuilder& r, Value x) {
  const Made small = r.make(OpKind::kSin, {x});
  return small ? r.make(OpKind::kMul, {*small, filled(r, x, 0.75)}) : Made{};
}

Made unary(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  if (const Made y = r.make(op.kind, {*x})) return y;
  if (!is_float(op.dtype)) return {};
  const bool grows = op.kind == OpKind::kLog || op.kind == OpKind::kSqrt || op.kind == OpKind::kRsqrt ||
                     op.kind == OpKind::kAcosh || op.kind == OpKind::kLog1p;
  const Made inside = grows ? at_least(r, *x, 1.25) : near_zero(r, *x);
  return inside ? r.make(op.kind, {*inside}) : Made{};
}

Made binary(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  const Value y = r.like(*x);
  const bool swapped = r.random.chance(0.3);
  const Value first = swapped ? y : *x, second = swapped ? *x : y;
  if (op.kind == OpKind::kDiv || op.kind == OpKind::kRem) {
    if (!is_float(op.dtype)) {
      // A divisor that is never 0, whatever happens to the operands.
      const Made odd = r.make(OpKind::kOr, {second, filled(r, second, 1)});
      return odd ? r.make(op.kind, {first, *odd}) : Made{};
    }
    if (const Made made = r.make(op.kind, {first, second})) return made;
    const Made divisor = at_least(r, second, 0.5);
    return divisor ? r.make(op.kind, {first, *divisor}) : Made{};
  }
  if (const Made made = r.make(op.kind, {first, second})) return made;
  if (op.kind != OpKind::kPow) return {};
  const Made base = at_least(r, first, 0.5), exponent = near_zero(r, second);
  return base && exponent ? r.make(op.kind, {*base, *exponent}) : Made{};
}

Made ternary(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  const Value y = r.like(*x);
  switch (op.kind) {
    case OpKind::kCompare: return r.make(op.kind, {*x, y}, {{"direction", r.random.pick(kDirections)}});
    case OpKind::kSelect: return r.make(op.kind, {r.like(kBool, x->dims()), *x, y});
    case OpKind::kClamp: return r.make(op.kind, {y, *x, r.like(*x)});
    default: return r.make(op.kind, {*x, y, r.like(*x)});
  }
}

bool has_nan(const Array& a) {
  for (int64_t i = 0; i < a.num_elements(); ++i)
    if (std::isnan(a.value_as_double(i))) return true;
  return false;
}

Made convert(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  if (op.kind == OpKind::kConvert) {
    const DType to = random_dtype(r.random, {std::begin(kAllDTypes), std::end(kAllDTypes)});
    return r.make(op.kind, {*x}, {{"dtype", to}});
  }
  // The bits of a NaN are nobody's promise.
  if (is_float(x->dtype()) && has_nan(r.value(*x))) return {};
  // To a type of its width, rather another one.
  std::vector<DType> same_width;
  for (const DType t : kAllDTypes)
    if (t != kBool && t != x->dtype() && size_of(t) == size_of(x->dtype())) same_width.push_back(t);
  return r.make(op.kind, {*x}, {{"dtype", same_width.empty() ? x->dtype() : r.random.pick(same_width)}});
}

Made reduce(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  Ints axes = r.subset(x->rank(), r.random.chance(0.2) ? 1.0 : 0.5);
  if (axes.empty() && r.random.chance(0.9)) axes = {r.random.range(0, x->rank() - 1)};
  static const std::vector<std::string> kNumbers = {"sum", "sum", "sum", "max", "min", "prod"};
  const std::string kind = x->dtype() == kBool ? (r.random.chance(0.5) ? "any" : "all") : r.random.pick(kNumbers);
  return r.make(OpKind::kReduce, {*x}, {{"kind", kind}, {"axes", axes}});
}

Made arg_reduce(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  return r.make(OpKind::kArgReduce, {*x},
                {{"kind", r.random.chance(0.5) ? "max" : "min"},
                 {"axis", r.random.range(0, x->rank() - 1)},
                 {"dtype", r.random.chance(0.5) ? kInt64 : kInt32}});
}

Made scan(RandomBuilder& r, const TypedOp& op) {
  static const std::vector<std::string> kKinds = {"sum", "sum", "prod", "max", "min"};
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  return r.make(OpKind::kScan, {*x},
                {{"kind", r.random.pick(kKinds)},
                 {"axis", r.random.range(0, x->rank() - 1)},
                 {"reverse", r.random.chance(0.5)},
                 {"exclusive", r.random.chance(0.5)}});
}

Made dot(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  const Made y = r.pick([&](Value v) { return v.dtype() == x->dtype(); });
  Ints lhs_batch, rhs_batch, lhs_contract, rhs_contract;
  std::vector<bool> taken(static_cast<size_t>(y->rank()), false);
  for (int64_t i = 0; i < x->rank(); ++i) {
    std::vector<int64_t> partners;
    for (int64_t j = 0; j < y->rank(); ++j)
      if (!taken[static_cast<size_t>(j)] && x->dims()[static_cast<size_t>(i)] == y->dims()[static_cast<size_t>(j)])
        partners.push_back(j);
    if (partners.empty() || r.random.chance(0.25)) continue;
    const int64_t j = r.random.pick(partners);
    taken[static_cast<size_t>(j)] = true;
    const bool is_batch = r.random.chance(0.3);
    (is_batch ? lhs_batch : lhs_contract).push_back(i);
    (is_batch ? rhs_batch : rhs_contract).push_back(j);
  }
  int64_t products = r.elements(x->dims());
  for (int64_t j = 0; j < y->rank(); ++j)
    if (!taken[static_cast<size_t>(j)]) products *= r.size(y->dims()[static_cast<size_t>(j)]);
  const auto rank = x->rank() + y->rank() - static_cast<int64_t>(lhs_batch.size() + 2 * lhs_contract.size());
  if (products > r.limits.products || rank > kMaxRank) return {};
  return r.make(OpKind::kDotGeneral, {*x, *y},
                {{"lhs_batch", lhs_batch},
                 {"rhs_batch", rhs_batch},
                 {"lhs_contract", lhs_contract},
                 {"rhs_contract", rhs_contract}});
}

/// Integers in [0, n): whatever there is, clamped.
Made indices_below(RandomBuilder& r, const Dim& n, const Dims& dims) {
  const DType dtype = r.random.chance(0.5) ? kInt32 : kInt64;
  const Value raw = r.like(dtype, dims);
  const auto full = [&](Value scalar) {
    return r.make(OpKind::kBroadcast, {scalar}, {{"dims", dims}, {"axes", Ints{}}});
  };
  const Made size = r.make(OpKind::kDimValue, {}, {{"dim", Dims{n - 1}}});
  const Made top = size ? r.make(OpKind::kConvert, {*size}, {{"dtype", dtype}}) : Made{};
  const Made zero = r.make(OpKind::kConstant, {}, {{"value", Array::full(dtype, {}, 0)}});
  const Made high = top ? full(*top) : Made{}, low = full(*zero);
  return high && low ? r.make(OpKind::kClamp, {*low, raw, *high}) : Made{};
}

Made softmax(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  if (op.kind == OpKind::kSoftmax || op.kind == OpKind::kLogSoftmax)
    return r.make(op.kind, {*x}, {{"axis", r.random.range(0, x->rank() - 1)}});
  if (r.size(x->dims().back()) == 0) return {};
  if (op.kind == OpKind::kSoftmaxCrossEntropy) return r.make(op.kind, {*x, r.like(*x)});
  const Dims rows(x->dims().begin(), x->dims().end() - 1);
  const Made labels = indices_below(r, x->dims().back(), rows);
  return labels ? r.make(OpKind::kSparseSoftmaxCrossEntropy, {*x, *labels}) : Made{};
}

Made reshape(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  Dims dims = x->dims();
  // A few steps: two axes become one, one becomes two, a 1 comes or goes.
  for (int64_t steps = r.random.range(1, 3); steps > 0; --steps) {
    const auto rank = static_cast<int64_t>(dims.size());
    const auto at = dims.begin() + (rank > 0 ? r.random.range(0, rank - 1) : 0);
    switch (r.random.range(0, 3)) {
      case 0:
        if (rank >= 2 && at + 1 != dims.end()) {
          *at = *at * *(at + 1);
          dims.erase(at + 1);
        }
        break;
      case 1:
        if (rank > 0 && rank < kMaxRank && at->is_constant() && at->constant() % 2 == 0 && at->constant() > 0) {
          *at = Dim(at->constant() / 2);
          dims.insert(r.random.chance(0.5) ? at : at + 1, Dim(2));
        }
        break;
      case 2:
        if (rank < kMaxRank) dims.insert(at, Dim(1));
        break;
      default:
        if (rank > 0 && at->is(1)) dims.erase(at);
        break;
    }
  }
  return r.make(OpKind::kReshape, {*x}, {{"dims", dims}});
}

Made transpose(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, [](Value v) { return v.rank() > 1; });
  if (!x) return {};
  Ints permutation(static_cast<size_t>(x->rank()));
  std::iota(permutation.begin(), permutation.end(), 0);
  for (size_t i = permutation.size(); i-- > 1;)
    std::swap(permutation[i], permutation[static_cast<size_t>(r.random.range(0, static_cast<int64_t>(i)))]);
  return r.make(OpKind::kTranspose, {*x}, {{"permutation", permutation}});
}

Made broadcast(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, [](Value v) { return v.rank() < kMaxRank; });
  if (!x) return {};
  Dims dims = x->dims();
  Ints axes(dims.size());
  std::iota(axes.begin(), axes.end(), 0);
  for (Dim& d : dims)
    if (d.is(1) && r.random.chance(0.5)) d = r.random.pick(r.limits.dims);
  const int64_t at = r.random.range(0, x->rank());
  dims.insert(dims.begin() + at, r.random.pick(r.limits.dims));
  for (int64_t& a : axes)
    if (a >= at) ++a;
  return r.make(OpKind::kBroadcast, {*x}, {{"dims", dims}, {"axes", axes}});
}

Made slice(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  Dims start, limit;
  Ints strides;
  for (const Dim& d : x->dims()) {
    const bool cut = d.is_constant() && r.random.chance(0.6);
    const int64_t from = cut ? r.random.range(0, d.constant()) : 0;
    start.emplace_back(from);
    limit.push_back(cut ? Dim(r.random.range(from, d.constant())) : d);
    strides.push_back(r.random.chance(0.3) ? r.random.range(2, 3) : 1);
  }
  return r.make(OpKind::kSlice, {*x}, {{"start", start}, {"limit", limit}, {"strides", strides}});
}

Made pad(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  Dims low, high;
  Ints interior;
  for (const Dim& d : x->dims()) {
    const bool may_cut = d.is_constant() && d.constant() >= 4;
    low.emplace_back(r.random.range(may_cut ? -2 : 0, 3));
    high.emplace_back(r.random.range(may_cut ? -2 : 0, 3));
    interior.push_back(r.random.chance(0.2) ? r.random.range(1, 2) : 0);
  }
  return r.make(OpKind::kPad, {*x, r.like(x->dtype(), {})}, {{"low", low}, {"high", high}, {"interior", interior}});
}

Made concat(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  const int64_t axis = r.random.range(0, x->rank() - 1);
  std::vector<Value> parts{*x};
  for (int64_t more = r.random.range(0, 2); more > 0; --more) {
    const Made other = r.pick([&](Value v) {
      if (v.dtype() != x->dtype() || v.rank() != x->rank()) return false;
      Dims a = v.dims(), c = x->dims();
      a[static_cast<size_t>(axis)] = c[static_cast<size_t>(axis)] = 0;
      return a == c;
    });
    parts.insert(parts.begin() + r.random.range(0, static_cast<int64_t>(parts.size())), *other);
  }
  return r.make(OpKind::kConcat, parts, {{"axis", axis}});
}

Made reverse(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  return x ? r.make(OpKind::kReverse, {*x}, {{"axes", r.subset(x->rank(), 0.6)}}) : Made{};
}

Made gather(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype, has_rank);
  if (!x) return {};
  const int64_t axis = r.random.range(0, x->rank() - 1);
  const Dim& n = x->dims()[static_cast<size_t>(axis)];
  Dims dims = r.random_dims();
  if (static_cast<int64_t>(dims.size()) + x->rank() > kMaxRank) dims.resize(1, Dim(3));
  // Of an empty axis nothing can be taken.
  if (r.size(n) == 0 && r.elements(dims) > 0) return {};
  const Made indices = indices_below(r, n, dims);
  return indices ? r.make(OpKind::kGather, {*x, *indices}, {{"axis", axis}}) : Made{};
}

Made scatter(RandomBuilder& r, const TypedOp& op) {
  const Made base = operand(r, op.dtype, has_rank);
  if (!base) return {};
  const int64_t axis = r.random.range(0, base->rank() - 1);
  const Dim& n = base->dims()[static_cast<size_t>(axis)];
  const Dims dims = r.random.chance(0.7) ? Dims{r.random.pick(r.limits.dims)} : Dims{};
  if (r.size(n) == 0 && r.elements(dims) > 0) return {};
  const Made indices = indices_below(r, n, dims);
  Dims updates = base->dims();
  updates.insert(updates.erase(updates.begin() + axis), dims.begin(), dims.end());
  if (!indices || r.elements(updates) > r.limits.elements) return {};
  return r.make(OpKind::kScatter, {*base, *indices, r.like(base->dtype(), updates)},
                {{"axis", axis}, {"kind", op.dtype != kBool && r.random.chance(0.6) ? "add" : "set"}});
}

Made leaf(RandomBuilder& r, const TypedOp& op) {
  if (op.kind == OpKind::kDimValue) return r.make(op.kind, {}, {{"dim", Dims{r.random.pick(r.limits.dims) * 2 + 1}}});
  Dims dims = r.random_dims();
  if (op.kind == OpKind::kIota) {
    if (dims.empty()) dims.push_back(r.random.pick(r.limits.dims));
    return r.make(
        op.kind, {},
        {{"dims", dims}, {"dtype", op.dtype}, {"axis", r.random.range(0, static_cast<int64_t>(dims.size()) - 1)}});
  }
  Shape shape;
  for (const Dim& d : dims) shape.push_back(d.is_constant() ? d.constant() : 3);
  Array value(op.dtype, shape);
  if (value.num_elements() > r.limits.elements) return {};
  for (int64_t i = 0; i < value.num_elements(); ++i)
    value.set_from_double(i, static_cast<double>(r.random.range(0, 7)) / 2);
  return r.make(OpKind::kConstant, {}, {{"value", value}});
}

/// Uniform floats in [0, 1), as the frontend makes them.
Made random_uniform(RandomBuilder& r, const TypedOp& op) {
  const Value state = r.like(op.dtype, {});
  const Made bits =
      r.make(OpKind::kRngBits, {state},
             {{"graph_seed", r.random.range(0, 9)}, {"op_seed", r.random.range(0, 9)}, {"dims", r.random_dims()}});
  if (!bits) return {};
  const auto constant = [&](DType dtype, double v) {
    const Made scalar = r.make(OpKind::kConstant, {}, {{"value", Array::full(dtype, {}, v)}});
    return *r.make(OpKind::kBroadcast, {*scalar}, {{"dims", bits->dims()}, {"axes", Ints{}}});
  };
  const Made high = r.make(OpKind::kShiftRight, {*bits, constant(kUInt32, 20)});
  const Made number = high ? r.make(OpKind::kConvert, {*high}, {{"dtype", kFloat32}}) : Made{};
  return number ? r.make(OpKind::kMul, {*number, constant(kFloat32, 1.0 / 4096)}) : Made{};
}

/// What only looks, and what only differentiation looks at.
Made marked(RandomBuilder& r, const TypedOp& op) {
  const Made x = operand(r, op.dtype);
  if (!x) return {};
  return op.kind == OpKind::kOverride ? r.make(op.kind, {*x, r.like(*x)}) : r.make(op.kind, {*x});
}

struct Row {
  OpKind kind;
  Made (*add)(RandomBuilder&, const TypedOp&);
  int weight = 1;
};
/// All operators but `gradients`, which needs a program around it, and `fusion`, which passes make. Those
/// that give a program its shape come more often.
constexpr Row kRows[] = {
    {OpKind::kNeg, unary},
    {OpKind::kAbs, unary},
    {OpKind::kSign, unary},
    {OpKind::kExp, unary},
    {OpKind::kExpm1, unary},
    {OpKind::kLog, unary},
    {OpKind::kLog1p, unary},
    {OpKind::kSqrt, unary},
    {OpKind::kRsqrt, unary},
    {OpKind::kCbrt, unary},
    {OpKind::kSin, unary},
    {OpKind::kCos, unary},
    {OpKind::kTan, unary},
    {OpKind::kAsin, unary},
    {OpKind::kAcos, unary},
    {OpKind::kAtan, unary},
    {OpKind::kSinh, unary},
    {OpKind::kCosh, unary},
    {OpKind::kTanh, unary},
    {OpKind::kAsinh, unary},
    {OpKind::kAcosh, unary},
    {OpKind::kAtanh, unary},
    {OpKind::kErf, unary},
    {OpKind::kErfc, unary},
    {OpKind::kErfinv, unary},
    {OpKind::kFloor, unary},
    {OpKind::kCeil, unary},
    {OpKind::kRoundEven, unary},
    {OpKind::kTrunc, unary},
    {OpKind::kIsFinite, unary},
    {OpKind::kIsNan, unary},
    {OpKind::kNot, unary},
    {OpKind::kAdd, binary, 2},
    {OpKind::kSub, binary},
    {OpKind::kMul, binary, 2},
    {OpKind::kDiv, binary},
    {OpKind::kRem, binary},
    {OpKind::kPow, binary},
    {OpKind::kAtan2, binary},
    {OpKind::kMax, binary},
    {OpKind::kMin, binary},
    {OpKind::kAnd, binary},
    {OpKind::kOr, binary},
    {OpKind::kXor, binary},
    {OpKind::kShiftLeft, binary},
    {OpKind::kShiftRight, binary},
    {OpKind::kCompare, ternary},
    {OpKind::kSelect, ternary},
    {OpKind::kClamp, ternary},
    {OpKind::kFma, ternary},
    {OpKind::kConvert, convert, 2},
    {OpKind::kBitcast, convert},
    {OpKind::kReduce, reduce, 8},
    {OpKind::kArgReduce, arg_reduce},
    {OpKind::kScan, scan, 2},
    {OpKind::kDotGeneral, dot, 7},
    {OpKind::kSoftmax, softmax},
    {OpKind::kLogSoftmax, softmax},
    {OpKind::kSoftmaxCrossEntropy, softmax},
    {OpKind::kSparseSoftmaxCrossEntropy, softmax},
    {OpKind::kReshape, reshape, 4},
    {OpKind::kTranspose, transpose, 4},
    {OpKind::kBroadcast, broadcast, 4},
    {OpKind::kSlice, slice, 3},
    {OpKind::kPad, pad, 2},
    {OpKind::kConcat, concat, 3},
    {OpKind::kReverse, reverse, 2},
    {OpKind::kGather, gather, 2},
    {OpKind::kScatter, scatter, 2},
    {OpKind::kConstant, leaf},
    {OpKind::kIota, leaf},
    {OpKind::kDimValue, leaf},
    {OpKind::kRngBits, random_uniform},
    {OpKind::kPin, marked, 2},
    {OpKind::kOverride, marked},
    {OpKind::kStopGradient, marked},
    {OpKind::kCheckNumerics, marked},
};

/// The operand whose type is the one of an operator: the first of which more than one type may be.
std::optional<size_t> leading_operand(OpKind kind) {
  const auto& operands = ir::op_def(kind).operands;
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].types != ir::TypeClass::kBoolean) return i;
  return std::nullopt;
}

std::vector<DType> admitted(OpKind kind) {
  if (kind == OpKind::kDimValue) return {kInt64};
  if (kind == OpKind::kRngBits) return {kUInt64};
  const auto leading = leading_operand(kind);
  std::vector<DType> types;
  for (const DType t : kAllDTypes) {
    const bool may_be =
        leading ? ir::admits(ir::op_def(kind).operands[*leading].types, t) : kind != OpKind::kIota || is_number(t);
    if (may_be) types.push_back(t);
  }
  return types;
}

}  // namespace

DType random_dtype(Random& random, const std::vector<DType>& types) {
  const auto weight = [](DType t) { return t == kFloat32 ? 8 : t == kFloat64 ? 4 : 1; };
  int64_t total = 0;
  for (const DType t : types) total += weight(t);
  int64_t at = random.range(0, total - 1);
  for (const DType t : types) {
    at -= weight(t);
    if (at < 0) return t;
  }
  return types.back();
}

const std::vector<TypedOp>& all_typed_ops() {
  static const std::vector<TypedOp> all = [] {
    std::vector<TypedOp> made;
    for (const Row& row : kRows)
      for (const DType t : admitted(row.kind)) made.push_back({row.kind, t});
    return made;
  }();
  return all;
}

TypedOp typed_op(const ir::Op& op) {
  const auto leading = leading_operand(op.kind());
  return {op.kind(), leading ? op.operand(static_cast<int>(*leading)).dtype() : op.type().dtype};
}

std::optional<Value> add_typed_op(RandomBuilder& r, const TypedOp& op) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& x) { return x.kind == op.kind; });
  for (int attempt = 0; attempt < 10; ++attempt)
    if (const Made made = row->add(r, op)) return made;
  return std::nullopt;
}

std::optional<Value> add_faulty_op(RandomBuilder& r, const std::string& node) {
  static const std::vector<DType> kInts = {kInt32, kInt64, kUInt8, kUInt32, kUInt64};
  static const std::vector<DType> kIndices = {kInt32, kInt64};
  const DType dtype = r.random.pick(kInts), index = r.random.pick(kIndices);
  const auto make = [&](OpKind kind, std::initializer_list<Value> operands, ir::AttrMap attrs = {}) {
    r.b.set_provenance({node, {}});
    r.keep_faults = true;
    const Made made = r.make(kind, operands, std::move(attrs));
    r.keep_faults = false;
    r.b.set_provenance({});
    return made;
  };
  switch (r.random.range(0, 3)) {
    case 0: {
      const Made x = operand(r, dtype);
      if (!x) return {};
      const Value y = r.like(*x);
      return make(r.random.chance(0.5) ? OpKind::kDiv : OpKind::kRem, {*x, y});
    }
    case 1: {
      const Made x = r.pick(has_rank);
      Dims dims = r.random_dims();
      if (!x || static_cast<int64_t>(dims.size()) + x->rank() > kMaxRank) return {};
      const Value indices = r.like(index, dims);
      return make(OpKind::kGather, {*x, indices}, {{"axis", r.random.range(0, x->rank() - 1)}});
    }
    case 2: {
      const Made base = r.pick(has_rank);
      if (!base) return {};
      const int64_t axis = r.random.range(0, base->rank() - 1);
      const Dims dims = {r.random.pick(r.limits.dims)};
      Dims updates = base->dims();
      updates.insert(updates.erase(updates.begin() + axis), dims.begin(), dims.end());
      if (r.elements(updates) > r.limits.elements) return {};
      const Value indices = r.like(index, dims), values = r.like(base->dtype(), updates);
      return make(OpKind::kScatter, {*base, indices, values}, {{"axis", axis}, {"kind", "set"}});
    }
    default: {
      const Made x = r.pick_float();
      return x ? make(OpKind::kCheckNumerics, {*x}) : Made{};
    }
  }
}

bool add_random_op(RandomBuilder& r) {
  int total = 0;
  for (const Row& row : kRows) total += row.weight;
  for (int attempt = 0; attempt < 20; ++attempt) {
    int64_t at = r.random.range(0, total - 1);
    const Row* row = kRows;
    while (at >= row->weight) at -= (row++)->weight;
    if (row->add(r, {row->kind, random_dtype(r.random, admitted(row->kind))})) return true;
  }
  return false;
}

}  // namespace dlc::test
