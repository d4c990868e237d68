// Matrix products as whole compiled programs, in percent of the machine's FMA peak.
//
//   bench_gemm [--threads 1,2] [SHAPE ...]        SHAPE: nn|nt|tn:M:N:K
//
// Peak is that of independent fmas (bench_micro_kernel measures the same), on as many threads.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "backend/compiler.h"
#include "backend/loops/builder.h"
#include "backend/native/native.h"
#include "ir/parser.h"
#include "runtime/parallel.h"

namespace {

using namespace dlc;
using Clock = std::chrono::steady_clock;

/// Seconds of one call: the median of repeats that together take about `budget`.
template <typename F>
double time_call(F&& f, double budget = 0.25) {
  f();
  std::vector<double> times;
  const auto start = Clock::now();
  while (times.size() < 5 || std::chrono::duration<double>(Clock::now() - start).count() < budget) {
    const auto t = Clock::now();
    f();
    times.push_back(std::chrono::duration<double>(Clock::now() - t).count());
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// FMA peak of `threads` threads in GFLOP/s: a parallel kernel of independent chains.
double peak_gflops(int threads) {
  using backend::loops::LoopBuilder;
  using backend::loops::Value;
  constexpr int kChains = 12;
  constexpr int64_t kSteps = 2000000;
  const int lanes = backend::host_target().lanes(kFloat32);
  LoopBuilder b("peak");
  const auto y = b.buffer({.name = "y", .written = true});
  b.parallel(b.i64(threads), [&](Value chunk) {
    const Value x = b.load(y, b.i64(0), lanes);
    std::vector<Value> sums;  // from different places, or the chains would be found equal
    for (int i = 0; i < kChains; ++i) sums.push_back(b.load(y, b.i64((i + 1) * lanes), lanes));
    sums = b.for_loop(b.i64(0), b.i64(kSteps), 1, sums, [&](Value, const std::vector<Value>& s) {
      std::vector<Value> next;
      for (const Value v : s) next.push_back(b.fma(v, x, v));
      return next;
    });
    for (int i = 0; i < kChains; ++i)
      b.store(y, sums[static_cast<size_t>(i)], b.add(b.mul(chunk, b.i64(kChains * lanes)), b.i64((i + 1) * lanes)));
  });
  const backend::loops::Kernel kernel = std::move(b).finish();
  const auto program = value_or_throw(backend::compile_native(std::span(&kernel, 1), {}, {}));
  Array data(kFloat32, {static_cast<int64_t>((threads * kChains + 2) * lanes)});
  runtime::ThreadPool pool({.num_threads = threads});
  runtime::Context context({.pool = threads > 1 ? &pool : nullptr});
  void* buffers[] = {data.bytes()};
  const double s = time_call([&] { runtime::run_entry(program->kernel("peak"), context, buffers, nullptr); });
  return 2.0 * kChains * lanes * kSteps * threads / s * 1e-9;
}

struct Problem {
  std::string kind;
  int64_t m, n, k;
};

double product_gflops(const Problem& s, int threads, double& compile_ms) {
  const bool ta = s.kind[0] == 't', tb = s.kind[1] == 't';
  const std::string text = fmt::format(
      "func @f(%a: f32[{}], %b: f32[{}]) -> (f32[{},{}]) {{\n"
      "%0 = dot_general(%a, %b) {{lhs_batch = [], lhs_contract = [{}], rhs_batch = [], rhs_contract = [{}]}} : "
      "f32[{},{}]\nreturn %0 }}",
      ta ? fmt::format("{},{}", s.k, s.m) : fmt::format("{},{}", s.m, s.k),
      tb ? fmt::format("{},{}", s.n, s.k) : fmt::format("{},{}", s.k, s.n), s.m, s.n, ta ? 0 : 1, tb ? 1 : 0, s.m, s.n);
  const auto t = Clock::now();
  const auto program = value_or_throw(backend::compile(value_or_throw(ir::parse_function(text)), {}));
  compile_ms = std::chrono::duration<double, std::milli>(Clock::now() - t).count();
  const auto run = value_or_throw(backend::Execution::create(program, {}));
  Array a = Array::full(kFloat32, {s.m * s.k}, 0.5), b = Array::full(kFloat32, {s.k * s.n}, 0.25),
        c(kFloat32, {s.m * s.n});
  runtime::ThreadPool pool({.num_threads = threads});
  runtime::Context context({.pool = threads > 1 ? &pool : nullptr});
  void* params[] = {a.bytes(), b.bytes()};
  void* results[] = {c.bytes()};
  const double seconds = time_call([&] { value_or_throw(run->execute(context, params, results)); });
  return 2e-9 * static_cast<double>(s.m * s.n * s.k) / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Problem> shapes;
  std::vector<int> threads{1, 2};
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--threads" && i + 1 < argc) {
      threads = {std::atoi(argv[++i])};
      continue;
    }
    Problem s;
    char kind[3];
    long m = 0, n = 0, k = 0;
    if (std::sscanf(arg.c_str(), "%2[nt]:%ld:%ld:%ld", kind, &m, &n, &k) != 4) {
      fmt::print(stderr, "bench_gemm: '{}' is no shape; write nn:64:512:784\n", arg);
      return 1;
    }
    shapes.push_back({kind, m, n, k});
  }
  if (shapes.empty())
    shapes = {{"nn", 64, 64, 64},       {"nn", 128, 128, 128}, {"nn", 256, 256, 256}, {"nn", 512, 512, 512},
              {"nn", 1024, 1024, 1024}, {"nn", 64, 512, 784},  {"nt", 64, 784, 512},  {"nt", 64, 512, 784},
              {"tn", 784, 512, 64},     {"nn", 64, 512, 512},  {"nn", 64, 10, 784},   {"tn", 784, 10, 64}};
  for (const int t : threads) {
    const double peak = peak_gflops(t);
    fmt::print("{} thread{}: FMA peak {:.1f} GFLOP/s\n", t, t > 1 ? "s" : "", peak);
    for (const Problem& s : shapes) {
      double compile_ms = 0;
      const double g = product_gflops(s, t, compile_ms);
      fmt::print("  {} m{} n{} k{}: {:.1f} GFLOP/s, {:.0f} % of peak (compiled in {:.0f} ms)\n", s.kind, s.m, s.n, s.k,
                 g, 100 * g / peak, compile_ms);
    }
  }
  return 0;
}
