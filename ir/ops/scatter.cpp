// scatter: slices added to or put into a tensor at given indices; what gather takes, scatter gives back.
#include <algorithm>

#include "ir/ops/combine.h"
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_scatter(const InferContext& c) {
  const TensorType &base = c.operand(0), &indices = c.operand(1), &updates = c.operand(2);
  const std::string& kind = c.attr<std::string>("kind");
  DLC_RETURN_IF_ERROR(c.same_types("scatter_c1", 0, 2));
  DLC_RETURN_IF_ERROR(c.axis_in_range("scatter_c2", "axis", base.rank()));
  if (kind != "add" && kind != "set") return c.error("scatter_c3", "'kind' is \"{}\", needs add or set", kind);
  if (kind == "add" && base.dtype == kBool) {
    Error e = c.error("scatter_c4", "kind \"add\" needs a number type, got {}", base);
    e.code = ErrorCode::kInvalidType;
    return e;
  }
  Dims dims = base.dims;
  const auto at = dims.erase(dims.begin() + c.int_attr("axis"));
  dims.insert(at, indices.dims.begin(), indices.dims.end());
  const std::string what = fmt::format("'updates' needs {} for base {} and indices {} along axis {}, got {}",
                                       updates.with(dims), base, indices, c.int_attr("axis"), updates);
  if (updates.dims.size() != dims.size()) return c.error("scatter_c5", "{}", what);
  for (size_t i = 0; i < dims.size(); ++i)
    DLC_RETURN_IF_ERROR(c.require_equal("scatter_c5", dims[i], updates.dims[i], what));
  return std::vector{base};
}

/// set: which updates survive, 1 or 0 for each index: the last one at its place. Each index leaves
/// its number there in the same order and then looks whether it is still its own.
Value survivors(GradContext& g, Value indices, const Dim& extent) {
  Builder& b = g.b;
  const Dims all{indices.type().num_elements()};
  const Value number = b.op(OpKind::kIota, {}, {{"dtype", kInt64}, {"dims", all}, {"axis", int64_t{0}}});
  const Value flat = b.reshape(indices, all);
  const Value last = b.op(OpKind::kScatter, {b.full({kInt64, {extent}}, -1), flat, number},
                          {{"axis", int64_t{0}}, {"kind", std::string("set")}});
  const Value seen = b.op(OpKind::kGather, {last, flat}, {{"axis", int64_t{0}}});
  return b.reshape(b.compare("eq", seen, number), indices.dims());
}

/// VJP. add: dbase = dy, dupdates = dy at the indices. set: dbase is dy but for the places that were
/// overwritten; dupdates is dy at the indices for the updates that were not overwritten later.
Gradients grad_scatter(GradContext& g) {
  Builder& b = g.b;
  const Value base = g.operand(0), indices = g.operand(1), updates = g.operand(2), dy = g.result_grad();
  const int64_t axis = g.op().int_attr("axis");
  const bool add = g.op().str_attr("kind") == "add";
  Gradients out(3);
  if (g.needed(0))
    out[0] = add ? dy
                 : b.op(OpKind::kScatter, {dy, indices, b.full_like(updates, 0)},
                        {{"axis", axis}, {"kind", std::string("set")}});
  if (g.needed(2)) {
    const Value taken = b.reshape(b.op(OpKind::kGather, {dy, indices}, {{"axis", axis}}), updates.dims());
    if (add) {
      out[2] = taken;
    } else {
      Ints axes(static_cast<size_t>(indices.rank()));
      for (size_t i = 0; i < axes.size(); ++i) axes[i] = axis + static_cast<int64_t>(i);
      const Value kept = b.broadcast(survivors(g, indices, base.type().dim(axis)), updates.dims(), std::move(axes));
      out[2] = b.select(kept, taken, b.full_like(taken, 0));
    }
  }
  return out;
}

std::vector<Array> reference_scatter(const ReferenceContext& c) {
  const Array &base = c.operands[0], &indices = c.operands[1], &updates = c.operands[2];
  const AxisSplit s = split_at(base.shape(), c.op.int_attr("axis"));
  const bool add = c.op.str_attr("kind") == "add";
  Array y = c.make_result();
  const int64_t count = indices.num_elements();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = index_at(indices, i);
    if ((index < 0 || index >= s.extent) && s.outer * s.inner > 0) c.report(i, index);
  }
  dispatch(base.dtype(), [&]<typename T>() {
    using A = Accumulator<T>;
    std::vector<A> sums(base.data<T>().begin(), base.data<T>().end());
    for (int64_t o = 0; o < s.outer && s.extent > 0; ++o)
      for (int64_t i = 0; i < count; ++i) {
        const int64_t k = std::clamp<int64_t>(index_at(indices, i), 0, s.extent - 1);
        for (int64_t j = 0; j < s.inner; ++j) {
          const A update = updates.data<T>()[static_cast<size_t>((o * count + i) * s.inner + j)];
          auto&& place = sums[static_cast<size_t>((o * s.extent + k) * s.inner + j)];
          if (add)
            place = wrapping_add<A>(place, update);
          else
            place = update;
        }
      }
    for (size_t i = 0; i < sums.size(); ++i) y.data<T>()[i] = static_cast<T>(sums[i]);
  });
  return {y};
}

}  // namespace

OpDef scatter_op() {
  return {
      .doc =
          "`base` with the slices of `updates` added (kind add) or put (kind set) at `indices` along `axis`, "
          "in row-major order of updates, so that of several the last is put. An index outside [0, dim) is "
          "a fault (element: its position in indices) and is clamped; that of a slice without elements is not "
          "looked at. The reference carries f32 sums in f64.",
      .operands = {{"base", TypeClass::kAny, "rank >= 1"},
                   {"indices", TypeClass::kIndex, "any shape"},
                   {"updates", TypeClass::kAny, "base with the dimensions of indices in the place of the axis"}},
      .attrs = {{"axis", int64_t{0}, true, "0 <= axis < rank of base"},
                {"kind", std::string("add"), true, "\"add\" \"set\""}},
      .can_fail = true,
      // scatter_c1: one element type; scatter_c2: axis in range; scatter_c3: a known kind; scatter_c4:
      // numbers for add; scatter_c5: dims of updates
      .infer = infer_scatter,
      .gradient = grad_scatter,
      .differentiable = {true, false, true},
      .reference = reference_scatter,
  };
}

}  // namespace dlc::ir
