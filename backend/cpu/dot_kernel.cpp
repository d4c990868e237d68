// Matrix products: C[b,m,n] = sum over k of A[b,m,k] * B[b,k,n], with an element-wise epilogue.
//
// Both operands are first copied into panels that the micro-kernel reads with constant strides
// (after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008):
//   A: tiles of mr rows, blocks of kc columns; a block is [mr][kc], or [kc][mr] when A is stored
//      with its rows along the last axis (then the copy runs along them);
//   B: panels of nr columns, [k][nr]; transposed in registers when B is stored the other way round.
//      With few rows of A the copy of B would cost as much as the product: it is read in place.
// An operand that is a constant (the weights of a frozen program) is copied when the kernel is built:
// its panels are what the plan hands to the kernel.
// Where that takes less (a large B stored the other way round, few columns), it is the transpose of C
// that is computed, with A and B in each other's place, and each register tile is turned back.
// The micro-kernel keeps an mr x nr tile of C in registers for all of k, in the order of k: blocking
// leaves no trace in the bits. The tile goes to scratch, and from there through the epilogue to C.
// Padding rows and columns are computed from whatever the panels hold, and dropped.
#include <algorithm>

#include "backend/cpu/dot_schedule.h"
#include "backend/cpu/element_table.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/panels.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::backend {
namespace {

using ir::Dim;
using ir::OpKind;
using loops::BufferId;
using loops::LoopBuilder;
using loops::Value;
using Values = LoopBuilder::Values;

// Measured: a copied element takes about 0.15 ns, a transposed one 0.4.
constexpr double kCopyNs = 0.15, kTransposeNs = 0.4;

class DotKernel {
 public:
  explicit DotKernel(KernelContext& k) : k_(k), b_(k.b), elements_(k) {
    for (const auto& op : k.region().ops())
      if (op->is(OpKind::kDotGeneral)) dot_ = op;
    DLC_CHECK(dot_, "a dot kernel without a product");
    dtype_ = dot_->type().dtype;
    const Side lhs = side(0, "lhs_batch", "lhs_contract"), rhs = side(1, "rhs_batch", "rhs_contract");
    batch_dims_ = pick(lhs.value.dims(), lhs.batch);
    batch_ = ir::product(batch_dims_);
    // The product or its transpose, whichever takes less time with its copies. The other orientation
    // multiplies the same numbers in the same order: the bits are equal.
    orient(rhs, lhs);
    const double turned_ns = estimate_ns();
    orient(lhs, rhs);
    if (turned_ns < 0.95 * estimate_ns()) {
      orient(rhs, lhs);
      turned_ = true;
    }
  }

  void build() {
    const ir::Function& region = k_.region();
    for (int i = 0; i < region.num_params(); ++i) k_.param_buffer(i);
    k_.in_place = in_place_pairs(region, dot_->type().dims);
    a_panels_ = direct_a_     ? k_.param_buffer(k_.region().param_index(lhs_.value))
                : constant_a_ ? k_.constant_buffer(constant_a_panels())
                              : k_.arena_scratch("a_panels", dtype_, a_panels_size());
    b_panels_ = direct_b_     ? k_.param_buffer(k_.region().param_index(rhs_.value))
                : constant_b_ ? k_.constant_buffer(constant_b_panels())
                              : k_.arena_scratch("b_panels", dtype_, b_panels_size());
    tile_ = b_.scratch("tile", dtype_, turned_ ? s_.nr() * tile_stride() : s_.mr * tile_stride());
    if (packs_a() || packs_b_first()) pack();
    if (own_b_)
      multiply_panels();
    else
      multiply();
  }

 private:
  struct Side {
    ir::Value value;
    ir::Ints batch, free, contract;
    /// The last axis, along which memory is contiguous, is a contracted one.
    bool along_k = false;
  };

