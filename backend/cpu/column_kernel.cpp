// Column kernels: a reduction over outer axes. Vectors run along the last axis, which is kept; each
// lane combines its own column in order, block by block (reduction.h). Four vectors side by side go down
// together: the chains of four additions overlap, and a row of them is four cache lines in a row.
//
// Columns are shared out between threads. Where they are few and long, the blocks are: each leaves its
// results in scratch, which are combined in block order then. The bits are the same.
#include <algorithm>

#include "backend/cpu/kernels.h"
#include "backend/cpu/reduction.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {

using ir::OpKind;
using loops::Value;
using Values = loops::LoopBuilder::Values;

namespace {

class ColumnKernel {
 public:
  explicit ColumnKernel(KernelContext& k) : k_(k), b_(k.b), elements_(k) {
    for (const auto& op : k.region().ops())
      if (op->is(OpKind::kReduce)) reduce_ = op;
    DLC_CHECK(reduce_, "a column kernel without a reduction");
    combiner_ = Combiner::of(reduce_->str_attr("kind"));
    space_ = reduce_->operand(0).dims();
    kept_ = reduce_->type().dims;
    for (const int64_t a : reduce_->ints_attr("axes")) reduced_.push_back(space_[static_cast<size_t>(a)]);
    count_ = ir::product(reduced_);
    lanes_ = region_lanes(k.region(), k.target());
    while (lanes_ > 1 && inner().is_constant() && inner().constant() <= lanes_ / 2) lanes_ /= 2;
    cost_ = region_cost_ns(k.region(), k.target());
  }

  void build() {
    for (int i = 0; i < k_.region().num_params(); ++i) k_.param_buffer(i);
    k_.in_place = in_place_pairs(k_.region(), kept_);
    elements_.provide(reduce_->result(), [this](const Index&) { return accumulated_; });
    const bool one_row = ir::product(outer()).is(1);
    if (one_row && few_long_columns())
      build_blocks();
    else if (one_row)
      build_columns();
    else
      build_rows_of_columns();
  }

 private:
  const ir::Dim& inner() const { return kept_.back(); }
  std::span<const ir::Dim> outer() const { return std::span<const ir::Dim>(kept_).first(kept_.size() - 1); }
  loops::Type type() const { return {reduce_->type().dtype, lanes_}; }
  std::vector<Coord> first_row() { return std::vector<Coord>(kept_.size() - 1, Coord{b_.i64(0), 0, {}}); }

  double column_cost() const {
    return cost_ * (count_.is_constant() ? static_cast<double>(std::max<int64_t>(count_.constant(), 1)) : 256.0);
  }

  /// Vectors of columns that go down together.
  using Columns = std::vector<Index>;

  /// `body` for the columns [begin, end) of a row of columns, four vectors at a time and then one.
  void for_columns(const std::vector<Coord>& row, Value begin, Value end,
                   const std::function<void(const Columns& at)>& body) {
    constexpr int kTogether = 4;
    const int64_t width = int64_t{kTogether} * lanes_;
    Value rest = begin;
    if (!inner().is_constant() || inner().constant() >= width) {
      rest = b_.add(begin, b_.mul(b_.div(b_.sub(end, begin), b_.i64(width)), b_.i64(width)));
      b_.for_loop(begin, rest, width, [&](Value i) {
        Columns at;
        for (int v = 0; v < kTogether; ++v) at.push_back(columns_at(row, b_.add(i, b_.i64(v * lanes_)), {}));
        body(at);
      });
    }
    b_.vector_for(rest, end, lanes_, [&](Value i, Value mask) { body({columns_at(row, i, mask)}); });
  }

  /// Columns i to i + lanes_ of a row of columns.
  Index columns_at(const std::vector<Coord>& row, Value i, Value mask) const {
    Index at{row, lanes_, mask};
    at.coords.push_back(Coord{i, lanes_ > 1 ? 1 : 0, {}});
    return at;
  }

  // --- columns shared out ---
  void build_columns() {
    const std::vector<Coord> row = first_row();
    for_chunks(k_, inner(), column_cost(), 64,
               [&](Value begin, Value end) { for_columns(row, begin, end, [&](const Columns& at) { columns(at); }); });
  }

  void build_rows_of_columns() {
    const double row_cost = column_cost() * (inner().is_constant() ? static_cast<double>(inner().constant()) : 64.0);
    for_chunks(k_, ir::product(outer()), row_cost, 1, [&](Value begin, Value end) {
      b_.for_loop(begin, end, 1, [&](Value number) {
        const std::vector<Coord> row = row_coords(k_, number, outer());
        for_columns(row, b_.i64(0), k_.extent(inner()), [&](const Columns& at) { columns(at); });
      });
    });
  }

  void columns(const Columns& at) {
    const Value n = k_.extent(count_);
    if (count_.is_constant() && count_.constant() <= kColumnBlock) {
      store_results(at, combine_elements(b_.i64(0), n, at));
    } else {
      store_results(at, over_blocks(n, kColumnBlock, at.size(), [&](Value block) {
                      return combine_elements(block, b_.min(b_.add(block, b_.i64(kColumnBlock)), n), at);
                    }));
    }
  }

