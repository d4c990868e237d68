// Memory instructions and control flow, compiled against interpreted.
#include <gtest/gtest.h>

#include "tests/backend/native_testing.h"

namespace dlc::backend {
namespace {

using loops::BufferId;
using loops::LoopBuilder;
using loops::OpCode;
using loops::Value;
using testing::expect_same;

Array ramp(DType t, int64_t n, double start = 1, double step = 1) {
  Array a = Array::uninitialized(t, {n});
  for (int64_t i = 0; i < n; ++i)
    a.set_from_double(i, t == kBool ? static_cast<double>(i % 3 == 0) : start + step * static_cast<double>(i));
  return a;
}

class Native : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string& target() const { return GetParam(); }
};

TEST_P(Native, MaskedTailsOfEveryTypeAndLength) {
  for (const DType t : kAllDTypes) {
    for (const int lanes : {4, 16}) {
      LoopBuilder b(fmt::format("tail_{}x{}", t, lanes));
      const BufferId x = b.buffer({.name = "x", .elem = t}), y = b.buffer({.name = "y", .elem = t, .written = true});
      b.vector_for(b.i64(1), b.scalar("n"), lanes,
                   [&](Value i, Value mask) { b.store(y, b.load(x, i, lanes, mask), i, mask); });
      const auto kernel = std::move(b).finish();
      for (const int64_t n : {0, 1, 2, lanes, lanes + 1, 2 * lanes - 1, 3 * lanes + 3})
        expect_same(kernel, {ramp(t, n), ramp(t, n, 50)}, {n}, target());
    }
  }
}

/// It changes nothing, and what it names need not exist.
TEST_P(Native, PrefetchBeyondTheBuffers) {
  for (const DType t : {kFloat32, kFloat64, kUInt8, kBool}) {
    LoopBuilder b(fmt::format("prefetch_{}", t));
    const BufferId x = b.buffer({.name = "x", .elem = t}), y = b.buffer({.name = "y", .elem = t, .written = true});
    b.for_loop(b.i64(0), b.scalar("n"), 1, [&](Value i) {
      for (const int64_t away : {-(int64_t{1} << 40), int64_t{-1}, int64_t{0}, int64_t{1} << 40}) {
        b.prefetch(x, b.add(i, b.i64(away)));
        b.prefetch(y, b.add(i, b.i64(away)), /*for_write=*/true);
      }
      b.store(y, b.load(x, i), i);
    });
    expect_same(std::move(b).finish(), {ramp(t, 20), ramp(t, 20, 50)}, {20}, target());
  }
}

TEST_P(Native, GatherAndScatterWithEveryIndexType) {
  for (const DType index : {kInt32, kInt64}) {
    for (const DType t : {kFloat32, kFloat64, kInt32, kUInt8, kBool}) {
      constexpr int kLanes = 8;
      LoopBuilder b(fmt::format("gather_{}_{}", index, t));
      const BufferId x = b.buffer({.name = "x", .elem = t}), at = b.buffer({.name = "at", .elem = index}),
                     y = b.buffer({.name = "y", .elem = t, .written = true}),
                     z = b.buffer({.name = "z", .elem = t, .written = true});
      b.vector_for(b.i64(0), b.scalar("n"), kLanes, [&](Value i, Value mask) {
        const Value where = b.load(at, i, kLanes, mask);
        b.store(y, b.gather(x, where, mask), i, mask);
        b.scatter(z, b.load(x, i, kLanes, mask), where, mask);  // some places twice: the last lane wins
      });
      Array places = Array::uninitialized(index, {13});
      for (int64_t i = 0; i < 13; ++i) places.set_from_double(i, static_cast<double>((i * 5) % 11));
      expect_same(std::move(b).finish(), {ramp(t, 13), places, ramp(t, 13, 80), ramp(t, 13, 90)}, {13}, target());
    }
  }
}

TEST_P(Native, ScalarParametersOfEveryType) {
  for (const DType t : kAllDTypes) {
    LoopBuilder b(fmt::format("scalar_{}", t));
    const BufferId y = b.buffer({.name = "y", .elem = t, .written = true});
    const Value first = b.scalar("unused");
    const Value s = b.scalar("s", t);
    b.store(y, s, first);
    Array bits = Array::full(t, {1}, 1);
    int64_t slot = 0;
    std::memcpy(&slot, bits.bytes(), size_of(t));
    expect_same(std::move(b).finish(), {ramp(t, 3, 7)}, {2, slot}, target());
  }
}

TEST_P(Native, LoopsCarryValues) {
  // Fibonacci numbers by for, digits of n by while, and the sign of (n - 10) by if.
  LoopBuilder b("control");
  const BufferId y = b.buffer({.name = "y", .elem = kInt64, .written = true});
  const Value n = b.scalar("n");
  const auto fib = b.for_loop(b.i64(0), n, 1, {b.i64(0), b.i64(1)}, [&](Value, const LoopBuilder::Values& v) {
    return LoopBuilder::Values{v[1], b.add(v[0], v[1])};
  });
  b.store(y, fib[0], b.i64(0));
  const auto digits = b.while_loop(
      {n, b.i64(0)}, [&](const LoopBuilder::Values& v) { return b.gt(v[0], b.i64(0)); },
      [&](const LoopBuilder::Values& v) { return LoopBuilder::Values{b.div(v[0], b.i64(10)), b.add(v[1], b.i64(1))}; });
  b.store(y, digits[1], b.i64(1));
  const auto sign = b.if_else(
      b.gt(n, b.i64(10)), [&] { return LoopBuilder::Values{b.i64(1)}; },
      [&] {
        const auto inner = b.for_loop(n, b.i64(20), 3, {b.i64(-5)}, [&](Value i, const LoopBuilder::Values& v) {
          return LoopBuilder::Values{b.sub(v[0], i)};
        });
        return LoopBuilder::Values{inner[0]};
      });
  b.store(y, sign[0], b.i64(2));
  b.if_then(b.lt(n, b.i64(3)), [&] { b.store(y, b.i64(99), b.i64(3)); });
  const auto kernel = std::move(b).finish();
  for (const int64_t n_value : {0, 1, 2, 9, 10, 11, 50, 1234})
    expect_same(kernel, {ramp(kInt64, 4)}, {n_value}, target());
}

TEST_P(Native, ParallelBodiesSeeOuterValuesAndScratch) {
  // Chunk c scales row c by a vector and a scalar made outside and reverses it through scratch; a
  // second region reads what the first wrote; a third uses a bool captured outside.
  constexpr int kLanes = 8;
  LoopBuilder b("parallel");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y", .written = true}),
                 sums = b.buffer({.name = "sums", .written = true});
  const BufferId row = b.scratch("row", kFloat32, 64);
  const Value rows = b.scalar("rows"), factor = b.scalar("factor", kFloat32);
  const Value outside = b.load(x, b.i64(3), kLanes);
  const Value scale = b.mul(b.add(outside, b.broadcast(factor, kLanes)), b.constant({kFloat32, kLanes}, 0.5));
  const Value odd = b.gt(factor, b.constant({kFloat32, 1}, 2.0));
  b.parallel(rows, [&](Value c) {
    const Value start = b.mul(c, b.i64(64));
    b.for_loop(b.i64(0), b.i64(64), kLanes,
               [&](Value i) { b.store(row, b.mul(b.load(x, b.add(start, i), kLanes), scale), i); });
    b.for_loop(b.i64(0), b.i64(64), 1, [&](Value i) { b.store(y, b.load(row, b.sub(b.i64(63), i)), b.add(start, i)); });
  });
  b.parallel(rows, [&](Value c) {
    const auto sum = b.for_loop(b.i64(0), b.i64(64), kLanes, {b.constant({kFloat32, kLanes}, 0)},
                                [&](Value i, const LoopBuilder::Values& v) {
                                  const Value at = b.add(b.mul(c, b.i64(64)), i);
                                  return LoopBuilder::Values{b.add(v[0], b.load(y, at, kLanes))};
                                });
    const Value total = b.reduce(OpCode::kReduceAdd, sum[0]);
    b.store(sums, b.select(odd, total, b.neg(total)), c);
  });
  const auto kernel = std::move(b).finish();
  for (const float f : {1.25f, 3.0f}) {
    int64_t slot = 0;
    std::memcpy(&slot, &f, sizeof f);
    for (const int64_t r : {0, 1, 2, 7})
      expect_same(kernel, {ramp(kFloat32, 512, 0.1, 0.3), Array(kFloat32, {512}), Array(kFloat32, {8})}, {r, slot},
                  target());
  }
}

TEST_P(Native, FaultsAreReportedLowestFirstAndDoNotBranchOut) {
  constexpr int kLanes = 4;
  LoopBuilder b("fault");
  const BufferId x = b.buffer({.name = "x", .elem = kInt64}),
                 y = b.buffer({.name = "y", .elem = kInt64, .written = true});
  const Value chunks = b.scalar("chunks"), site = b.scalar("site"), limit = b.scalar("limit");
  b.parallel(chunks, [&](Value c) {
    b.for_loop(b.i64(0), b.i64(16), kLanes, [&](Value i) {
      const Value at = b.add(b.mul(c, b.i64(16)), i);
      const Value v = b.load(x, at, kLanes);
      const Value bad = b.gt(v, b.broadcast(limit, kLanes));
      b.fault(bad, site, b.add(b.broadcast(at, kLanes), b.iota({kInt64, kLanes})), v);
      b.store(y, b.select(bad, b.broadcast(limit, kLanes), v), at);
    });
  });
  const Value first = b.load(y, b.i64(0));
  b.fault(b.lt(first, b.i64(0)), b.i64(1), b.i64(0), first);
  const auto kernel = std::move(b).finish();
  for (const int64_t limit_value : {1000, 60, 37, -5})
    expect_same(kernel, {ramp(kInt64, 64), Array(kInt64, {64})}, {4, 2, limit_value}, target());
}

TEST_P(Native, TablesHaveABufferARow) {
  constexpr int kLanes = 8;
  LoopBuilder b("table");
  // Parameters are handed before the rows, wherever they are declared.
  const BufferId x = b.buffer({.name = "x", .space = loops::Space::kTable});
  const BufferId n = b.buffer({.name = "n", .elem = kInt64});
  const BufferId y = b.buffer({.name = "y", .space = loops::Space::kTable, .written = true});
  b.parallel(b.scalar("rows"), [&](Value row) {
    const Value count = b.load(n, row);
    b.with_row(row, [&] {
      b.vector_for(b.i64(0), count, kLanes, [&](Value i, Value mask) {
        const Value first = b.load(x, b.i64(0));
        b.store(y, b.add(b.load(x, i, kLanes, mask), b.broadcast(first, kLanes)), i, mask);
      });
    });
  });
  const auto kernel = std::move(b).finish();
  Array sizes = Array::of<int64_t>({3}, {5, 16, 1});
  expect_same(kernel,
              {sizes, ramp(kFloat32, 5), ramp(kFloat32, 5, 50), ramp(kFloat32, 19, 7), ramp(kFloat32, 19, 50),
               ramp(kFloat32, 2, 9), ramp(kFloat32, 2, 50)},
              {3}, target());
}

TEST_P(Native, OverlappingBuffersThatMayAlias) {
  LoopBuilder b("alias");
  const BufferId x = b.buffer({.name = "x", .noalias = false}),
                 y = b.buffer({.name = "y", .written = true, .noalias = false});
  b.for_loop(b.i64(0), b.i64(40), 1, [&](Value i) {
    b.store(y, b.add(b.load(x, i), b.load(x, b.i64(0))), i);  // the second load must not be moved out
  });
  const auto kernel = std::move(b).finish();
  const auto program = value_or_throw(compile_native({&kernel, 1}, {}, testing::options_for(target())));
  Array a = ramp(kFloat32, 41);
  runtime::Context context;
  void* buffers[] = {a.bytes(), a.bytes()};
  runtime::run_entry(program->kernel("alias"), context, buffers, nullptr);
  EXPECT_EQ(a.at<float>({0}), 2.0f);
  EXPECT_EQ(a.at<float>({1}), 4.0f);  // 2 + the new a[0]
  EXPECT_EQ(a.at<float>({39}), 42.0f);
}

INSTANTIATE_TEST_SUITE_P(Targets, Native, ::testing::ValuesIn(testing::targets_here()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace dlc::backend