  /// Makes `rows` the side of the register tile's rows, `columns` that of its vectors.
  void orient(const Side& rows, const Side& columns) {
    lhs_ = rows;
    rhs_ = columns;
    m_dims_ = pick(lhs_.value.dims(), lhs_.free);
    n_dims_ = pick(rhs_.value.dims(), rhs_.free);
    k_dims_ = pick(lhs_.value.dims(), lhs_.contract);
    m_ = ir::product(m_dims_);
    n_ = ir::product(n_dims_);
    depth_ = ir::product(k_dims_);
    s_ = choose_dot_schedule(k_.target(), dtype_, m_, n_, depth_);
    const auto tiles = [](const Dim& size, int64_t tile) { return Dim::floor_div(size + (tile - 1), tile); };
    m_tiles_ = tiles(m_, s_.mr);
    n_panels_ = tiles(n_, s_.nr());
    k_blocks_ = tiles(depth_, s_.kc);
    constant_a_ = is_constant(lhs_);
    constant_b_ = is_constant(rhs_);
    direct_b_ = reads_b_in_place();
    direct_a_ = reads_a_in_place();
    own_b_ = packs_b_where_used();
  }

  static bool is_constant(const Side& s) {
    return s.value.is(OpKind::kConstant) && s.value.op->attr<Array>("value").num_elements() > 0;
  }
  bool packs_a() const { return !direct_a_ && !constant_a_; }
  bool packs_b() const { return !direct_b_ && !constant_b_; }
  bool packs_b_first() const { return packs_b() && !own_b_; }
  Dim a_panels_size() const { return batch_ * m_tiles_ * k_blocks_ * (s_.mr * s_.kc); }
  Dim b_panels_size() const { return batch_ * n_panels_ * depth_ * s_.nr(); }

  /// Rough time of the product as oriented, to compare orientations: the micro-kernel and the copies.
  double estimate_ns() const {
    const auto guess = [](const Dim& size) {
      return size.is_constant() ? static_cast<double>(size.constant()) : 256.0;
    };
    const double m = guess(m_), n = guess(n_), k = guess(depth_);
    const double multiply = s_.cycles_per_vector / 3.0 * m * n * k / s_.lanes;
    const double copy_a = packs_a() ? kCopyNs * m * k : 0;
    const double copy_b = packs_b() ? (rhs_.along_k ? kTransposeNs : kCopyNs) * n * k : 0;
    return multiply + copy_a + copy_b;
  }

  Side side(int operand, const char* batch, const char* contract) {
    Side s;
    s.value = dot_->operand(operand);
    s.batch = dot_->ints_attr(batch);
    s.contract = dot_->ints_attr(contract);
    for (int64_t a = 0; a < s.value.rank(); ++a)
      if (std::find(s.batch.begin(), s.batch.end(), a) == s.batch.end() &&
          std::find(s.contract.begin(), s.contract.end(), a) == s.contract.end())
        s.free.push_back(a);
    const int64_t last = s.value.rank() - 1;
    s.along_k = std::find(s.contract.begin(), s.contract.end(), last) != s.contract.end();
    return s;
  }

  /// B is row-major [batch..., k, n] in memory, wide enough for whole panels, and used by few rows:
  /// packing moves 8 bytes an element, which takes as long as about 100 rows of the product.
  bool reads_b_in_place() const {
    constexpr int64_t kMostRows = 256;
    if (!rhs_.value.is(OpKind::kParam) || rhs_.free.size() != 1 || rhs_.contract.size() != 1) return false;
    const int64_t rank = rhs_.value.rank();
    if (rhs_.free[0] != rank - 1 || rhs_.contract[0] != rank - 2 ||
        !std::is_sorted(rhs_.batch.begin(), rhs_.batch.end()))
      return false;
    return m_.is_constant() && m_.constant() <= kMostRows && n_.is_constant() && n_.constant() >= s_.nr();
  }

  /// A is one matrix in memory (or a batch of them) whose sizes are numbers, which gives the micro-kernel
  /// constant strides. A tile's rows then are as many streams, each read a cache line at a time. A copy
  /// costs a region of its own, and that another core finds it in this core's cache.
  bool reads_a_in_place() const {
    if (!lhs_.value.is(OpKind::kParam) || lhs_.free.size() != 1 || lhs_.contract.size() != 1) return false;
    if (!std::is_sorted(lhs_.batch.begin(), lhs_.batch.end()) ||
        static_cast<int64_t>(lhs_.batch.size()) != std::min(lhs_.free[0], lhs_.contract[0]))
      return false;
    if (!m_.is_constant() || m_.constant() < s_.mr || !depth_.is_constant()) return false;
    if (n_panels_.is(1)) return true;
    // Rows a multiple of a page apart share the sets of the first cache, which holds fewer than a tile has.
    const int64_t apart = (lhs_.along_k ? depth_ : m_).constant() * static_cast<int64_t>(size_of(dtype_));
    return apart % 4096 != 0;
  }

