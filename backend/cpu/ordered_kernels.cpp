// Kernels whose elements depend on an order along one axis: scan and arg_reduce. Lanes run across
// the axes behind the scanned one when there are any; along the axis everything is sequential.
#include <limits>

#include "backend/cpu/kernels.h"
#include "backend/cpu/reduction.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {
namespace {

using ir::OpKind;
using loops::LoopBuilder;
using loops::Value;
using Values = LoopBuilder::Values;

ir::Op& only_op(const ir::Function& region, OpKind kind) {
  for (const auto& op : region.ops())
    if (op->is(kind)) return *op;
  DLC_UNREACHABLE("the region has no such op");
}

/// Splits the dims of `x` around `axis` and runs `body(outer coords, inner coords, lanes, mask)` for
/// every line along it.
void for_lines(KernelContext& k, const ir::Dims& dims, size_t axis, double line_ns, int lanes,
               const std::function<void(const std::vector<Coord>&, const std::vector<Coord>&, int, Value)>& body) {
  LoopBuilder& b = k.b;
  const std::span<const ir::Dim> all(dims), outer = all.first(axis), inner = all.subspan(axis + 1);
  if (inner.empty()) {
    for_chunks(k, ir::product(outer), line_ns, 1, [&](Value begin, Value end) {
      b.for_loop(begin, end, 1, [&](Value row) { body(row_coords(k, row, outer), {}, 1, {}); });
    });
    return;
  }
  const std::span<const ir::Dim> middle = inner.first(inner.size() - 1);
  ir::Dims rows(outer.begin(), outer.end());
  rows.insert(rows.end(), middle.begin(), middle.end());
  for_chunks(k, ir::product(rows), line_ns * 16, 1, [&](Value begin, Value end) {
    b.for_loop(begin, end, 1, [&](Value row) {
      const std::vector<Coord> coords = row_coords(k, row, rows);
      const auto split = coords.begin() + static_cast<std::ptrdiff_t>(outer.size());
      b.vector_for(b.i64(0), k.extent(inner.back()), lanes, [&](Value i, Value mask) {
        std::vector<Coord> behind(split, coords.end());
        behind.push_back(Coord{i, lanes > 1 ? 1 : 0, {}});
        body({coords.begin(), split}, behind, lanes, mask);
      });
    });
  });
}

Index line_index(const std::vector<Coord>& outer, Value i, const std::vector<Coord>& inner, int lanes, Value mask) {
  Index at{outer, lanes, mask};
  at.coords.push_back(Coord{i, 0, {}});
  at.coords.insert(at.coords.end(), inner.begin(), inner.end());
  return at;
}

double guess(const ir::Dim& d) { return d.is_constant() ? static_cast<double>(d.constant()) : 256.0; }

}  // namespace

void build_scan_kernel(KernelContext& k) {
  LoopBuilder& b = k.b;
  for (int i = 0; i < k.region().num_params(); ++i) k.param_buffer(i);
  ir::Op& op = only_op(k.region(), OpKind::kScan);
  const ir::Dims dims = op.type().dims;
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const bool reverse = op.bool_attr("reverse"), exclusive = op.bool_attr("exclusive");
  const Combiner combiner = Combiner::of(op.str_attr("kind"));
  ElementBuilder elements(k);
  for_lines(k, dims, axis, guess(dims[axis]), region_lanes(k.region(), k.target()),
            [&](const auto& outer, const auto& inner, int lanes, Value mask) {
              const loops::Type type{op.type().dtype, lanes};
              const Value n = k.extent(dims[axis]);
              b.for_loop(b.i64(0), n, 1, {combiner.identity(b, type)}, [&](Value i, const Values& acc) {
                elements.push();
                const Value at = reverse ? b.sub(b.sub(n, b.i64(1)), i) : i;
                const Index index = line_index(outer, at, inner, lanes, mask);
                Value x = elements.at(op.operand(0), index);
                if (lanes > 1 && !b.type(x).is_vector()) x = b.broadcast(x, lanes);
                const Value next = combiner.combine(b, acc[0], x);
                elements.store(k.result_buffer(0), dims, index, exclusive ? acc[0] : next);
                elements.pop();
                return Values{next};
              });
            });
}

