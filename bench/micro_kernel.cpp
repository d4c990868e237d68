// How near to the machine's FMA peak a register-tiled micro-kernel of the loop language runs, and how
// long it takes to compile. One thread.
//
//   bench_micro_kernel [K]
//
// The tile computes C[mr, nr] += A[mr, k] * B[k, nr] from packed panels (A: k rows of mr, B: k rows
// of nr), accumulators in registers, one broadcast of A and nr/lanes loads of B per step of k. Peak
// is what independent fmas reach in a loop built the same way.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "backend/loops/builder.h"
#include "backend/native/native.h"
#include "runtime/context.h"
#include "support/array.h"

namespace {

using namespace dlc;
using backend::loops::BufferId;
using backend::loops::Kernel;
using backend::loops::LoopBuilder;
using backend::loops::Value;
using Values = LoopBuilder::Values;

Kernel micro_kernel(int mr, int nr, int lanes) {
  LoopBuilder b(fmt::format("tile_{}x{}", mr, nr));
  const BufferId a = b.buffer({.name = "a", .align = 64}), packed_b = b.buffer({.name = "b", .align = 64}),
                 c = b.buffer({.name = "c", .written = true, .align = 64});
  const Value k = b.scalar("k");
  const int columns = nr / lanes;
  const auto place = [&](int row, int column) { return b.i64(row * nr + column * lanes); };
  Values tile;
  for (int r = 0; r < mr; ++r) {
    for (int v = 0; v < columns; ++v) tile.push_back(b.load(c, place(r, v), lanes, {}, 64));
  }
  tile = b.for_loop(b.i64(0), k, 1, tile, [&](Value p, const Values& sums) {
    Values row_of_b, next;
    const Value b_row = b.mul(p, b.i64(nr)), a_row = b.mul(p, b.i64(mr));
    for (int v = 0; v < columns; ++v)
      row_of_b.push_back(b.load(packed_b, b.add(b_row, b.i64(v * lanes)), lanes, {}, 64));
    for (int r = 0; r < mr; ++r) {
      const Value x = b.broadcast(b.load(a, b.add(a_row, b.i64(r))), lanes);
      for (int v = 0; v < columns; ++v)
        next.push_back(b.fma(x, row_of_b[static_cast<size_t>(v)], sums[static_cast<size_t>(r * columns + v)]));
    }
    return next;
  });
  for (int r = 0; r < mr; ++r) {
    for (int v = 0; v < columns; ++v) b.store(c, tile[static_cast<size_t>(r * columns + v)], place(r, v), {}, 64);
  }
  return std::move(b).finish();
}

/// `chains` independent fmas a turn, k turns.
Kernel peak_kernel(int chains, int lanes) {
  LoopBuilder b("peak");
  const BufferId a = b.buffer({.name = "a"}), y = b.buffer({.name = "y", .written = true});
  const Value k = b.scalar("k");
  const Value x = b.load(a, b.i64(0), lanes), z = b.load(a, b.i64(lanes), lanes);
  Values sums;
  for (int i = 0; i < chains; ++i) sums.push_back(b.load(y, b.i64(i * lanes), lanes));
  sums = b.for_loop(b.i64(0), k, 1, sums, [&](Value, const Values& s) {
    Values next;
    for (const Value v : s) next.push_back(b.fma(v, x, z));
    return next;
  });
  for (int i = 0; i < chains; ++i) b.store(y, sums[static_cast<size_t>(i)], b.i64(i * lanes));
  return std::move(b).finish();
}

struct Timing {
  double seconds;  ///< of one call, the fastest of many
  double compile_ms;
};

Timing time_kernel(const Kernel& kernel, std::vector<void*> buffers, int64_t k) {
  backend::NativeOptions options{.compile_threads = 1, .reuse = false};
  value_or_throw(compile_native({&kernel, 1}, {}, options));  // LLVM's own start-up
  const auto program = value_or_throw(compile_native({&kernel, 1}, {}, options));
  runtime::Context context;
  const int64_t scalars[] = {k};
  const auto calls = [&](int n) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < n; ++i) runtime::run_entry(program->kernel(kernel.name), context, buffers.data(), scalars);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / n;
  };
  double best = calls(1);
  for (int round = 0; round < 300; ++round) best = std::min(best, calls(100));
  return {best, program->stats().compile_ms};
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t k = argc > 1 ? std::atoll(argv[1]) : 256;
  const ir::Target& target = backend::host_target();
  if (!target.has_fma || k < 1) {
    fmt::print(stderr, "needs a machine with FMA, and K >= 1\n");
    return 1;
  }
  const int lanes = target.lanes(kFloat32);
  // Zeros: what is timed does not depend on values, and nothing overflows.
  const auto zeros = [](int64_t n) { return Array(kFloat32, {n}); };
  Array a = zeros(k * 64), b = zeros(k * 64), c = zeros(64 * 64);

  constexpr int kPeakTurns = 4096;  // so that entry and exit do not count
  const int chains = target.vector_registers - 6;
  const Timing peak = time_kernel(peak_kernel(chains, lanes), {a.bytes(), c.bytes()}, kPeakTurns);
  const double peak_flops = 2.0 * chains * lanes * kPeakTurns / peak.seconds;
  fmt::print("target {}, {} lanes, k = {}, 1 thread; peak {:.1f} GFLOP/s (f32)\n", target.name, lanes, k,
             peak_flops / 1e9);

  struct Tile {
    int mr, nr;
  };
  const std::vector<Tile> tiles = target.vector_registers == 32 ? std::vector<Tile>{{14, 2}, {12, 2}, {8, 3}, {6, 4}}
                                                                : std::vector<Tile>{{6, 2}, {4, 3}};
  for (const Tile& tile : tiles) {
    const int nr = tile.nr * lanes;
    const Timing t = time_kernel(micro_kernel(tile.mr, nr, lanes), {a.bytes(), b.bytes(), c.bytes()}, k);
    const double flops = 2.0 * tile.mr * nr * static_cast<double>(k) / t.seconds;
    fmt::print("tile {:2}x{:<3} {:7.1f} GFLOP/s  {:5.1f} % of peak   compiled in {:.2f} ms\n", tile.mr, nr, flops / 1e9,
               100 * flops / peak_flops, t.compile_ms);
  }
  return 0;
}