  /// Enough panels for every thread, so that the one that multiplies with a panel packs it: from its own
  /// cache, which is faster by far than from another core's, and without a region before.
  bool packs_b_where_used() const {
    constexpr int64_t kPanels = 12;
    const Dim panels = batch_ * n_panels_;
    return packs_b() && panels.is_constant() && panels.constant() >= kPanels;
  }

  static ir::Dims pick(const ir::Dims& dims, const ir::Ints& axes) {
    ir::Dims out;
    for (const int64_t a : axes) out.push_back(dims[static_cast<size_t>(a)]);
    return out;
  }

  /// Coordinates of a group of axes from its row-major position.
  std::vector<Coord> group(const Coord& position, const ir::Dims& dims, int lanes) {
    if (dims.empty()) return {};
    if (dims.size() == 1) return {position};
    return elements_.split(position, dims, lanes);
  }

  /// The element of an operand at (batch, free position, contracted position).
  Value operand(const Side& s, Value batch, const Coord& free, const Coord& contract, int lanes, Value mask) {
    Index at{std::vector<Coord>(static_cast<size_t>(s.value.rank())), lanes, mask};
    const auto put = [&](const ir::Ints& axes, const std::vector<Coord>& coords) {
      for (size_t i = 0; i < axes.size(); ++i) at.coords[static_cast<size_t>(axes[i])] = coords[i];
    };
    put(s.batch, group(Coord{batch, 0, {}}, batch_dims_, 1));
    put(s.free, group(free, pick(s.value.dims(), s.free), lanes));
    put(s.contract, group(contract, pick(s.value.dims(), s.contract), lanes));
    const Value x = elements_.at(s.value, at);
    return lanes > 1 && !b_.type(x).is_vector() ? b_.broadcast(x, lanes) : x;
  }

  void pack() {
    // Copies move about 10 GB/s when they miss the caches; A tiles and B panels are one list of units.
    const Dim a_units = packs_a() ? batch_ * m_tiles_ : Dim(0);
    const Dim b_units = packs_b_first() ? batch_ * n_panels_ : Dim(0);
    const double element_ns = packs_b_first() && rhs_.along_k ? kTransposeNs : kCopyNs;
    const double unit_ns = element_ns * static_cast<double>(k_guess() * std::max<int64_t>(s_.mr, s_.nr()));
    const Value n_a = k_.extent(a_units), m_tiles = k_.extent(m_tiles_), n_panels = k_.extent(n_panels_);
    for_chunks(k_, a_units + b_units, unit_ns, 1, [&](Value begin, Value end) {
      if (packs_a())
        b_.for_loop(begin, b_.min(end, n_a), 1,
                    [&](Value unit) { pack_a(unit, b_.div(unit, m_tiles), b_.rem(unit, m_tiles)); });
      if (!packs_b_first()) return;
      b_.for_loop(b_.max(begin, n_a), end, 1, [&](Value index) {
        const Value unit = b_.sub(index, n_a);
        pack_b(unit, b_.div(unit, n_panels), b_.rem(unit, n_panels));
      });
    });
  }

  Value a_base(Value unit, Value block) {
    return b_.mul(b_.add(b_.mul(unit, k_.extent(k_blocks_)), block), b_.i64(s_.mr * s_.kc));
  }
  Value b_base(Value unit) { return b_.mul(unit, k_.extent(depth_ * s_.nr())); }
  /// Elements between the rows of B, as the micro-kernel reads it.
  Value b_stride() { return direct_b_ ? k_.extent(n_) : b_.i64(s_.nr()); }
  /// The first column that the micro-kernel computes for a panel. Read in place, the last panel is
  /// moved back so that it ends with B; the columns it shares with the panel before are not stored.
  Value first_column(Value panel) {
    const Value first = b_.mul(panel, b_.i64(s_.nr()));
    return direct_b_ ? b_.min(first, b_.i64(n_.constant() - s_.nr())) : first;
  }

