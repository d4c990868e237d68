#include "backend/cpu/element_builder.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "backend/cpu/element_table.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {

using ir::OpKind;
using loops::Value;

namespace {

uint64_t element_bits(const Array& a, int64_t i) {
  uint64_t bits = 0;
  const size_t size = size_of(a.dtype());
  std::memcpy(&bits, a.bytes() + static_cast<size_t>(i) * size, size);
  return bits;
}

}  // namespace

bool is_element_op(const ir::Op& op) {
  switch (op.kind()) {
    case OpKind::kConstant:
    case OpKind::kDimValue:
    case OpKind::kIota:
    case OpKind::kRngBits:
    case OpKind::kReshape:
    case OpKind::kTranspose:
    case OpKind::kBroadcast:
    case OpKind::kSlice:
    case OpKind::kPad:
    case OpKind::kConcat:
    case OpKind::kReverse:
    case OpKind::kGather: return true;
    default: return find_element_fn(op.kind()) != nullptr;
  }
}

std::string ElementBuilder::key(ir::Value v, const Index& index) const {
  std::string text = fmt::format("{}.{}@{}m{}{}", static_cast<const void*>(v.op), v.index, index.lanes, index.mask.id,
                                 index.guarded ? "g" : "");
  for (const Coord& c : index.coords) text += fmt::format(",{}+{}/{}", c.base.id, c.step, c.vector.id);
  return text;
}

Value ElementBuilder::at(ir::Value v, const Index& requested) {
  // All lanes at one place: a scalar, built once for all loops around.
  const bool uniform = !requested.guarded && std::all_of(requested.coords.begin(), requested.coords.end(),
                                                         [](const Coord& c) { return c.uniform(); });
  const Index single{requested.coords, 1, {}};
  const Index& index = uniform ? single : requested;
  DLC_CHECK(static_cast<int64_t>(index.coords.size()) == v.rank(), "index of {} coordinates into {} of {}",
            index.coords.size(), v.type(), v.op->name());
  const std::string memo = key(v, index);
  for (const auto& scope : scopes_)
    if (const auto it = scope.find(memo); it != scope.end()) return it->second;
  Value built;
  if (const auto it = providers_.find(v); it != providers_.end()) {
    built = it->second(index);
  } else if (v.is(OpKind::kParam)) {
    built = load(k_.param_buffer(k_.region().param_index(v)), v.dims(), index);
  } else {
    built = build(*v.op, index);
  }
  scopes_.back()[memo] = built;
  return built;
}

Value ElementBuilder::build(ir::Op& op, const Index& index) {
  if (const ElementFn fn = find_element_fn(op.kind())) {
    std::vector<Value> operands;
    for (const ir::Value x : op.operands()) operands.push_back(at(x, index));
    return fn(ElementArgs{k_, b_, op, operands, index, *this});
  }
  return build_shape_op(op, index);
}

Coord ElementBuilder::affine(const Coord& c, Value scale, Value offset, int64_t known_scale) {
  Coord r;
  if (c.vector) {
    r.vector = b_.add(b_.mul(c.vector, scale), offset);
    return r;
  }
  r.base = b_.add(b_.mul(c.base, scale), offset);
  r.step = c.step * known_scale;
  return r;
}

Value ElementBuilder::coord_value(const Coord& c, int lanes) {
  if (c.vector) return c.vector;
  if (c.step == 0 || lanes == 1) return c.base;
  const loops::Type type{kInt64, lanes};
  return b_.add(b_.broadcast(c.base, lanes), b_.mul(b_.iota(type), b_.constant_int(type, c.step)));
}

