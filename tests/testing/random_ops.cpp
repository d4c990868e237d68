// The kinds of random ops. Each function tries to add one; what does not fit is taken back by
// RandomBuilder::make.
#include <algorithm>
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

const std::vector<OpKind> kFloatUnary = {
    OpKind::kNeg,   OpKind::kAbs,   OpKind::kSign, OpKind::kExp,   OpKind::kExpm1, OpKind::kLog,   OpKind::kLog1p,
    OpKind::kSqrt,  OpKind::kRsqrt, OpKind::kCbrt, OpKind::kSin,   OpKind::kCos,   OpKind::kTan,   OpKind::kAsin,
    OpKind::kAcos,  OpKind::kAtan,  OpKind::kSinh, OpKind::kCosh,  OpKind::kTanh,  OpKind::kAsinh, OpKind::kAcosh,
    OpKind::kAtanh, OpKind::kErf,   OpKind::kErfc, OpKind::kErfinv};
const std::vector<OpKind> kRounding = {OpKind::kFloor, OpKind::kCeil,     OpKind::kRoundEven,
                                       OpKind::kTrunc, OpKind::kIsFinite, OpKind::kIsNan};
const std::vector<OpKind> kFloatBinary = {OpKind::kAdd,   OpKind::kAdd, OpKind::kSub, OpKind::kMul,
                                          OpKind::kMul,   OpKind::kDiv, OpKind::kRem, OpKind::kPow,
                                          OpKind::kAtan2, OpKind::kMax, OpKind::kMin};
const std::vector<OpKind> kIntBinary = {OpKind::kAdd,       OpKind::kSub,       OpKind::kMul, OpKind::kMax,
                                        OpKind::kMin,       OpKind::kAnd,       OpKind::kOr,  OpKind::kXor,
                                        OpKind::kShiftLeft, OpKind::kShiftRight};
const std::vector<OpKind> kBoolBinary = {OpKind::kAnd, OpKind::kOr, OpKind::kXor};
const std::vector<DType> kTypes = {kFloat32, kFloat32, kFloat64, kInt32, kInt64, kUInt8, kUInt32, kUInt64, kBool};
constexpr int64_t kMaxRank = 6;
const std::vector<std::string> kDirections = {"eq", "ne", "lt", "le", "gt", "ge"};

bool any(Value) { return true; }
bool has_rank(Value v) { return v.rank() > 0; }
bool is_numeric(Value v) { return is_number(v.dtype()); }

Made unary(RandomBuilder& r) {
  const Made x = r.pick(any);
  if (is_float(x->dtype())) return r.make(r.random.pick(r.random.chance(0.15) ? kRounding : kFloatUnary), {*x});
  if (x->dtype() == kBool) return r.make(OpKind::kNot, {*x});
  return r.make(r.random.pick(std::vector{OpKind::kNeg, OpKind::kAbs, OpKind::kSign, OpKind::kNot}), {*x});
}

Made binary(RandomBuilder& r) {
  const Made x = r.pick(any);
  const Value y = r.like(*x);
  const bool swapped = r.random.chance(0.3);
  const Value first = swapped ? y : *x, second = swapped ? *x : y;
  if (is_float(x->dtype())) return r.make(r.random.pick(kFloatBinary), {first, second});
  if (x->dtype() == kBool) return r.make(r.random.pick(kBoolBinary), {first, second});
  if (r.random.chance(0.25)) {
    // A divisor that is never 0, whatever happens to the operands.
    const Made one = r.make(OpKind::kConstant, {}, {{"value", Array::full(x->dtype(), {}, 1)}});
    const Made ones = r.make(OpKind::kBroadcast, {*one}, {{"dims", x->dims()}, {"axes", Ints{}}});
    const Made odd = ones ? r.make(OpKind::kOr, {second, *ones}) : Made{};
    return odd ? r.make(r.random.chance(0.5) ? OpKind::kDiv : OpKind::kRem, {first, *odd}) : Made{};
  }
  return r.make(r.random.pick(kIntBinary), {first, second});
}