  /// The same for the rows of a tile.
  Value first_row(Value tile) {
    const Value first = b_.mul(tile, b_.i64(s_.mr));
    return direct_a_ ? b_.min(first, b_.i64(m_.constant() - s_.mr)) : first;
  }

  void pack_a(Value unit, Value batch, Value tile) {
    elements_.push();
    const Value first = b_.mul(tile, b_.i64(s_.mr));
    const Value rows = b_.min(b_.i64(s_.mr), b_.sub(k_.extent(m_), first));
    const Value depth = k_.extent(depth_);
    b_.for_loop(b_.i64(0), k_.extent(k_blocks_), 1, [&](Value block) {
      const Value base = a_base(unit, block), from = b_.mul(block, b_.i64(s_.kc));
      const Value count = b_.min(b_.i64(s_.kc), b_.sub(depth, from));
      if (lhs_.along_k) {
        b_.for_loop(b_.i64(0), rows, 1, [&](Value i) {
          const Value row = b_.add(base, b_.mul(i, b_.i64(s_.kc)));
          b_.vector_for(b_.i64(0), count, s_.lanes, [&](Value p, Value mask) {
            elements_.push();
            const Value x =
                operand(lhs_, batch, Coord{b_.add(first, i), 0, {}}, step(b_.add(from, p), s_.lanes), s_.lanes, mask);
            b_.store(a_panels_, x, b_.add(row, p), mask);
            elements_.pop();
          });
        });
        return;
      }
      const int lanes = std::min(s_.lanes, s_.mr >= s_.lanes ? s_.lanes : s_.mr >= 8 ? 8 : 4);
      b_.for_loop(b_.i64(0), count, 1, [&](Value p) {
        const Value column = b_.add(base, b_.mul(p, b_.i64(s_.mr)));
        b_.vector_for(b_.i64(0), rows, lanes, [&](Value i, Value mask) {
          elements_.push();
          const Value x =
              operand(lhs_, batch, step(b_.add(first, i), lanes), Coord{b_.add(from, p), 0, {}}, lanes, mask);
          b_.store(a_panels_, x, b_.add(column, i), mask);
          elements_.pop();
        });
      });
    });
    elements_.pop();
  }

  Array constant_a_panels() const {
    const int64_t tiles = m_tiles_.constant(), blocks = k_blocks_.constant();
    return copy_to_panels(lhs_.value.op->attr<Array>("value"), {lhs_.batch, lhs_.free, lhs_.contract},
                          a_panels_size().constant(), [&](int64_t batch, int64_t i, int64_t p) {
                            const int64_t block = ((batch * tiles + i / s_.mr) * blocks + p / s_.kc) * s_.mr * s_.kc;
                            const int64_t row = i % s_.mr, column = p % s_.kc;
                            return block + (lhs_.along_k ? row * s_.kc + column : column * s_.mr + row);
                          });
  }

  Array constant_b_panels() const {
    const int64_t panels = n_panels_.constant(), depth = depth_.constant();
    return copy_to_panels(rhs_.value.op->attr<Array>("value"), {rhs_.batch, rhs_.free, rhs_.contract},
                          b_panels_size().constant(), [&](int64_t batch, int64_t j, int64_t p) {
                            return ((batch * panels + j / s_.nr()) * depth + p) * s_.nr() + j % s_.nr();
                          });
  }

  static Coord step(Value base, int lanes) { return Coord{base, lanes > 1 ? 1 : 0, {}}; }

