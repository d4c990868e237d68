// Sweeps: many independent element-wise calls of one form as one kernel, like the updates of all the
// small variables of a network. Its parameters and results are tables with a row for each call. What
// is to be done is a list of pieces (row, begin, end), cut from the sizes alone into chunks of equal
// work: a chunk may hold many small rows or a part of a large one. The list is data of the plan, so
// that equal bodies share the code whatever the number of rows and their sizes.
#include <algorithm>

#include "backend/cpu/element_table.h"
#include "backend/cpu/kernels.h"
#include "ir/builder.h"
#include "ir/op_def.h"

namespace dlc::backend {

using ir::OpKind;
using loops::Value;

namespace {

/// Rows above this have chunks enough of their own (about 100 µs of work), and a value that waits for
/// the sweep should still be in a cache.
constexpr int64_t kLargestRow = 65536;
/// Chunks begin at multiples of it within a row: whole vectors and cache lines.
constexpr int64_t kGranule = 64;

/// Copies a region, with `n` in place of its one size.
class RowMaker {
 public:
  explicit RowMaker(const ir::Function& region)
      : region_(region), size_(region.result(0).dims()), body_(std::make_unique<ir::Function>("row")), b_(*body_) {}

  std::unique_ptr<ir::Function> run() {
    for (int i = 0; i < region_.num_params(); ++i) {
      const ir::Value p = region_.param(i);
      if (!fits(p)) return nullptr;
      const ir::TensorType type{p.dtype(), p.rank() == 0 ? ir::Dims{} : row_};
      map_[p] = body_->add_param(type, {ir::ParamKind::kFeed, fmt::format("p{}", i)});
    }
    for (const auto& op : region_.ops())
      if (!copy(*op)) return nullptr;
    std::vector<ir::Value> results;
    for (int r = 0; r < region_.num_results(); ++r) {
      if (region_.result(r).dims() != size_) return nullptr;
      results.push_back(map_.at(region_.result(r)));
    }
    body_->set_results(results);
    return std::move(body_);
  }

 private:
  bool fits(ir::Value v) const { return v.rank() == 0 || v.dims() == size_; }

  bool copy(ir::Op& op) {
    std::vector<ir::Value> operands;
    for (const ir::Value x : op.operands()) operands.push_back(map_.at(x));
    if (op.num_results() != 1 || !fits(op.result())) return false;
    if (op.is(OpKind::kBroadcast)) {
      if (operands[0].rank() != 0) return false;
      map_[op.result()] = b_.broadcast(operands[0], row_, {});
      return true;
    }
    const bool scalar = op.is(OpKind::kConstant) && op.type().rank() == 0;
    if (!scalar && !find_element_fn(op.kind())) return false;
    map_[op.result()] = b_.create_like(op, operands)->result();
    return true;
  }

  const ir::Function& region_;
  const ir::Dims size_;
  const ir::Dims row_ = {ir::Dim::symbol("n")};
  std::unique_ptr<ir::Function> body_;
  ir::Builder b_;
  std::unordered_map<ir::Value, ir::Value> map_;
};

/// The work of all rows: pieces (row, begin, end), one behind the other; chunk c has the pieces
/// [first_piece[c], first_piece[c + 1]).
struct WorkList {
  std::vector<int64_t> pieces, first_piece = {0};

  WorkList(std::span<const int64_t> elements, double cost_ns) {
    const auto granules = [](int64_t n) { return (n + kGranule - 1) / kGranule; };
    int64_t total = 0;
    for (const int64_t n : elements) total += granules(n) * kGranule;
    const int64_t chunk_size = chunk(total, cost_ns, kGranule).size.constant();
    int64_t room = chunk_size;
    for (size_t row = 0; row < elements.size(); ++row)
      for (int64_t begin = 0; begin < elements[row];) {
        const int64_t end = std::min(elements[row], begin + room);
        pieces.insert(pieces.end(), {static_cast<int64_t>(row), begin, end});
        room -= granules(end - begin) * kGranule;
        begin = end;
        if (room > 0) continue;
        close_chunk();
        room = chunk_size;
      }
    if (room < chunk_size) close_chunk();
  }

 private:
  void close_chunk() { first_piece.push_back(static_cast<int64_t>(pieces.size()) / 3); }
};

Array as_array(const std::vector<int64_t>& values) { return Array::of<int64_t>({std::ssize(values)}, values); }

}  // namespace

std::optional<SweepRow> sweep_row(const ir::Function& region) {
  if (region.num_results() == 0) return std::nullopt;
  const ir::Dim elements = region.result(0).type().num_elements();
  const bool small = elements.is_constant() && elements.constant() > 0 && elements.constant() <= kLargestRow;
  if (!small || region.result(0).rank() == 0) return std::nullopt;
  std::unique_ptr<ir::Function> body = RowMaker(region).run();
  if (!body) return std::nullopt;
  return SweepRow{std::move(body), elements.constant()};
}

BuiltKernel build_sweep(const ir::Function& body, std::span<const int64_t> elements, const ir::Target& target) {
  KernelContext k(body, target, "sweep", loops::Space::kTable);
  loops::LoopBuilder& b = k.b;
  const ir::Dims dims = body.result(0).dims();
  k.in_place = in_place_pairs(body, dims);
  for (int i = 0; i < body.num_params(); ++i) k.param_buffer(i);
  const WorkList work(elements, region_cost_ns(body, target));
  const loops::BufferId first_piece = k.constant_buffer(as_array(work.first_piece));
  const loops::BufferId pieces = k.constant_buffer(as_array(work.pieces));
  const int lanes = region_lanes(body, target);
  ElementBuilder element(k);

  const auto elements_at = [&](Value i, Value mask) {
    const Index at{{Coord{i, lanes > 1 ? 1 : 0, {}}}, lanes, mask};
    element.push();
    std::vector<Value> values;
    for (int r = 0; r < body.num_results(); ++r) values.push_back(element.at(body.result(r), at));
    for (int r = 0; r < body.num_results(); ++r)
      element.store(k.result_buffer(r), dims, at, values[static_cast<size_t>(r)]);
    element.pop();
  };
  b.parallel(k.extent(std::ssize(work.first_piece) - 1), [&](Value chunk) {
    const Value first = b.load(first_piece, chunk);
    const Value last = b.load(first_piece, b.add(chunk, b.i64(1)));
    b.for_loop(first, last, 1, [&](Value piece) {
      const Value at = b.mul(piece, b.i64(3));
      const Value row = b.load(pieces, at);
      const Value begin = b.load(pieces, b.add(at, b.i64(1)));
      const Value end = b.load(pieces, b.add(at, b.i64(2)));
      b.with_row(row, [&] { b.vector_for(begin, end, lanes, elements_at); });
    });
  });
  return std::move(k).finish();
}

}  // namespace dlc::backend