Made ternary(RandomBuilder& r) {
  const Made x = r.pick(any);
  switch (r.random.range(0, 3)) {
    case 0: return r.make(OpKind::kCompare, {*x, r.like(*x)}, {{"direction", r.random.pick(kDirections)}});
    case 1: return r.make(OpKind::kSelect, {r.like(kBool, x->dims()), *x, r.like(*x)});
    case 2: return is_numeric(*x) ? r.make(OpKind::kClamp, {r.like(*x), *x, r.like(*x)}) : Made{};
    default: return is_float(x->dtype()) ? r.make(OpKind::kFma, {*x, r.like(*x), r.like(*x)}) : Made{};
  }
}

Made convert(RandomBuilder& r) {
  const Made x = r.pick(any);
  if (r.random.chance(0.15)) {
    // To another type of its width.
    std::vector<DType> same_width;
    for (const DType t : kAllDTypes)
      if (t != kBool && t != x->dtype() && size_of(t) == size_of(x->dtype())) same_width.push_back(t);
    if (x->dtype() != kBool && !same_width.empty())
      return r.make(OpKind::kBitcast, {*x}, {{"dtype", r.random.pick(same_width)}});
  }
  return r.make(OpKind::kConvert, {*x}, {{"dtype", r.random.pick(kTypes)}});
}

Made reduce(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
  if (!x) return {};
  Ints axes = r.subset(x->rank(), r.random.chance(0.2) ? 1.0 : 0.5);
  if (axes.empty() && r.random.chance(0.9)) axes = {r.random.range(0, x->rank() - 1)};
  static const std::vector<std::string> kNumbers = {"sum", "sum", "sum", "max", "min", "prod"};
  const std::string kind = x->dtype() == kBool ? (r.random.chance(0.5) ? "any" : "all") : r.random.pick(kNumbers);
  return r.make(OpKind::kReduce, {*x}, {{"kind", kind}, {"axes", axes}});
}

Made arg_reduce(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
  if (!x) return {};
  return r.make(OpKind::kArgReduce, {*x},
                {{"kind", r.random.chance(0.5) ? "max" : "min"},
                 {"axis", r.random.range(0, x->rank() - 1)},
                 {"dtype", r.random.chance(0.5) ? kInt64 : kInt32}});
}

Made scan(RandomBuilder& r) {
  static const std::vector<std::string> kKinds = {"sum", "sum", "prod", "max", "min"};
  const Made x = r.pick([](Value v) { return has_rank(v) && is_numeric(v); });
  if (!x) return {};
  return r.make(OpKind::kScan, {*x},
                {{"kind", r.random.pick(kKinds)},
                 {"axis", r.random.range(0, x->rank() - 1)},
                 {"reverse", r.random.chance(0.5)},
                 {"exclusive", r.random.chance(0.5)}});
}