  void pack_b(Value unit, Value batch, Value panel) {
    elements_.push();
    const Value base = b_base(unit), first = b_.mul(panel, b_.i64(s_.nr()));
    const Value columns = b_.min(b_.i64(s_.nr()), b_.sub(k_.extent(n_), first));
    const Value depth = k_.extent(depth_);
    if (rhs_.along_k && rhs_.value.is(OpKind::kParam) && s_.lanes > 1) {
      transpose_b(batch, base, first, columns, depth);
    } else {
      b_.for_loop(b_.i64(0), depth, 1, [&](Value p) {
        const Value row = b_.add(base, b_.mul(p, b_.i64(s_.nr())));
        b_.vector_for(b_.i64(0), columns, s_.lanes, [&](Value j, Value mask) {
          elements_.push();
          const Value x = operand(rhs_, batch, step(b_.add(first, j), s_.lanes), Coord{p, 0, {}}, s_.lanes, mask);
          b_.store(b_panels_, x, b_.add(row, j), mask);
          elements_.pop();
        });
      });
    }
    elements_.pop();
  }

  /// lanes x lanes blocks: loads along k, a transposition in registers, stores along n.
  void transpose_b(Value batch, Value base, Value first, Value columns, Value depth) {
    const int lanes = s_.lanes;
    const Value last = b_.sub(columns, b_.i64(1));
    b_.for_loop(b_.i64(0), columns, lanes, [&](Value j) {
      b_.vector_for(b_.i64(0), depth, lanes, [&](Value p, Value mask) {
        elements_.push();
        Values rows;
        for (int r = 0; r < lanes; ++r) {
          // Beyond the last column, that column again: what is read exists, what it gives is dropped.
          const Value column = b_.add(first, b_.min(b_.add(j, b_.i64(r)), last));
          rows.push_back(operand(rhs_, batch, Coord{column, 0, {}}, step(p, lanes), lanes, mask));
        }
        rows = transpose(std::move(rows));
        const Value count = b_.min(b_.i64(lanes), b_.sub(depth, p));
        for (int r = 0; r < lanes; ++r) {
          const Value to = b_.add(b_.add(base, b_.mul(b_.add(p, b_.i64(r)), b_.i64(s_.nr()))), j);
          if (!mask) {
            b_.store(b_panels_, rows[static_cast<size_t>(r)], to);
            continue;
          }
          b_.if_then(b_.lt(b_.i64(r), count), [&] { b_.store(b_panels_, rows[static_cast<size_t>(r)], to); });
        }
        elements_.pop();
      });
    });
  }

  /// Rows to columns of a square of vectors: swaps halves, quarters, ... across pairs of rows.
  Values transpose(Values rows) {
    const int n = static_cast<int>(rows.size());
    for (int width = n / 2; width > 0; width /= 2) {
      std::vector<int> low, high;
      for (int l = 0; l < n; ++l) {
        const bool upper = (l / width) % 2 != 0;
        low.push_back(upper ? n + l - width : l);
        high.push_back(upper ? n + l : l + width);
      }
      for (int r = 0; r < n; ++r) {
        if ((r / width) % 2 != 0) continue;
        const size_t top = static_cast<size_t>(r), bottom = top + static_cast<size_t>(width);
        const Value a = rows[top], c = rows[bottom];
        rows[top] = b_.shuffle(a, c, low);
        rows[bottom] = b_.shuffle(a, c, high);
      }
    }
    return rows;
  }

  int64_t k_guess() const { return depth_.is_constant() ? depth_.constant() : 256; }
  /// Of one register tile with its epilogue.
  double tile_ns() const { return static_cast<double>(s_.mr * s_.nr() * k_guess()) / 40.0 + 50; }

  /// Panel by panel: packed, and multiplied with all tiles of A.
  void multiply_panels() {
    const Value m_tiles = k_.extent(m_tiles_), n_panels = k_.extent(n_panels_);
    const double tiles = m_tiles_.is_constant() ? static_cast<double>(m_tiles_.constant()) : 16;
    for_chunks(k_, batch_ * n_panels_, tiles * tile_ns(), 1, [&](Value begin, Value end) {
      b_.for_loop(begin, end, 1, [&](Value unit) {
        const Value batch = b_.div(unit, n_panels), panel = b_.rem(unit, n_panels);
        pack_b(unit, batch, panel);
        const Value b_start = b_base(unit);
        b_.for_loop(b_.i64(0), m_tiles, 1, [&](Value tile) {
          prefetch_tile(batch, tile, panel);
          micro_kernel(batch, tile, b_start);
          epilogue(batch, tile, panel);
        });
      });
    });
  }

