// Element-wise kernels. Loops: parallel over chunks of rows (or of elements, when all axes merged
// into one), inside a row a vector loop and a masked tail. All results of an index are computed
// before any is stored, so that a result may share the buffer of a parameter read at that index.
#include <algorithm>
#include <unordered_set>

#include "backend/cpu/element_table.h"
#include "backend/cpu/kernels.h"
#include "ir/op_def.h"

namespace dlc::backend {

using ir::OpKind;
using loops::Value;

int region_lanes(const ir::Function& region, const ir::Target& target) {
  size_t widest = 4;
  const auto see = [&](DType t) { widest = std::max(widest, size_of(t)); };
  for (int i = 0; i < region.num_params(); ++i) see(region.param(i).dtype());
  for (const auto& op : region.ops())
    for (int i = 0; i < op->num_results(); ++i)
      // Scalars are no lanes: a size in i64 does not narrow the vectors.
      if (op->type(i).rank() > 0) see(op->type(i).dtype);
  return target.vector_bytes / static_cast<int>(widest);
}

double region_cost_ns(const ir::Function& region, const ir::Target& target) {
  // 80 GB/s: what one core moves between its second-level cache and its registers, and more than it gets
  // from memory.
  constexpr double kByteNs = 0.0125;
  double bytes = 0, operations = 0;
  for (int i = 0; i < region.num_params(); ++i) bytes += static_cast<double>(size_of(region.param(i).dtype()));
  for (int i = 0; i < region.num_results(); ++i) bytes += static_cast<double>(size_of(region.result(i).dtype()));
  for (const auto& op : region.ops()) operations += element_cost_ns(op->kind());
  return kByteNs * bytes + operations * 4 / region_lanes(region, target);
}

std::vector<std::vector<int>> in_place_pairs(const ir::Function& region, const ir::Dims& iteration) {
  // Values that are read only element by element along the iteration space, and lead to nothing else:
  // users come before what they use, so each op is looked at once.
  std::unordered_set<const ir::Op*> in_step;
  const auto read_in_step = [&](ir::Value v) {
    const std::span<const ir::Use> all = ir::uses(v);
    return v.dims() == iteration && std::all_of(all.begin(), all.end(), [&](const ir::Use& use) {
             return use.user->is(OpKind::kReturn) || in_step.contains(use.user);
           });
  };
  for (auto op = region.ops().rbegin(); op != region.ops().rend(); ++op)
    if (find_element_fn((*op)->kind()) && read_in_step((*op)->result())) in_step.insert(*op);
  std::vector<std::vector<int>> pairs(static_cast<size_t>(region.num_results()));
  for (int p = 0; p < region.num_params(); ++p) {
    if (!read_in_step(region.param(p))) continue;
    for (int r = 0; r < region.num_results(); ++r)
      if (region.result(r).type() == region.param(p).type()) pairs[static_cast<size_t>(r)].push_back(p);
  }
  return pairs;
}

std::vector<Coord> row_coords(KernelContext& k, Value row, std::span<const ir::Dim> dims) {
  std::vector<Coord> coords(dims.size());
  for (size_t i = dims.size(); i-- > 0;) {
    if (i == 0) {
      coords[i].base = row;
    } else {
      const Value n = k.extent(dims[i]);
      coords[i].base = k.b.rem(row, n);
      row = k.b.div(row, n);
    }
  }
  return coords;
}

void for_chunks(KernelContext& k, const ir::Dim& count, double cost_ns, int64_t granule,
                const std::function<void(Value begin, Value end)>& body) {
  const Chunking chunks = chunk(count, cost_ns, granule);
  if (chunks.count.is(1)) {
    body(k.b.i64(0), k.extent(count));
    return;
  }
  const Value total = k.extent(count), size = k.extent(chunks.size), n_chunks = k.extent(chunks.count);
  k.b.parallel(n_chunks, [&](Value c) {
    const Value begin = k.b.mul(c, size);
    body(begin, k.b.min(k.b.add(begin, size), total));
  });
}

void build_loop_kernel(KernelContext& k) {
  const ir::Function& region = k.region();
  loops::LoopBuilder& b = k.b;
  k.in_place = in_place_pairs(region, region.result(0).dims());
  for (int i = 0; i < region.num_params(); ++i) k.param_buffer(i);
  const ir::Dims dims = region.result(0).dims();
  ElementBuilder elements(k);

  const auto body = [&](const Index& index) {
    elements.push();
    std::vector<Value> values;
    for (int r = 0; r < region.num_results(); ++r) values.push_back(elements.at(region.result(r), index));
    for (int r = 0; r < region.num_results(); ++r)
      elements.store(k.result_buffer(r), dims, index, values[static_cast<size_t>(r)]);
    elements.pop();
  };

  if (dims.empty()) {
    body(Index{});
    return;
  }
  const ir::Dim& inner = dims.back();
  int lanes = region_lanes(region, k.target());
  while (lanes > 1 && inner.is_constant() && inner.constant() <= lanes / 2) lanes /= 2;

  const double cost = region_cost_ns(region, k.target());
  if (dims.size() == 1) {
    for_chunks(k, inner, cost, 64, [&](Value begin, Value end) {
      b.vector_for(begin, end, lanes,
                   [&](Value i, Value mask) { body(Index{{Coord{i, lanes > 1 ? 1 : 0, {}}}, lanes, mask}); });
    });
    return;
  }
  const ir::Dim rows = ir::product(std::span(dims).first(dims.size() - 1));
  const double row_cost =
      inner.is_constant() ? cost * static_cast<double>(std::max<int64_t>(inner.constant(), lanes)) : cost * 256;
  const Value n = k.extent(inner);
  for_chunks(k, rows, row_cost, 1, [&](Value begin, Value end) {
    b.for_loop(begin, end, 1, [&](Value row) {
      const std::vector<Coord> outer = row_coords(k, row, std::span(dims).first(dims.size() - 1));
      b.vector_for(b.i64(0), n, lanes, [&](Value i, Value mask) {
        Index index{outer, lanes, mask};
        index.coords.push_back(Coord{i, lanes > 1 ? 1 : 0, {}});
        body(index);
      });
    });
  });
}

}  // namespace dlc::backend