  // --- blocks of few, long columns shared out ---
  /// Too few columns for chunks of 64 to go round, of several blocks and some chunks of work.
  bool few_long_columns() const {
    constexpr int64_t kFewColumns = 1024, kLongColumn = 4096;
    if (!inner().is_constant() || inner().constant() >= kFewColumns || inner().is(0) || !count_.is_constant())
      return false;
    return count_.constant() >= kLongColumn && !chunk(num_blocks(), block_cost(), 1).count.is(1);
  }

  int64_t num_blocks() const { return (count_.constant() + kColumnBlock - 1) / kColumnBlock; }
  double block_cost() const { return cost_ * static_cast<double>(kColumnBlock * inner().constant()); }

  void build_blocks() {
    const loops::BufferId parts = k_.arena_scratch("blocks", reduce_->type().dtype, num_blocks() * inner());
    const std::vector<Coord> row = first_row();
    const Value width = k_.extent(inner());
    const auto part_at = [&](Value block, const Index& at) {
      return b_.add(b_.mul(block, width), at.coords.back().base);
    };
    for_chunks(k_, num_blocks(), block_cost(), 1, [&](Value begin, Value end) {
      b_.for_loop(begin, end, 1, [&](Value block) {
        const Value from = b_.mul(block, b_.i64(kColumnBlock));
        const Value to = b_.min(b_.add(from, b_.i64(kColumnBlock)), k_.extent(count_));
        for_columns(row, b_.i64(0), width, [&](const Columns& at) {
          const Values of_block = combine_elements(from, to, at);
          for (size_t v = 0; v < at.size(); ++v) b_.store(parts, of_block[v], part_at(block, at[v]), at[v].mask);
        });
      });
    });
    for_columns(row, b_.i64(0), width, [&](const Columns& at) {
      store_results(at, over_blocks(k_.extent(num_blocks()), 1, at.size(), [&](Value block) {
                      Values of_block;
                      for (const Index& v : at) of_block.push_back(b_.load(parts, part_at(block, v), lanes_, v.mask));
                      return of_block;
                    }));
    });
  }

  // --- both ---
  /// What `of_block` gives for the blocks 0, step, 2 step, ... below `end`, combined, for `n` vectors.
  Values over_blocks(Value end, int64_t step, size_t n, const std::function<Values(Value block)>& of_block) {
    const BlockTotal total(combiner_, type());
    const auto add_block = [&](Value block, const Values& so_far) {
      const Values parts = of_block(block);
      Values sums;
      for (size_t v = 0; v < n; ++v) sums.push_back(total.add(b_, so_far[v], parts[v]));
      return sums;
    };
    Values all = b_.for_loop(b_.i64(0), end, step, Values(n, total.identity(b_)), add_block);
    for (Value& v : all) v = total.result(b_, v);
    return all;
  }

  /// Elements [from, to) of the columns at `at`, in order.
  Values combine_elements(Value from, Value to, const Columns& at) {
    const Values identities(at.size(), combiner_.identity(b_, type()));
    return b_.for_loop(from, to, 1, identities, [&](Value r, const Values& so_far) {
      const std::vector<Coord> in = row_coords(k_, r, reduced_);
      Values sums;
      for (size_t v = 0; v < at.size(); ++v) sums.push_back(combiner_.combine(b_, so_far[v], element(in, at[v])));
      return sums;
    });
  }

  /// What is reduced, at `in` of the reduced axes and `at` of the kept ones.
  Value element(const std::vector<Coord>& in, const Index& at) {
    const ir::Ints& axes = reduce_->ints_attr("axes");
    Index place{{}, lanes_, at.mask};
    for (size_t d = 0, of_kept = 0, of_reduced = 0; d < space_.size(); ++d) {
      const bool dropped = std::binary_search(axes.begin(), axes.end(), static_cast<int64_t>(d));
      place.coords.push_back(dropped ? in[of_reduced++] : at.coords[of_kept++]);
    }
    elements_.push();
    Value x = elements_.at(reduce_->operand(0), place);
    if (lanes_ > 1 && !b_.type(x).is_vector()) x = b_.broadcast(x, lanes_);
    elements_.pop();
    return x;
  }

  void store_results(const Columns& at, const Values& reduced) {
    const ir::Function& region = k_.region();
    for (size_t v = 0; v < at.size(); ++v) {
      accumulated_ = reduced[v];
      elements_.push();
      Values values;
      for (int r = 0; r < region.num_results(); ++r) values.push_back(elements_.at(region.result(r), at[v]));
      for (int r = 0; r < region.num_results(); ++r)
        elements_.store(k_.result_buffer(r), kept_, at[v], values[static_cast<size_t>(r)]);
      elements_.pop();
    }
  }

  KernelContext& k_;
  loops::LoopBuilder& b_;
  ElementBuilder elements_;
  ir::Op* reduce_ = nullptr;
  Combiner combiner_{};
  ir::Dims space_, kept_, reduced_;
  ir::Dim count_;
  int lanes_ = 1;
  double cost_ = 0;  ///< of an element, in nanoseconds
  Value accumulated_;
};

}  // namespace

void build_column_kernel(KernelContext& k) { ColumnKernel(k).build(); }

}  // namespace dlc::backend