  /// Tile by tile, over panels that are there already.
  void multiply() {
    const Value m_tiles = k_.extent(m_tiles_), n_panels = k_.extent(n_panels_);
    // Blocks of A that stay in the second cache; for each block all panels of B; for each panel,
    // which stays in the cache too, the tiles of the block.
    const int64_t tile_bytes = s_.mr * std::max<int64_t>(1, k_guess()) * static_cast<int64_t>(size_of(dtype_));
    const Value block_tiles = b_.i64(std::max<int64_t>(1, k_.target().l2_bytes / 4 / tile_bytes));
    for_chunks(k_, batch_ * n_panels_ * m_tiles_, tile_ns(), 1, [&](Value begin, Value end) {
      b_.for_loop(begin, end, 1, [&](Value index) {
        const Value per_batch = b_.mul(m_tiles, n_panels);
        const Value batch = b_.div(index, per_batch), in_batch = b_.rem(index, per_batch);
        const Value per_block = b_.mul(block_tiles, n_panels);
        const Value first_tile = b_.mul(b_.div(in_batch, per_block), block_tiles),
                    in_block = b_.rem(in_batch, per_block);
        const Value tiles = b_.min(block_tiles, b_.sub(m_tiles, first_tile));
        const Value panel = b_.div(in_block, tiles), tile = b_.add(first_tile, b_.rem(in_block, tiles));
        const Value b_start = direct_b_ ? b_.add(b_.mul(batch, k_.extent(depth_ * n_)), first_column(panel))
                                        : b_base(b_.add(b_.mul(batch, n_panels), panel));
        prefetch_tile(batch, tile, panel);
        micro_kernel(batch, tile, b_start);
        epilogue(batch, tile, panel);
      });
    });
  }

  /// Number of the accumulator of row `i`, vector `v`.
  size_t in_tile(int i, int v) const {
    return static_cast<size_t>(i) * static_cast<size_t>(s_.nv) + static_cast<size_t>(v);
  }

  /// The register tile over all of k, written to scratch.
  void micro_kernel(Value batch, Value tile, Value b_start) {
    const loops::Type vector{dtype_, s_.lanes};
    Values zero(static_cast<size_t>(s_.mr * s_.nv), b_.constant_bits(vector, 0));
    const Value depth = k_.extent(depth_), b_step = b_stride();
    const Value a_unit = b_.add(b_.mul(batch, k_.extent(m_tiles_)), tile);
    // Where the first row of the tile is at each step of k, and how far apart its rows are.
    const int64_t a_rows = !lhs_.along_k ? 1 : direct_a_ ? depth_.constant() : s_.kc;
    const auto a_place = [&](Value block, Value from, Value p) {
      if (!direct_a_) {
        const Value base = a_base(a_unit, block);
        return lhs_.along_k ? b_.add(base, p) : b_.add(base, b_.mul(p, b_.i64(s_.mr)));
      }
      const Value base = b_.mul(batch, b_.i64(m_.constant() * depth_.constant())), at = b_.add(from, p);
      return lhs_.along_k ? b_.add(b_.add(base, b_.mul(first_row(tile), b_.i64(a_rows))), at)
                          : b_.add(b_.add(base, first_row(tile)), b_.mul(at, b_.i64(m_.constant())));
    };
    const Values sums = b_.for_loop(b_.i64(0), k_.extent(k_blocks_), 1, zero, [&](Value block, const Values& carried) {
      const Value from = b_.mul(block, b_.i64(s_.kc));
      const Value count = b_.min(b_.i64(s_.kc), b_.sub(depth, from));
      const Value main = b_.mul(b_.div(count, b_.i64(s_.unroll)), b_.i64(s_.unroll));
      const auto steps = [&](int n) {
        return [&, n](Value p, const Values& in) {
          Values acc = in;
          for (int u = 0; u < n; ++u) {
            const Value at = b_.add(p, b_.i64(u));
            rank_one(acc, a_place(block, from, at), a_rows, b_.add(b_start, b_.mul(b_.add(from, at), b_step)));
          }
          return acc;
        };
      };
      const Values acc = b_.for_loop(b_.i64(0), main, s_.unroll, carried, steps(s_.unroll));
      return b_.for_loop(main, count, 1, acc, steps(1));
    });
    store_tile(sums);
  }

