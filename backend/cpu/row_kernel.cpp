// Row kernels: everything that hangs together along the last axis. Softmax, for one, is
//   max over the row; sum of exp(x - max) over the row; exp(x - max) / sum for each element.
// A region holds reductions over the last axes of one space [rows..., n], what they read and what
// is made of them, for rows or for elements. Per row: reductions level by level (a level needs the
// results of those before), then the element results in one more loop.
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
      if (op->is(OpKind::kReduce)) reduces_[level++].push_back(op.get());
      level_[op.get()] = level;
    }
    const ir::Op& first = *reduces_.begin()->second.front();
    dims_ = first.operand(0).dims();
    num_outer_ = dims_.size() - first.ints_attr("axes").size();
    inner_ = ir::product(std::span(dims_).subspan(num_outer_));
    lanes_ = region_lanes(k.region(), k.target());
  }

  void build() {
    for (int i = 0; i < k_.region().num_params(); ++i) k_.param_buffer(i);
    k_.in_place = element_pairs();
    for (auto& [level, ops] : reduces_)
      for (ir::Op* op : ops) elements_.provide(op->result(), [this, op](const Index&) { return reduced_.at(op); });
    const std::span<const ir::Dim> outer = std::span(dims_).first(num_outer_);
    const double cost = region_cost_ns(k_.region());
    const double row_cost =
        cost * (inner_.is_constant() ? static_cast<double>(std::max<int64_t>(inner_.constant(), 16)) : 256.0);
    for_chunks(k_, ir::product(outer), row_cost, 1, [&](Value begin, Value end) {
      if (num_outer_ == 0) {
        build_row({});
        return;
      }
      b_.for_loop(begin, end, 1, [&](Value row) { build_row(row_coords(k_, row, outer)); });
    });
  }

 private:
  void build_row(const std::vector<Coord>& row) {
    row_ = row;
    elements_.push();
    int done = 0;
    for (auto& [level, ops] : reduces_) {
      hoist(level);
      accumulate(ops);
      done = level + 1;
    }
    hoist(done);
    const ir::Function& region = k_.region();
    std::vector<int> element_results;
    for (int r = 0; r < region.num_results(); ++r) {
      const ir::Value v = region.result(r);
      if (v.rank() == static_cast<int64_t>(dims_.size())) {
        element_results.push_back(r);
      } else {
        const Index at{row_, 1, {}};
        elements_.store(k_.result_buffer(r), v.dims(), at, elements_.at(v, at));
      }
    }
    if (!element_results.empty()) {
      b_.vector_for(b_.i64(0), k_.extent(inner_), lanes_, [&](Value i, Value mask) {
        const Index at = element_index(i, mask);
        elements_.push();
        Values values;
        for (const int r : element_results) values.push_back(elements_.at(region.result(r), at));
        for (size_t j = 0; j < element_results.size(); ++j)
          elements_.store(k_.result_buffer(element_results[j]), dims_, at, values[j]);
        elements_.pop();
      });
    }
    elements_.pop();
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

  /// Runs the reductions of one level over the row.
  void accumulate(const std::vector<ir::Op*>& ops) {
    const int per_op = std::max(1, kVirtualLanes / lanes_);
    std::vector<Combiner> combiners;
    std::vector<loops::Type> types;
    for (const ir::Op* op : ops) {
      combiners.push_back(Combiner::of(op->str_attr("kind")));
      types.push_back({op->type().dtype, lanes_});
    }
    const auto identities = [&] {
      Values init;
      for (size_t j = 0; j < ops.size(); ++j)
        for (int v = 0; v < per_op; ++v) init.push_back(combiners[j].identity(b_, types[j]));
      return init;
    };
    // Vector `v` of a group of 64 elements that starts at `start`.
    const auto step = [&](Values& acc, Value start, int v, Value mask) {
      elements_.push();
      const Index at = element_index(b_.add(start, b_.i64(v * lanes_)), mask);
      for (size_t j = 0; j < ops.size(); ++j) {
        Value& a = acc[j * static_cast<size_t>(per_op) + static_cast<size_t>(v)];
        const Value next = combiners[j].combine(b_, a, as_vector(elements_.at(ops[j]->operand(0), at)));
        a = mask ? b_.select(mask, next, a) : next;
      }
      elements_.pop();
    };
    const auto groups = [&](Value from, Value to, const Values& init) {
      return b_.for_loop(from, to, kVirtualLanes, init, [&](Value i, const Values& carried) {
        Values acc = carried;
        for (int v = 0; v < per_op; ++v) step(acc, i, v, {});
        return acc;
      });
    };

    const Value n = k_.extent(inner_);
    const std::optional<int64_t> known = b_.known_int(n);
    const Value full = b_.mul(b_.div(n, b_.i64(kVirtualLanes)), b_.i64(kVirtualLanes));
    Values acc;
    if (known && *known < kVirtualLanes) {
      acc = identities();
    } else if (inner_.is_constant() && inner_.constant() <= kLaneBlock) {
      acc = groups(b_.i64(0), full, identities());
    } else {
      acc = b_.for_loop(b_.i64(0), full, kLaneBlock, identities(), [&](Value block, const Values& total) {
        const Value end = b_.min(b_.add(block, b_.i64(kLaneBlock)), full);
        const Values part = groups(block, end, identities());
        Values sum;
        for (size_t i = 0; i < total.size(); ++i)
          sum.push_back(combiners[i / static_cast<size_t>(per_op)].combine(b_, total[i], part[i]));
        return sum;
      });
    }
    // The last group, not full. Its elements continue their lanes' totals.
    if (known) {
      const int64_t first = *known / kVirtualLanes * kVirtualLanes;
      for (int v = 0; first + v * lanes_ < *known; ++v) {
        const int64_t start = first + v * lanes_;
        step(acc, b_.i64(first), v, *known - start >= lanes_ ? Value{} : b_.tail_mask(b_.i64(start), n, lanes_));
      }
    } else if (!inner_.is_constant() || inner_.constant() % kVirtualLanes != 0) {
      for (int v = 0; v < per_op; ++v) step(acc, full, v, b_.tail_mask(b_.add(full, b_.i64(v * lanes_)), n, lanes_));
    }
    for (size_t j = 0; j < ops.size(); ++j) {
      const size_t at = j * static_cast<size_t>(per_op);
      for (int half = per_op / 2; half > 0; half /= 2)
        for (int v = 0; v < half; ++v)
          acc[at + static_cast<size_t>(v)] =
              combiners[j].combine(b_, acc[at + static_cast<size_t>(v)], acc[at + static_cast<size_t>(v + half)]);
      reduced_[ops[j]] = b_.reduce(combiners[j].horizontal, acc[at]);
    }
  }

  Value as_vector(Value x) { return lanes_ == 1 || b_.type(x).is_vector() ? x : b_.broadcast(x, lanes_); }

  KernelContext& k_;
  LoopBuilder& b_;
  ElementBuilder elements_;
  std::map<const ir::Op*, int> level_;
  std::map<int, std::vector<ir::Op*>> reduces_;
  std::map<const ir::Op*, Value> reduced_;
  ir::Dims dims_;
  size_t num_outer_ = 0;
  ir::Dim inner_;
  int lanes_ = 1;
  std::vector<Coord> row_;
};

}  // namespace

void build_row_kernel(KernelContext& k) { RowKernel(k).build(); }

}  // namespace dlc::backend