Value ElementBuilder::build_shape_op(ir::Op& op, const Index& index) {
  const ir::Value x = op.num_operands() > 0 ? op.operand(0) : ir::Value{};
  Index to = index;
  switch (op.kind()) {
    case OpKind::kConstant: return build_constant(op, index);
    case OpKind::kDimValue: return k_.extent(op.dims_attr("dim")[0]);
    case OpKind::kIota: {
      const Value at_axis = coord_value(index.coords[static_cast<size_t>(op.int_attr("axis"))], index.lanes);
      return b_.convert(at_axis, op.type().dtype);
    }
    case OpKind::kRngBits: return build_rng(op, index);
    case OpKind::kBroadcast: {
      const ir::Ints& axes = op.ints_attr("axes");
      to.coords.clear();
      for (size_t i = 0; i < axes.size(); ++i) {
        const bool stretched = x.dims()[i].is(1);
        to.coords.push_back(stretched ? Coord{b_.i64(0), 0, {}} : index.coords[static_cast<size_t>(axes[i])]);
      }
      return at(x, to);
    }
    case OpKind::kTranspose: {
      const ir::Ints& permutation = op.ints_attr("permutation");
      for (size_t i = 0; i < permutation.size(); ++i) to.coords[static_cast<size_t>(permutation[i])] = index.coords[i];
      return at(x, to);
    }
    case OpKind::kSlice: {
      const ir::Dims& start = op.dims_attr("start");
      const ir::Ints& strides = op.ints_attr("strides");
      for (size_t i = 0; i < strides.size(); ++i)
        to.coords[i] = affine(index.coords[i], b_.i64(strides[i]), k_.extent(start[i]), strides[i]);
      return at(x, to);
    }
    case OpKind::kReverse: {
      for (const int64_t axis : op.ints_attr("axes")) {
        const size_t a = static_cast<size_t>(axis);
        to.coords[a] = affine(index.coords[a], b_.i64(-1), b_.sub(k_.extent(x.dims()[a]), b_.i64(1)), -1);
      }
      return at(x, to);
    }
    case OpKind::kReshape: return build_reshape(op, index);
    case OpKind::kPad: return build_pad(op, index);
    case OpKind::kConcat: return build_concat(op, index);
    case OpKind::kGather: return build_gather(op, index);
    default: DLC_UNREACHABLE("{} has no element form", op.name());
  }
}

Value ElementBuilder::build_constant(ir::Op& op, const Index& index) {
  const Array& value = op.attr<Array>("value");
  if (value.num_elements() == 1) return k_.scalar_constant(value.dtype(), element_bits(value, 0));
  return load(k_.constant_buffer(value), op.type().dims, index);
}

Coord ElementBuilder::linear(const ir::Dims& dims, const Index& index) {
  Coord position{b_.i64(0), 0, {}};
  Value stride = b_.i64(1);
  std::optional<int64_t> known_stride = 1;
  Value lanes;  // sum of the parts that are no known multiple of the lane number
  for (size_t i = dims.size(); i-- > 0;) {
    const Coord& c = index.coords[i];
    if (!dims[i].is(1)) {
      const bool plain = !c.vector && (c.step == 0 || known_stride);
      if (plain) {
        position.base = b_.add(position.base, b_.mul(c.base, stride));
        position.step += c.step * known_stride.value_or(0);
      } else {
        const Value part = b_.mul(coord_value(c, index.lanes), stride);
        lanes = lanes ? b_.add(lanes, part) : part;
      }
    }
    if (i == 0) break;  // nothing lies further out: a kernel of one axis needs no extent to find its place
    stride = b_.mul(stride, k_.extent(dims[i]));
    if (known_stride) {
      if (dims[i].is_constant())
        known_stride = *known_stride * dims[i].constant();
      else
        known_stride = std::nullopt;
    }
  }
  if (lanes) {
    position.vector = b_.add(coord_value(position, index.lanes), lanes);
    position.base = {};
    position.step = 0;
  }
  return position;
}