  /// Elements between the rows of the tile in scratch, which are rows of C.
  int64_t tile_stride() const { return turned_ ? (s_.mr + s_.lanes - 1) / s_.lanes * s_.lanes : s_.nr(); }

  void store_tile(const Values& sums) {
    // The tile starts at a cache line; vectors of it lie where their own size says.
    const int align = std::min(64, s_.lanes * static_cast<int>(size_of(dtype_)));
    const auto store = [&](Value x, int64_t at) { b_.store(tile_, x, b_.i64(at), {}, align); };
    for (int v = 0; v < s_.nv; ++v) {
      if (!turned_) {
        for (int i = 0; i < s_.mr; ++i) store(sums[in_tile(i, v)], i * tile_stride() + v * s_.lanes);
        continue;
      }
      // Squares of lanes x lanes; a row past the last is that row again, and is dropped.
      for (int first = 0; first < s_.mr; first += s_.lanes) {
        Values square;
        for (int r = 0; r < s_.lanes; ++r) square.push_back(sums[in_tile(std::min(first + r, s_.mr - 1), v)]);
        square = transpose(std::move(square));
        for (int c = 0; c < s_.lanes; ++c)
          store(square[static_cast<size_t>(c)], (v * s_.lanes + c) * tile_stride() + first);
      }
    }
  }

  /// acc[i][:] += A[i] * B[:] for the elements of A from `a` on, `a_rows` apart, and those of B from `b_row` on.
  void rank_one(Values& acc, Value a, int64_t a_rows, Value b_row) {
    Values row;
    for (int v = 0; v < s_.nv; ++v) row.push_back(b_.load(b_panels_, b_.add(b_row, b_.i64(v * s_.lanes)), s_.lanes));
    for (int i = 0; i < s_.mr; ++i) {
      const Value x = b_.broadcast(b_.load(a_panels_, b_.add(a, b_.i64(i * a_rows))), s_.lanes);
      for (int v = 0; v < s_.nv; ++v) {
        Value& c = acc[in_tile(i, v)];
        const Value y = row[static_cast<size_t>(v)];
        c = is_float(dtype_) && k_.target().has_fma ? b_.fma(x, y, c) : b_.add(c, b_.mul(x, y));
      }
    }
  }

  /// Positions [begin, end) of the tile along one of its axes, `first` in the result.
  struct Part {
    Value first, begin, end;
    const ir::Dims* dims;
    int64_t size;  ///< of the tile
  };

  /// The rows and columns of the result that a tile holds.
  std::pair<Part, Part> parts(Value tile, Value panel) {
    const auto part = [&](Value first, Value unit, int64_t size, const Dim& whole, const ir::Dims& dims) {
      const Value skipped = b_.sub(b_.mul(unit, b_.i64(size)), first);
      return Part{first, skipped, b_.min(b_.i64(size), b_.sub(k_.extent(whole), first)), &dims, size};
    };
    const Part m = part(first_row(tile), tile, s_.mr, m_, m_dims_);
    const Part n = part(first_column(panel), panel, s_.nr(), n_, n_dims_);
    return turned_ ? std::pair(n, m) : std::pair(m, n);
  }