void build_arg_reduce_kernel(KernelContext& k) {
  LoopBuilder& b = k.b;
  for (int i = 0; i < k.region().num_params(); ++i) k.param_buffer(i);
  ir::Op& op = only_op(k.region(), OpKind::kArgReduce);
  const ir::Dims dims = op.operand(0).dims(), kept = op.type().dims;
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const bool is_max = op.str_attr("kind") == "max";
  ElementBuilder elements(k);
  for_lines(k, dims, axis, guess(dims[axis]), region_lanes(k.region(), k.target()),
            [&](const auto& outer, const auto& inner, int lanes, Value mask) {
              const DType dtype = op.operand(0).dtype();
              const auto element = [&](Value i) {
                Value x = elements.at(op.operand(0), line_index(outer, i, inner, lanes, mask));
                if (dtype == kBool) x = b.convert(x, kUInt8);  // false < true
                return lanes > 1 && !b.type(x).is_vector() ? b.broadcast(x, lanes) : x;
              };
              // The first of the largest: later ones must be larger. A NaN beats all but an earlier NaN. The
              // start is the least there is, at 0, which also holds for an axis that turns out empty.
              const loops::Type position{kInt64, lanes};
              const loops::Type element_type{dtype == kBool ? kUInt8 : dtype, lanes};
              const Value least = Combiner::of(is_max ? "max" : "min").identity(b, element_type);
              const Values best = b.for_loop(b.i64(0), k.extent(dims[axis]), 1, {least, b.constant_int(position, 0)},
                                             [&](Value i, const Values& in) {
                                               elements.push();
                                               const Value x = element(i);
                                               Value better = is_max ? b.gt(x, in[0]) : b.lt(x, in[0]);
                                               if (is_float(dtype)) {
                                                 const Value was_number = b.eq(in[0], in[0]);
                                                 better = b.bit_or(better, b.bit_and(b.ne(x, x), was_number));
                                                 better = b.bit_and(better, was_number);
                                               }
                                               elements.pop();
                                               return Values{b.select(better, x, in[0]),
                                                             b.select(better, b.broadcast(i, lanes), in[1])};
                                             });
              Index at{outer, lanes, mask};
              at.coords.insert(at.coords.end(), inner.begin(), inner.end());
              elements.store(k.result_buffer(0), kept, at, b.convert(best[1], op.type().dtype));
            });
}

void build_scatter_kernel(KernelContext& k) {
  LoopBuilder& b = k.b;
  for (int i = 0; i < k.region().num_params(); ++i) k.param_buffer(i);
  ir::Op& op = only_op(k.region(), OpKind::kScatter);
  const ir::Value base = op.operand(0), indices = op.operand(1), updates = op.operand(2);
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const bool adds = op.str_attr("kind") == "add";
  const ir::Dims dims = base.dims();
  ElementBuilder elements(k);
  const loops::BufferId out = k.result_buffer(0);

  // The base is copied, then updates go in one after the other, in their row-major order, so that
  // positions named twice are combined in that order. Parallel over what lies around the axis.
  const auto flat_coords = [&](Value i, const ir::Dims& of) { return row_coords(k, i, of); };
  const Value total = k.extent(base.type().num_elements());
  b.for_loop(b.i64(0), total, 1, [&](Value i) {
    elements.push();
    const Index at{flat_coords(i, dims), 1, {}};
    elements.store(out, dims, at, elements.at(base, at));
    elements.pop();
  });
  const Value count = k.extent(updates.type().num_elements());
  const size_t index_rank = static_cast<size_t>(indices.rank());
  b.for_loop(b.i64(0), count, 1, [&](Value i) {
    elements.push();
    const std::vector<Coord> from = flat_coords(i, updates.dims());
    const auto mid = from.begin() + static_cast<std::ptrdiff_t>(axis);
    const auto behind = mid + static_cast<std::ptrdiff_t>(index_rank);
    const Value wanted = b.convert(elements.at(indices, Index{{mid, behind}, 1, {}}), kInt64);
    const Value n = k.extent(dims[axis]);
    const Value bad = b.bit_or(b.lt(wanted, b.i64(0)), b.ge(wanted, n));
    const Value position = elements.position(indices.dims(), Index{{mid, behind}, 1, {}}).base;
    b.fault(bad, k.fault_site(op, "index out of range"), position, wanted);
    const Value clamped = b.max(b.min(wanted, b.sub(n, b.i64(1))), b.i64(0));
    Index to{{from.begin(), mid}, 1, {}};
    to.coords.push_back(Coord{clamped, 0, {}});
    to.coords.insert(to.coords.end(), behind, from.end());
    const Value update = elements.at(updates, Index{from, 1, {}});
    b.if_then(b.gt(n, b.i64(0)), [&] {
      const Value old = elements.load(out, dims, to);
      elements.store(out, dims, to, adds ? b.add(old, update) : update);
    });
    elements.pop();
  });
}

void build_concat_kernel(KernelContext& k) {
  LoopBuilder& b = k.b;
  for (int i = 0; i < k.region().num_params(); ++i) k.param_buffer(i);
  ir::Op& op = only_op(k.region(), OpKind::kConcat);
  const size_t axis = static_cast<size_t>(op.int_attr("axis"));
  const ir::Dims dims = op.type().dims;
  ElementBuilder elements(k);
  const int lanes = region_lanes(k.region(), k.target());
  ir::Dim start(0);
  for (int i = 0; i < op.num_operands(); ++i) {
    const ir::Value x = op.operand(i);
    const std::span<const ir::Dim> outer = std::span(x.dims()).first(x.dims().size() - 1);
    const Value offset = k.extent(start);
    const double row_ns = 0.2 * guess(x.dims().back());
    for_chunks(k, ir::product(outer), row_ns, 1, [&](Value begin, Value end) {
      b.for_loop(begin, end, 1, [&](Value row) {
        const std::vector<Coord> coords = row_coords(k, row, outer);
        b.vector_for(b.i64(0), k.extent(x.dims().back()), lanes, [&](Value j, Value mask) {
          elements.push();
          Index from{coords, lanes, mask};
          from.coords.push_back(Coord{j, lanes > 1 ? 1 : 0, {}});
          Index to = from;
          to.coords[axis].base = b.add(to.coords[axis].base, offset);
          elements.store(k.result_buffer(0), dims, to, elements.at(x, from));
          elements.pop();
        });
      });
    });
    start = start + x.dims()[axis];
  }
}

}  // namespace dlc::backend