std::vector<Coord> ElementBuilder::split(const Coord& position, std::span<const ir::Dim> dims, int lanes) {
  std::vector<Coord> coords(dims.size());
  Value rest = coord_value(position, lanes);
  const bool uniform = position.uniform();
  for (size_t i = dims.size(); i-- > 0;) {
    Value c;
    if (i == 0) {
      c = rest;
    } else if (dims[i].is(1)) {
      c = b_.i64(0);
    } else {
      // Where there are no elements, lanes that are masked off may come here all the same.
      const bool some = dims[i].is_constant() && dims[i].constant() > 0;
      const Value n = some ? k_.extent(dims[i]) : b_.max(k_.extent(dims[i]), b_.i64(1));
      c = b_.rem(rest, n);
      rest = b_.div(rest, n);
    }
    if (uniform || !b_.type(c).is_vector())
      coords[i].base = c;
    else
      coords[i].vector = c;
  }
  return coords;
}

Value ElementBuilder::build_reshape(ir::Op& op, const Index& index) {
  const ir::Value x = op.operand(0);
  const ir::Dims &from = x.dims(), &to = op.type().dims;
  // Only size-1 axes come or go: the other coordinates stay.
  std::vector<size_t> from_axes, to_axes;
  for (size_t i = 0; i < from.size(); ++i)
    if (!from[i].is(1)) from_axes.push_back(i);
  for (size_t i = 0; i < to.size(); ++i)
    if (!to[i].is(1)) to_axes.push_back(i);
  const bool same =
      from_axes.size() == to_axes.size() && std::equal(from_axes.begin(), from_axes.end(), to_axes.begin(),
                                                       [&](size_t a, size_t c) { return from[a] == to[c]; });
  Index source = index;
  if (same) {
    source.coords.assign(from.size(), Coord{b_.i64(0), 0, {}});
    for (size_t i = 0; i < from_axes.size(); ++i) source.coords[from_axes[i]] = index.coords[to_axes[i]];
  } else {
    source.coords = split(linear(to, index), from, index.lanes);
  }
  return at(x, source);
}

Value ElementBuilder::build_pad(ir::Op& op, const Index& index) {
  const ir::Value x = op.operand(0);
  const ir::Dims& low = op.dims_attr("low");
  const ir::Dims& high = op.dims_attr("high");
  const ir::Ints& interior = op.ints_attr("interior");
  Index to = index;
  Value inside;
  for (size_t i = 0; i < low.size(); ++i) {
    if (low[i].is(0) && high[i].is(0) && interior[i] == 0) continue;
    const Value n = k_.extent(x.dims()[i]);
    Value c = b_.sub(coord_value(index.coords[i], index.lanes), k_.extent(low[i]));
    Value ok = b_.ge(c, b_.i64(0));
    if (interior[i] > 0) {
      const Value step = b_.i64(interior[i] + 1);
      // A negative c is outside already; its remainder does not matter.
      ok = b_.bit_and(ok, b_.eq(b_.rem(c, step), b_.i64(0)));
      c = b_.div(c, step);
    }
    ok = b_.bit_and(ok, b_.lt(c, n));
    const Value last = b_.max(b_.sub(n, b_.i64(1)), b_.i64(0));
    const Value clamped = b_.max(b_.min(c, last), b_.i64(0));
    to.coords[i] = b_.type(clamped).is_vector() ? Coord{{}, 0, clamped} : Coord{clamped, 0, {}};
    inside = inside ? b_.bit_and(inside, ok) : ok;
  }
  if (!inside) return at(x, index);
  // Masked off where outside: an empty x must not be read at all.
  to.guarded = true;
  const Value outside_value = at(op.operand(1), Index{{}, index.lanes, index.mask, index.guarded});
  if (!b_.type(inside).is_vector() && index.lanes > 1) {
    to.mask =
        index.mask ? b_.bit_and(index.mask, b_.broadcast(inside, index.lanes)) : b_.broadcast(inside, index.lanes);
  } else {
    to.mask = index.mask ? b_.bit_and(index.mask, inside) : inside;
  }
  return b_.select(inside, at(x, to), outside_value);
}