  /// Asks for what the epilogue of a tile will read and write where the result is too large to be in the nearest
  /// caches: the rows of a tile are too short for the processor to see what comes next. Updates of weights,
  /// fused with the product that is their gradient, wait for memory otherwise.
  void prefetch_tile(Value batch, Value tile, Value panel) {
    const ir::Function& region = k_.region();
    const ir::Dims& dims = dot_->type().dims;
    const Dim elements = ir::product(dims);
    const auto bytes = static_cast<int64_t>(size_of(dtype_));
    const bool large = !elements.is_constant() || elements.constant() * bytes > k_.target().l2_bytes / 4;
    if (!large || m_dims_.size() > 1 || n_dims_.size() > 1) return;
    std::vector<std::pair<BufferId, bool>> buffers;  // and whether it is written
    for (int p = 0; p < region.num_params(); ++p)
      if (const ir::Value v = region.param(p); v.dims() == dims && !(v == lhs_.value) && !(v == rhs_.value))
        buffers.emplace_back(k_.param_buffer(p), false);
    for (int r = 0; r < region.num_results(); ++r)
      if (region.result(r).dims() == dims) buffers.emplace_back(k_.result_buffer(r), true);
    elements_.push();
    const std::vector<Coord> batch_coords = group(Coord{batch, 0, {}}, batch_dims_, 1);
    const std::pair<Part, Part> both = parts(tile, panel);
    const Part &rows = both.first, &columns = both.second;
    b_.for_loop(b_.i64(0), b_.i64(rows.size), 1, [&](Value i) {
      elements_.push();
      Index at{batch_coords, 1, {}};
      if (!rows.dims->empty()) at.coords.push_back(Coord{b_.add(rows.first, i), 0, {}});
      if (!columns.dims->empty()) at.coords.push_back(Coord{columns.first, 0, {}});
      const Value start = elements_.position(dims, at).base;
      constexpr int64_t kLine = 64;
      for (int64_t column = 0; column < columns.size; column += kLine / bytes)
        for (const auto& [buffer, written] : buffers) b_.prefetch(buffer, b_.add(start, b_.i64(column)), written);
      elements_.pop();
    });
    elements_.pop();
  }

  /// From the tile in scratch to the results.
  void epilogue(Value batch, Value tile, Value panel) {
    const ir::Function& region = k_.region();
    elements_.push();
    const std::vector<Coord> batch_coords = group(Coord{batch, 0, {}}, batch_dims_, 1);
    const std::pair<Part, Part> both = parts(tile, panel);
    const Part &rows = both.first, &columns = both.second;
    b_.for_loop(rows.begin, rows.end, 1, [&](Value i) {
      elements_.push();
      const std::vector<Coord> m_coords = group(Coord{b_.add(rows.first, i), 0, {}}, *rows.dims, 1);
      b_.vector_for(columns.begin, columns.end, s_.lanes, [&](Value j, Value mask) {
        elements_.push();
        Index at{batch_coords, s_.lanes, mask};
        at.coords.insert(at.coords.end(), m_coords.begin(), m_coords.end());
        const std::vector<Coord> n_coords = group(step(b_.add(columns.first, j), s_.lanes), *columns.dims, s_.lanes);
        at.coords.insert(at.coords.end(), n_coords.begin(), n_coords.end());
        const Value sum = b_.load(tile_, b_.add(b_.mul(i, b_.i64(tile_stride())), j), s_.lanes, mask);
        // One column: every lane but the first is masked off.
        elements_.provide(dot_->result(), [&](const Index& index) {
          return index.lanes == 1 && s_.lanes > 1 ? b_.extract(sum, 0) : sum;
        });
        Values values;
        for (int r = 0; r < region.num_results(); ++r) values.push_back(elements_.at(region.result(r), at));
        for (int r = 0; r < region.num_results(); ++r)
          elements_.store(k_.result_buffer(r), region.result(r).dims(), at, values[static_cast<size_t>(r)]);
        elements_.pop();
      });
      elements_.pop();
    });
    elements_.pop();
  }

  KernelContext& k_;
  LoopBuilder& b_;
  ElementBuilder elements_;
  ir::Op* dot_ = nullptr;
  DType dtype_ = kFloat32;
  Side lhs_, rhs_;
  ir::Dims batch_dims_, m_dims_, n_dims_, k_dims_;
  Dim batch_, m_, n_, depth_, m_tiles_, n_panels_, k_blocks_;
  DotSchedule s_;
  bool turned_ = false;                           ///< the register tile holds a part of C's transpose
  bool constant_a_ = false, constant_b_ = false;  ///< the panels are made when the kernel is built
  bool direct_a_ = false, direct_b_ = false;
  bool own_b_ = false;  ///< a panel of B is packed where it is used, not before
  BufferId a_panels_, b_panels_, tile_;
};

}  // namespace

void build_dot_kernel(KernelContext& k) { DotKernel(k).build(); }

}  // namespace dlc::backend
