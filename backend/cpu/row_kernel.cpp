// Row kernels: everything that hangs together along the last axis. Softmax, for one, is
//   max over the row; sum of exp(x - max) over the row; exp(x - max) / sum for each element.
// A region holds reductions over the last axes of one space [rows..., n], what they read and what
// is made of them, for rows or for elements. Per row: reductions level by level (a level needs the
// results of those before), then the element results in one more loop.
//
// Rows are shared out between threads. Where they are few and long, the blocks of a row are, which the
// shape of a reduction has anyway (reduction.h): a level is a parallel loop over the blocks of all rows
// that leaves the lanes of each block in scratch, then their combination in block order. So the bits
// are those of a row done in one go.
#include <algorithm>
#include <map>

#include "backend/cpu/element_table.h"
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

class RowKernel {
 public:
  explicit RowKernel(KernelContext& k) : k_(k), b_(k.b), elements_(k) {
    for (const auto& op : k.region().ops()) {
      int level = 0;
      for (const ir::Value x : op->operands())
        if (!x.is(OpKind::kParam)) level = std::max(level, level_.at(x.op));
      if (op->is(OpKind::kReduce)) reduces_[level++].push_back(op);
      level_[op] = level;
    }
    const ir::Op& first = *reduces_.begin()->second.front();
    dims_ = first.operand(0).dims();
    num_outer_ = dims_.size() - first.ints_attr("axes").size();
    inner_ = ir::product(std::span(dims_).subspan(num_outer_));
    lanes_ = region_lanes(k.region(), k.target());
    cost_ = region_cost_ns(k.region(), k.target());
  }

  void build() {
    for (int i = 0; i < k_.region().num_params(); ++i) k_.param_buffer(i);
    k_.in_place = element_pairs();
    for (auto& [level, ops] : reduces_)
      for (ir::Op* op : ops) elements_.provide(op->result(), [this, op](const Index&) { return reduced_.at(op); });
    if (few_long_rows())
      build_long_rows();
    else
      build_rows();
  }

 private:
  std::span<const ir::Dim> outer() const { return std::span(dims_).first(num_outer_); }

  // --- rows shared out ---
  void build_rows() {
    const double row_cost =
        cost_ * (inner_.is_constant() ? static_cast<double>(std::max<int64_t>(inner_.constant(), 16)) : 256.0);
    for_chunks(k_, ir::product(outer()), row_cost, 1,
               [&](Value begin, Value end) { b_.for_loop(begin, end, 1, [&](Value row) { build_row(row); }); });
  }

  void build_row(Value row) {
    row_ = row_coords(k_, row, outer());
    elements_.push();
    for (auto& [level, ops] : reduces_) {
      hoist(level);
      const Values lanes = add_tail(ops, whole_groups(ops));
      reduce_lanes(ops, lanes);
    }
    hoist(last_level());
    store_row_results();
    store_elements(b_.i64(0), k_.extent(inner_));
    elements_.pop();
  }

  // --- blocks of few, long rows shared out ---
  /// Fewer rows than many machines have threads, of several blocks and some chunks of work each.
  bool few_long_rows() const {
    constexpr int64_t kFewRows = 16, kLongRow = 16 * kLaneBlock;
    const ir::Dim rows = ir::product(outer());
    if (!rows.is_constant() || rows.constant() >= kFewRows || !inner_.is_constant()) return false;
    return inner_.constant() >= kLongRow && !chunk(inner_, cost_, kLaneBlock).count.is(1);
  }