Value ElementBuilder::build_concat(ir::Op& op, const Index& index) {
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const Value c = coord_value(index.coords[axis], index.lanes);
  const bool varies = b_.type(c).is_vector();
  Value result, start = b_.i64(0);
  for (int i = 0; i < op.num_operands(); ++i) {
    const ir::Value x = op.operand(i);
    const Value n = k_.extent(x.dims()[axis]);
    const Value local = b_.sub(c, start);
    Value inside = b_.bit_and(b_.ge(local, b_.i64(0)), b_.lt(local, n));
    const Value clamped = b_.max(b_.min(local, b_.sub(n, b_.i64(1))), b_.i64(0));
    Index to = index;
    to.coords[axis] = varies ? Coord{{}, 0, clamped} : Coord{clamped, 0, {}};
    const Value lanes_inside = varies || index.lanes == 1 ? inside : b_.broadcast(inside, index.lanes);
    to.mask = index.mask ? b_.bit_and(index.mask, lanes_inside) : lanes_inside;
    to.guarded = true;
    const Value piece = at(x, to);
    result = result ? b_.select(inside, piece, result) : piece;
    start = b_.add(start, n);
  }
  return result;
}

Value ElementBuilder::build_gather(ir::Op& op, const Index& index) {
  const ir::Value x = op.operand(0), indices = op.operand(1);
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const size_t inner = static_cast<size_t>(indices.rank());
  Index where{{index.coords.begin() + static_cast<std::ptrdiff_t>(axis),
               index.coords.begin() + static_cast<std::ptrdiff_t>(axis + inner)},
              index.lanes,
              index.mask,
              index.guarded};
  const Value raw = at(indices, where);
  const Value wanted = b_.convert(raw, kInt64);
  const Value n = k_.extent(x.dims()[axis]);
  const Value bad = b_.bit_or(b_.lt(wanted, b_.i64(0)), b_.ge(wanted, n));
  fault(op, "index out of range", bad, linear(indices.dims(), where), wanted, index);
  const Value clamped = b_.max(b_.min(wanted, b_.sub(n, b_.i64(1))), b_.i64(0));
  Index to = index;
  to.coords.assign(index.coords.begin(), index.coords.begin() + static_cast<std::ptrdiff_t>(axis));
  to.coords.push_back(b_.type(clamped).is_vector() ? Coord{{}, 0, clamped} : Coord{clamped, 0, {}});
  to.coords.insert(to.coords.end(), index.coords.begin() + static_cast<std::ptrdiff_t>(axis + inner),
                   index.coords.end());
  const ir::Dim& extent = x.dims()[axis];
  if (extent.is_constant() && extent.constant() > 0) return at(x, to);
  // Of an axis that turns out empty there is nothing to read; the fault is on record.
  const Value exists = index.lanes > 1 ? b_.broadcast(b_.gt(n, b_.i64(0)), index.lanes) : b_.gt(n, b_.i64(0));
  to.mask = index.mask ? b_.bit_and(index.mask, exists) : exists;
  to.guarded = true;
  return at(x, to);
}

void ElementBuilder::fault(const ir::Op& op, const char* check, Value condition, const Coord& position, Value value,
                           const Index& index) {
  // Lanes that do not exist, and lanes that an enclosing pad leaves out, cannot fail.
  Value bad = index.mask ? b_.bit_and(condition, index.mask) : condition;
  const Value element = coord_value(position, index.lanes);
  if (b_.type(element).is_vector() && !b_.type(bad).is_vector()) bad = b_.broadcast(bad, index.lanes);
  b_.fault(bad, k_.fault_site(op, check), element, value);
}