Made dot(RandomBuilder& r) {
  const Made x = r.pick(is_numeric);
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

Made softmax(RandomBuilder& r) {
  const Made x = r.pick([](Value v) { return has_rank(v) && is_float(v.dtype()); });
  if (!x) return {};
  const int64_t last = x->rank() - 1;
  switch (r.random.range(0, 3)) {
    case 0: return r.make(OpKind::kSoftmax, {*x}, {{"axis", r.random.range(0, last)}});
    case 1: return r.make(OpKind::kLogSoftmax, {*x}, {{"axis", r.random.range(0, last)}});
    case 2: return r.size(x->dims().back()) > 0 ? r.make(OpKind::kSoftmaxCrossEntropy, {*x, r.like(*x)}) : Made{};
    default: break;
  }
  if (r.size(x->dims().back()) == 0) return {};
  const Dims rows(x->dims().begin(), x->dims().end() - 1);
  const Made labels = indices_below(r, x->dims().back(), rows);
  return labels ? r.make(OpKind::kSparseSoftmaxCrossEntropy, {*x, *labels}) : Made{};
}

Made reshape(RandomBuilder& r) {
  const Made x = r.pick(any);
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

Made transpose(RandomBuilder& r) {
  const Made x = r.pick([](Value v) { return v.rank() > 1; });
  if (!x) return {};
  Ints permutation(static_cast<size_t>(x->rank()));
  std::iota(permutation.begin(), permutation.end(), 0);
  for (size_t i = permutation.size(); i-- > 1;)
    std::swap(permutation[i], permutation[static_cast<size_t>(r.random.range(0, static_cast<int64_t>(i)))]);
  return r.make(OpKind::kTranspose, {*x}, {{"permutation", permutation}});
}

Made broadcast(RandomBuilder& r) {
  const Made x = r.pick([](Value v) { return v.rank() < kMaxRank; });
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

Made slice(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
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

Made pad(RandomBuilder& r) {
  const Made x = r.pick(any);
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

Made concat(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
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

Made reverse(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
  return x ? r.make(OpKind::kReverse, {*x}, {{"axes", r.subset(x->rank(), 0.6)}}) : Made{};
}

Made gather(RandomBuilder& r) {
  const Made x = r.pick(has_rank);
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

Made scatter(RandomBuilder& r) {
  const Made base = r.pick([](Value v) { return has_rank(v) && is_numeric(v); });
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
                {{"axis", axis}, {"kind", r.random.chance(0.6) ? "add" : "set"}});
}

Made leaf(RandomBuilder& r) {
  Dims dims = r.random_dims();
  const DType dtype = r.random.pick(kTypes);
  if (r.random.chance(0.5)) {
    if (dims.empty()) dims.push_back(r.random.pick(r.limits.dims));
    return r.make(OpKind::kIota, {},
                  {{"dims", dims},
                   {"dtype", dtype == kBool ? kInt32 : dtype},
                   {"axis", r.random.range(0, static_cast<int64_t>(dims.size()) - 1)}});
  }
  if (r.random.chance(0.2)) return r.make(OpKind::kDimValue, {}, {{"dim", Dims{r.random.pick(r.limits.dims) * 2 + 1}}});
  Shape shape;
  for (const Dim& d : dims) shape.push_back(d.is_constant() ? d.constant() : 3);
  Array value(dtype, shape);
  if (value.num_elements() > r.limits.elements) return {};
  for (int64_t i = 0; i < value.num_elements(); ++i)
    value.set_from_double(i, static_cast<double>(r.random.range(0, 7)) / 2);
  return r.make(OpKind::kConstant, {}, {{"value", value}});
}

/// Uniform floats in [0, 1), as the frontend makes them.
Made random_uniform(RandomBuilder& r) {
  const Made state = r.pick([](Value v) { return v.dtype() == kUInt64; });
  if (!state) return {};
  const Made bits =
      r.make(OpKind::kRngBits, {*state},
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
Made marked(RandomBuilder& r) {
  const Made x = r.pick_float();
  if (!x) return {};
  if (r.random.chance(0.7)) return r.make(OpKind::kPin, {*x});
  if (r.random.chance(0.5)) return r.make(x->rank() == 2 ? OpKind::kCheckNumerics : OpKind::kStopGradient, {*x});
  return r.make(OpKind::kOverride, {*x, r.like(*x)});
}

struct Kind {
  Made (*add)(RandomBuilder&);
  int weight;
};
constexpr Kind kKinds[] = {
    {unary, 18}, {binary, 16}, {ternary, 7}, {convert, 4},   {reduce, 9},    {arg_reduce, 2},     {scan, 2},
    {dot, 8},    {softmax, 4}, {reshape, 4}, {transpose, 4}, {broadcast, 4}, {slice, 3},          {pad, 3},
    {concat, 3}, {reverse, 2}, {gather, 3},  {scatter, 2},   {leaf, 3},      {random_uniform, 2}, {marked, 4}};

}  // namespace

bool add_random_op(RandomBuilder& r) {
  int total = 0;
  for (const Kind& k : kKinds) total += k.weight;
  for (int attempt = 0; attempt < 20; ++attempt) {
    int64_t at = r.random.range(0, total - 1);
    const Kind* kind = kKinds;
    while (at >= kind->weight) at -= (kind++)->weight;
    if (kind->add(r)) return true;
  }
  return false;
}

}  // namespace dlc::test
