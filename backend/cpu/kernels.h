// The schedules: one function per kind of kernel, each turning a region into loops. The kind is the
// `kind` attribute of the fusion op; schedule_table.cpp names them all.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "backend/cpu/element_builder.h"
#include "backend/cpu/kernel_context.h"
#include "support/expected.h"

namespace dlc::backend {

/// Element-wise loops with any broadcast and layout change: every result has the same dims.
void build_loop_kernel(KernelContext& k);
/// Reductions over the last axis with producers and consumers, row by row (softmax and its like).
void build_row_kernel(KernelContext& k);
/// One reduction over an outer axis: vectors run along the axes behind it.
void build_column_kernel(KernelContext& k);
/// One dot_general with an element-wise epilogue over its result.
void build_dot_kernel(KernelContext& k);
/// One cumulative op.
void build_scan_kernel(KernelContext& k);
/// One arg_reduce.
void build_arg_reduce_kernel(KernelContext& k);
/// One scatter.
void build_scatter_kernel(KernelContext& k);
/// One concat: each operand is copied to its place.
void build_concat_kernel(KernelContext& k);

/// Builds the kernel of a fusion op.
Expected<BuiltKernel> build_kernel(const ir::Op& fusion, const ir::Target& target);

/// A region as one row of a sweep: `body` works on rank-1 values of the one size `n` and on scalars, and
/// prints the same for all regions that one sweep can serve.
struct SweepRow {
  std::unique_ptr<ir::Function> body;
  int64_t elements = 0;
};
/// Nothing for a region that is more than element-wise on values of one small, known size.
std::optional<SweepRow> sweep_row(const ir::Function& region);
/// One kernel for independent regions of one body, `elements[r]` elements in row r.
BuiltKernel build_sweep(const ir::Function& body, std::span<const int64_t> elements, const ir::Target& target);

/// A region with adjacent axes merged wherever every access allows it: fewer loops, longer vectors.
/// Reductions of the region must share operand dims and axes.
std::unique_ptr<ir::Function> merge_axes(const ir::Function& region);

/// Estimated nanoseconds for one element of a region's results, all its element-wise ops counted, on `target`.
double region_cost_ns(const ir::Function& region, const ir::Target& target);

/// Coordinates of the axes of `dims` from a row-major number of them.
std::vector<Coord> row_coords(KernelContext& k, loops::Value row, std::span<const ir::Dim> dims);

/// `body(begin, end)` over [0, count): in parallel chunks of about 20 µs, or at once when one chunk does.
void for_chunks(KernelContext& k, const ir::Dim& count, double cost_ns, int64_t granule,
                const std::function<void(loops::Value begin, loops::Value end)>& body);

/// Per result the parameters that an element of it needs at its own place only, all of dims `iteration`:
/// a schedule that computes all results of a place before it stores any may write them over each other.
std::vector<std::vector<int>> in_place_pairs(const ir::Function& region, const ir::Dims& iteration);

/// Lanes for a region: a register of the widest element type that takes part.
int region_lanes(const ir::Function& region, const ir::Target& target);

}  // namespace dlc::backend