namespace {

/// Whether the op's value is NaN or infinite wherever its operand `i` is.
bool passes_on(const ir::Op& op, int i) {
  switch (op.kind()) {
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kFma:
    case OpKind::kNeg:
    case OpKind::kAbs:
    case OpKind::kSqrt:
    case OpKind::kCheckNumerics: return true;
    case OpKind::kDiv: return i == 0;  // x / inf is 0
    default: return false;
  }
}

/// Adds the ops whose values, not being finite, would make `op`'s so. At the same element: what a region
/// computes it computes at one place, since fusion lets views reach only what the kernel reads.
void add_covered(const ir::Op& op, std::set<const ir::Op*>& covered) {
  for (int i = 0; i < op.num_operands(); ++i)
    if (passes_on(op, i) && covered.insert(op.operand(i).op).second) add_covered(*op.operand(i).op, covered);
}

}  // namespace

void ElementBuilder::check_finite(const ir::Op& check, Value x, std::function<void()> report) {
  checks_.back().push_back({&check, x, std::move(report)});
  if (scopes_.size() == 1) look_at_checks();  // nobody leaves the outermost
}

void ElementBuilder::look_at_checks() {
  std::vector<FiniteCheck> checks = std::exchange(checks_.back(), {});
  if (checks.empty()) return;
  std::set<const ir::Op*> covered;
  for (const FiniteCheck& check : checks) add_covered(*check.op, covered);
  // The sum of 0 * x over all x is NaN if and only if one of them is NaN or infinite.
  std::map<loops::Type, Value> sums;
  for (const FiniteCheck& check : checks) {
    if (covered.contains(check.op)) continue;
    const loops::Type type = b_.type(check.x);
    const Value zero = b_.constant({type.elem, 1}, 0);
    const auto [sum, first] = sums.try_emplace(type);
    if (first)
      sum->second = b_.mul(check.x, zero);
    else if (k_.target().has_fma)
      sum->second = b_.fma(check.x, zero, sum->second);
    else
      sum->second = b_.add(b_.mul(check.x, zero), sum->second);
  }
  Value any;
  for (const auto& [type, sum] : sums) {
    const Value bad = b_.reduce(loops::OpCode::kReduceOr, b_.ne(sum, sum));
    any = any ? b_.bit_or(any, bad) : bad;
  }
  b_.if_then(any, [&] {
    for (const FiniteCheck& check : checks) check.report();
  });
}

Value ElementBuilder::load(loops::BufferId buffer, const ir::Dims& dims, const Index& index) {
  const Coord at = linear(dims, index);
  if (at.vector) return b_.gather(buffer, at.vector, index.mask);
  if (index.lanes == 1 || at.step == 0) {
    if (!index.guarded) return b_.load(buffer, at.base);
    // All lanes read one element, which exists only if some lane does.
    const Value any = b_.reduce(loops::OpCode::kReduceOr, index.mask);
    return b_.if_else(
        any, [&] { return loops::LoopBuilder::Values{b_.load(buffer, at.base)}; },
        [&] {
          return loops::LoopBuilder::Values{
              b_.constant_bits({b_.kernel().buffers[static_cast<size_t>(buffer.id)].elem, 1}, 0)};
        })[0];
  }
  if (at.step == 1) return b_.load(buffer, at.base, index.lanes, index.mask);
  return b_.gather(buffer, coord_value(at, index.lanes), index.mask);
}

void ElementBuilder::store(loops::BufferId buffer, const ir::Dims& dims, const Index& index, Value value) {
  const Coord at = linear(dims, index);
  if (index.lanes == 1) {
    b_.store(buffer, value, at.base);
    return;
  }
  if (!at.vector && at.step == 0) {
    // All lanes are one element.
    b_.store(buffer, b_.type(value).is_vector() ? b_.extract(value, 0) : value, at.base);
    return;
  }
  if (!b_.type(value).is_vector()) value = b_.broadcast(value, index.lanes);
  if (at.vector || at.step != 1) {
    b_.scatter(buffer, value, coord_value(at, index.lanes), index.mask);
    return;
  }
  b_.store(buffer, value, at.base, index.mask);
}

}  // namespace dlc::backend
