// Column kernels: a reduction over outer axes. Vectors run along the last axis, which is kept; each
// lane combines its own column in order, block by block (reduction.h).
#include <algorithm>

#include "backend/cpu/kernels.h"
#include "backend/cpu/reduction.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {

using ir::OpKind;
using loops::Value;
using Values = loops::LoopBuilder::Values;

void build_column_kernel(KernelContext& k) {
  const ir::Function& region = k.region();
  loops::LoopBuilder& b = k.b;
  for (int i = 0; i < region.num_params(); ++i) k.param_buffer(i);
  ir::Op* reduce = nullptr;
  for (const auto& op : region.ops())
    if (op->is(OpKind::kReduce)) reduce = op.get();
  DLC_CHECK(reduce, "a column kernel without a reduction");
  const ir::Dims space = reduce->operand(0).dims(), kept = reduce->type().dims;
  const ir::Ints& axes = reduce->ints_attr("axes");
  ir::Dims reduced;
  for (const int64_t a : axes) reduced.push_back(space[static_cast<size_t>(a)]);
  const ir::Dim count = ir::product(reduced);
  k.in_place = in_place_pairs(region, kept);
  const Combiner combiner = Combiner::of(reduce->str_attr("kind"));
  const ir::Dim& inner = kept.back();
  int lanes = region_lanes(region, k.target());
  while (lanes > 1 && inner.is_constant() && inner.constant() <= lanes / 2) lanes /= 2;

  ElementBuilder elements(k);
  Value accumulated;
  elements.provide(reduce->result(), [&](const Index&) { return accumulated; });

  const auto column = [&](const std::vector<Coord>& outer, Value i, Value mask) {
    Index at{outer, lanes, mask};
    at.coords.push_back(Coord{i, lanes > 1 ? 1 : 0, {}});
    const loops::Type type{reduce->type().dtype, lanes};
    const auto rows = [&](Value from, Value to) {
      return b.for_loop(from, to, 1, {combiner.identity(b, type)}, [&](Value r, const Values& acc) {
        elements.push();
        Index element{{}, lanes, mask};
        const std::vector<Coord> in = row_coords(k, r, reduced);
        for (size_t d = 0, of_kept = 0, of_reduced = 0; d < space.size(); ++d) {
          const bool dropped = std::binary_search(axes.begin(), axes.end(), static_cast<int64_t>(d));
          element.coords.push_back(dropped ? in[of_reduced++] : at.coords[of_kept++]);
        }
        Value x = elements.at(reduce->operand(0), element);
        if (lanes > 1 && !b.type(x).is_vector()) x = b.broadcast(x, lanes);
        elements.pop();
        return Values{combiner.combine(b, acc[0], x)};
      })[0];
    };
    const Value n = k.extent(count);
    if (count.is_constant() && count.constant() <= kColumnBlock) {
      accumulated = rows(b.i64(0), n);
    } else {
      accumulated =
          b.for_loop(b.i64(0), n, kColumnBlock, {combiner.identity(b, type)}, [&](Value block, const Values& acc) {
            const Value end = b.min(b.add(block, b.i64(kColumnBlock)), n);
            return Values{combiner.combine(b, acc[0], rows(block, end))};
          })[0];
    }
    elements.push();
    Values values;
    for (int r = 0; r < region.num_results(); ++r) values.push_back(elements.at(region.result(r), at));
    for (int r = 0; r < region.num_results(); ++r)
      elements.store(k.result_buffer(r), kept, at, values[static_cast<size_t>(r)]);
    elements.pop();
  };

  const double element_cost = region_cost_ns(region);
  const double column_cost =
      element_cost * (count.is_constant() ? static_cast<double>(std::max<int64_t>(count.constant(), 1)) : 256.0);
  const std::span<const ir::Dim> outer_dims = std::span<const ir::Dim>(kept).first(kept.size() - 1);
  const ir::Dim rows = ir::product(outer_dims);
  if (rows.is(1)) {
    const std::vector<Coord> outer(outer_dims.size(), Coord{b.i64(0), 0, {}});
    for_chunks(k, inner, column_cost, 64, [&](Value begin, Value end) {
      b.vector_for(begin, end, lanes, [&](Value i, Value mask) { column(outer, i, mask); });
    });
    return;
  }
  const double row_cost = column_cost * (inner.is_constant() ? static_cast<double>(inner.constant()) : 64.0);
  for_chunks(k, rows, row_cost, 1, [&](Value begin, Value end) {
    b.for_loop(begin, end, 1, [&](Value row) {
      const std::vector<Coord> outer = row_coords(k, row, outer_dims);
      b.vector_for(b.i64(0), k.extent(inner), lanes, [&](Value i, Value mask) { column(outer, i, mask); });
    });
  });
}

}  // namespace dlc::backend