  void build_long_rows() {
    const int64_t rows = ir::product(outer()).constant(), n = inner_.constant();
    const int64_t full = n / kVirtualLanes * kVirtualLanes;
    const int64_t blocks = (full + kLaneBlock - 1) / kLaneBlock;
    for (auto& [level, ops] : reduces_) {
      std::vector<loops::BufferId> parts;
      for (const ir::Op* op : ops) {
        const std::string name = fmt::format("of{}", reduced_at_.size());
        parts.push_back(k_.arena_scratch(name + "_blocks", op->type().dtype, rows * blocks * kVirtualLanes));
        reduced_at_[op] = k_.arena_scratch(name, op->type().dtype, rows);
      }
      for_blocks(rows, full, [&](Value row, Value block, Value from, Value to) {
        enter_row(row, level);
        const Values lanes = groups(ops, from, to);
        for_lanes(ops,
                  [&](size_t j, int v, size_t at) { b_.store(parts[j], lanes[at], lanes_at(row, block, blocks, v)); });
        elements_.pop();
      });
      b_.for_loop(b_.i64(0), k_.extent(rows), 1, [&](Value row) {
        enter_row(row, level);
        const auto add_block = [&](Value block, const Values& total) {
          Values part(total.size());
          for_lanes(ops, [&](size_t j, int v, size_t at) {
            part[at] = b_.load(parts[j], lanes_at(row, block, blocks, v), lanes_);
          });
          return add_to_totals(ops, total, part);
        };
        const Values totals = b_.for_loop(b_.i64(0), k_.extent(blocks), 1, no_totals(ops), add_block);
        reduce_lanes(ops, add_tail(ops, results_of(ops, totals)));
        for (const ir::Op* op : ops) b_.store(reduced_at_.at(op), reduced_.at(op), row);
        if (level + 1 == last_level()) {
          hoist(last_level());
          store_row_results();
        }
        elements_.pop();
      });
    }
    if (!has_element_results()) return;
    for_blocks(rows, n, [&](Value row, Value, Value from, Value to) {
      enter_row(row, last_level());
      store_elements(from, to);
      elements_.pop();
    });
  }

  /// `body` for the elements [from, to) of each block of each row, `size` elements long, in parallel.
  void for_blocks(int64_t rows, int64_t size,
                  const std::function<void(Value row, Value block, Value from, Value to)>& body) {
    const int64_t blocks = (size + kLaneBlock - 1) / kLaneBlock;
    for_chunks(k_, rows * blocks, cost_ * static_cast<double>(kLaneBlock), 1, [&](Value begin, Value end) {
      b_.for_loop(begin, end, 1, [&](Value i) {
        const Value block = b_.rem(i, k_.extent(blocks));
        const Value from = b_.mul(block, b_.i64(kLaneBlock));
        const Value to = b_.min(b_.add(from, b_.i64(kLaneBlock)), k_.extent(size));
        body(b_.div(i, k_.extent(blocks)), block, from, to);
      });
    });
  }

  /// Makes `row` the row that elements are of; what the levels below `level` gave is read from scratch.
  void enter_row(Value row, int level) {
    row_ = row_coords(k_, row, outer());
    elements_.push();
    for (const auto& [below, ops] : reduces_)
      if (below < level)
        for (const ir::Op* op : ops) reduced_[op] = b_.load(reduced_at_.at(op), row);
    hoist(level);
  }

  Value lanes_at(Value row, Value block, int64_t blocks, int v) {
    const Value unit = b_.add(b_.mul(row, k_.extent(blocks)), block);
    return b_.add(b_.mul(unit, b_.i64(kVirtualLanes)), b_.i64(v * lanes_));
  }

  // --- results ---
  int last_level() const { return reduces_.rbegin()->first + 1; }

  bool is_element_result(int r) const { return k_.region().result(r).rank() == std::ssize(dims_); }

  bool has_element_results() const {
    for (int r = 0; r < k_.region().num_results(); ++r)
      if (is_element_result(r)) return true;
    return false;
  }

  void store_row_results() {
    const Index at{row_, 1, {}};
    for (int r = 0; r < k_.region().num_results(); ++r) {
      const ir::Value v = k_.region().result(r);
      if (!is_element_result(r)) elements_.store(k_.result_buffer(r), v.dims(), at, elements_.at(v, at));
    }
  }

  void store_elements(Value from, Value to) {
    if (!has_element_results()) return;
    b_.vector_for(from, to, lanes_, [&](Value i, Value mask) {
      const Index at = element_index(i, mask);
      elements_.push();
      std::map<int, Value> values;
      for (int r = 0; r < k_.region().num_results(); ++r)
        if (is_element_result(r)) values[r] = elements_.at(k_.region().result(r), at);
      for (const auto& [r, value] : values) elements_.store(k_.result_buffer(r), dims_, at, value);
      elements_.pop();
    });
  }

  /// Elements are written in the last loop over a row, after every other look at them; a reduction
  /// reads along the row, but before. Row results are written earlier: they keep to themselves.
  std::vector<std::vector<int>> element_pairs() {
    const ir::Function& region = k_.region();
    std::vector<std::vector<int>> pairs(static_cast<size_t>(region.num_results()));
    for (int p = 0; p < region.num_params(); ++p) {
      if (region.param(p).dims() != dims_) continue;
      const auto all = ir::uses(region.param(p));
      const bool in_step = std::all_of(all.begin(), all.end(), [](const ir::Use& u) {
        return u.user->is(OpKind::kReturn) || u.user->is(OpKind::kReduce) || find_element_fn(u.user->kind());
      });
      if (!in_step) continue;
      for (int r = 0; r < region.num_results(); ++r)
        if (region.result(r).type() == region.param(p).type()) pairs[static_cast<size_t>(r)].push_back(p);
    }
    return pairs;
  }

  Index element_index(Value i, Value mask) {
    Index at{row_, lanes_, mask};
    const Coord position{i, lanes_ > 1 ? 1 : 0, {}};
    if (dims_.size() == num_outer_ + 1) {
      at.coords.push_back(position);
    } else {
      const std::vector<Coord> inner = elements_.split(position, std::span(dims_).subspan(num_outer_), lanes_);
      at.coords.insert(at.coords.end(), inner.begin(), inner.end());
    }
    return at;
  }

  /// Builds, outside the loop over elements, what elements need of their row.
  void hoist(int level) {
    for (const auto& op : k_.region().ops()) {
      if (!op->is(OpKind::kBroadcast) || op->type().rank() != static_cast<int64_t>(dims_.size())) continue;
      const ir::Value x = op->operand(0);
      if (!x.is(OpKind::kParam) && level_.at(x.op) > level) continue;
      const ir::Ints& axes = op->ints_attr("axes");
      const bool of_row =
          std::all_of(axes.begin(), axes.end(), [&](int64_t a) { return a < static_cast<int64_t>(num_outer_); });
      if (!of_row) continue;
      Index at;
      for (size_t i = 0; i < axes.size(); ++i)
        at.coords.push_back(x.dims()[i].is(1) ? Coord{b_.i64(0), 0, {}} : row_[static_cast<size_t>(axes[i])]);
      elements_.at(x, at);
    }
  }

  // --- reductions of one level: for each op kVirtualLanes accumulators, per_op() vectors ---
  using Ops = std::vector<ir::Op*>;

  int per_op() const { return std::max(1, kVirtualLanes / lanes_); }

  /// `body(j, v, at)` for vector v of op j, which is number `at` of all.
  void for_lanes(const Ops& ops, const std::function<void(size_t j, int v, size_t at)>& body) const {
    for (size_t j = 0; j < ops.size(); ++j)
      for (int v = 0; v < per_op(); ++v) body(j, v, j * static_cast<size_t>(per_op()) + static_cast<size_t>(v));
  }

  static Combiner combiner(const ir::Op& op) { return Combiner::of(op.str_attr("kind")); }

  Values identities(const Ops& ops) {
    Values init;
    for_lanes(ops, [&](size_t j, int, size_t) {
      init.push_back(combiner(*ops[j]).identity(b_, {ops[j]->type().dtype, lanes_}));
    });
    return init;
  }

  // --- the totals of blocks, for each of these vectors ---
  BlockTotal block_total(const ir::Op& op) const { return {combiner(op), {op.type().dtype, lanes_}}; }

  Values no_totals(const Ops& ops) {
    Values totals;
    for_lanes(ops, [&](size_t j, int, size_t) { totals.push_back(block_total(*ops[j]).identity(b_)); });
    return totals;
  }

  Values add_to_totals(const Ops& ops, const Values& totals, const Values& block) {
    Values sums(totals.size());
    for_lanes(ops, [&](size_t j, int, size_t at) { sums[at] = block_total(*ops[j]).add(b_, totals[at], block[at]); });
    return sums;
  }

  Values results_of(const Ops& ops, const Values& totals) {
    Values lanes(totals.size());
    for_lanes(ops, [&](size_t j, int, size_t at) { lanes[at] = block_total(*ops[j]).result(b_, totals[at]); });
    return lanes;
  }

  /// Vector `v` of a group of 64 elements that starts at `start`.
  void step(const Ops& ops, Values& acc, Value start, int v, Value mask) {
    elements_.push();
    const Index at = element_index(b_.add(start, b_.i64(v * lanes_)), mask);
    for (size_t j = 0; j < ops.size(); ++j) {
      Value& a = acc[j * static_cast<size_t>(per_op()) + static_cast<size_t>(v)];
      const Value next = combiner(*ops[j]).combine(b_, a, as_vector(elements_.at(ops[j]->operand(0), at)));
      a = mask ? b_.select(mask, next, a) : next;
    }
    elements_.pop();
  }

  /// The lanes of whole groups [from, to), from their identities.
  Values groups(const Ops& ops, Value from, Value to) {
    return b_.for_loop(from, to, kVirtualLanes, identities(ops), [&](Value i, const Values& carried) {
      Values acc = carried;
      for (int v = 0; v < per_op(); ++v) step(ops, acc, i, v, {});
      return acc;
    });
  }

  /// The end of the whole groups.
  Value full_end() { return b_.mul(b_.div(k_.extent(inner_), b_.i64(kVirtualLanes)), b_.i64(kVirtualLanes)); }

  /// The lanes of all whole groups of the row, block by block.
  Values whole_groups(const Ops& ops) {
    const std::optional<int64_t> known = b_.known_int(k_.extent(inner_));
    if (known && *known < kVirtualLanes) return identities(ops);
    const Value full = full_end();
    if (inner_.is_constant() && inner_.constant() <= kLaneBlock) return groups(ops, b_.i64(0), full);
    const auto add_block = [&](Value block, const Values& totals) {
      const Value end = b_.min(b_.add(block, b_.i64(kLaneBlock)), full);
      return add_to_totals(ops, totals, groups(ops, block, end));
    };
    return results_of(ops, b_.for_loop(b_.i64(0), full, kLaneBlock, no_totals(ops), add_block));
  }

  /// The last group, not full. Its elements continue their lanes' totals.
  Values add_tail(const Ops& ops, Values acc) {
    const Value n = k_.extent(inner_);
    if (const std::optional<int64_t> known = b_.known_int(n)) {
      const int64_t first = *known / kVirtualLanes * kVirtualLanes;
      for (int v = 0; first + v * lanes_ < *known; ++v) {
        const int64_t start = first + v * lanes_;
        step(ops, acc, b_.i64(first), v, *known - start >= lanes_ ? Value{} : b_.tail_mask(b_.i64(start), n, lanes_));
      }
    } else if (!inner_.is_constant() || inner_.constant() % kVirtualLanes != 0) {
      const Value full = full_end();
      for (int v = 0; v < per_op(); ++v)
        step(ops, acc, full, v, b_.tail_mask(b_.add(full, b_.i64(v * lanes_)), n, lanes_));
    }
    return acc;
  }

  /// The results of the level, from its lanes.
  void reduce_lanes(const Ops& ops, Values acc) {
    for (size_t j = 0; j < ops.size(); ++j) {
      const size_t at = j * static_cast<size_t>(per_op());
      for (int half = per_op() / 2; half > 0; half /= 2)
        for (int v = 0; v < half; ++v)
          acc[at + static_cast<size_t>(v)] =
              combiner(*ops[j]).combine(b_, acc[at + static_cast<size_t>(v)], acc[at + static_cast<size_t>(v + half)]);
      reduced_[ops[j]] = b_.reduce(combiner(*ops[j]).horizontal, acc[at]);
    }
  }

  Value as_vector(Value x) { return lanes_ == 1 || b_.type(x).is_vector() ? x : b_.broadcast(x, lanes_); }

  KernelContext& k_;
  LoopBuilder& b_;
  ElementBuilder elements_;
  std::map<const ir::Op*, int> level_;
  std::map<int, std::vector<ir::Op*>> reduces_;
  std::map<const ir::Op*, Value> reduced_;               ///< of the row at hand
  std::map<const ir::Op*, loops::BufferId> reduced_at_;  ///< of all rows, when they are long
  ir::Dims dims_;
  size_t num_outer_ = 0;
  ir::Dim inner_;
  int lanes_ = 1;
  double cost_ = 0;  ///< of an element, in nanoseconds
  std::vector<Coord> row_;
};

}  // namespace

void build_row_kernel(KernelContext& k) { RowKernel(k).build(); }

}  // namespace dlc::backend
