#include "backend/loops/printer.h"

#include <gtest/gtest.h>

#include "backend/loops/builder.h"

namespace dlc::backend::loops {
namespace {

Kernel axpy(const std::string& name, const std::string& x_name, int lanes = 8) {
  LoopBuilder b(name);
  const BufferId x = b.buffer({.name = x_name});
  const BufferId y = b.buffer({.name = "y", .written = true, .align = 64});
  const Value n = b.scalar("n"), a = b.scalar("a", kFloat32);
  b.vector_for(b.i64(0), n, lanes, [&](Value i, Value mask) {
    // One call a line: C++ leaves the order of arguments open.
    const Value xi = b.load(x, i, lanes, mask);
    const Value yi = b.load(y, i, lanes, mask);
    b.store(y, b.fma(a, xi, yi), i, mask);
  });
  return std::move(b).finish();
}

TEST(LoopsPrinter, TablesShowTheirRows) {
  LoopBuilder b("rows");
  const BufferId n = b.buffer({.name = "n", .elem = kInt64});
  const BufferId x = b.buffer({.name = "x", .space = Space::kTable});
  const BufferId y = b.buffer({.name = "y", .space = Space::kTable, .written = true});
  b.parallel(b.scalar("rows"), [&](Value row) {
    b.with_row(row, [&] { b.for_loop(b.i64(0), b.load(n, row), 1, [&](Value i) { b.store(y, b.load(x, i), i); }); });
  });
  EXPECT_EQ(print(std::move(b).finish()),
            R"(kernel @rows(%n: i64* readonly, %x: f32*[] readonly, %y: f32*[] inout, %rows: i64) {
  parallel %0 of %rows {
    %1 = load %n[%0] : i64
    for %2 = 0 to %1 step 1 {
      %3 = load %x[%0][%2] : f32
      store %y[%0][%2], %3 : f32
    }
  }
}
)");
}

TEST(LoopsPrinter, PrefetchSaysWhatFor) {
  LoopBuilder b("ahead");
  const BufferId x = b.buffer({.name = "x"});
  const BufferId y = b.buffer({.name = "y", .written = true});
  b.for_loop(b.i64(0), b.scalar("n"), 1, [&](Value i) {
    b.prefetch(x, b.add(i, b.i64(64)));
    b.prefetch(y, b.add(i, b.i64(64)), /*for_write=*/true);
    b.store(y, b.load(x, i), i);
  });
  EXPECT_EQ(print(std::move(b).finish()), R"(kernel @ahead(%x: f32* readonly, %y: f32* inout, %n: i64) {
  for %0 = 0 to %n step 1 {
    %1 = add %0, 64 : i64
    prefetch %x[%1]
    prefetch %y[%1] for write
    %2 = load %x[%0] : f32
    store %y[%0], %2 : f32
  }
}
)");
}

TEST(LoopsPrinter, VectorLoopWithTail) {
  EXPECT_EQ(print(axpy("axpy", "x")), R"(kernel @axpy(%x: f32* readonly, %y: f32* inout align 64, %n: i64, %a: f32) {
  %0 = max %n, 0 : i64
  %1 = and %0, 7 : i64
  %2 = sub %0, %1 : i64
  for %3 = 0 to %2 step 8 {
    %4 = load %x[%3] : f32x8
    %5 = load %y[%3] : f32x8
    %6 = broadcast %a : f32x8
    %7 = fma %6, %4, %5 : f32x8
    store %y[%3], %7 : f32x8
  }
  %8 = gt %1, 0 : i64
  if %8 {
    %9 = convert %1 : i64 -> i32
    %10 = broadcast %9 : i32x8
    %11 = iota : i32x8
    %12 = lt %11, %10 : i32x8
    %13 = load %x[%2] mask %12 : f32x8
    %14 = load %y[%2] mask %12 : f32x8
    %15 = broadcast %a : f32x8
    %16 = fma %15, %13, %14 : f32x8
    store %y[%2], %16 mask %12 : f32x8
  }
}
)");
}

TEST(LoopsPrinter, CarriedValuesWhileIfParallelAndLiterals) {
  LoopBuilder b("all");
  const BufferId x = b.buffer({.name = "x", .elem = kFloat64, .noalias = false});
  const BufferId y = b.buffer({.name = "y", .elem = kFloat64, .written = true});
  const Value n = b.scalar("n");
  const Value chunks = b.scalar("chunks");
  b.parallel(chunks, [&](Value chunk) {
    const BufferId t = b.scratch("t", kFloat64, 4);
    const auto sum = b.for_loop(
        b.i64(0), n, 4, {b.constant({kFloat64, 4}, 0.5)},
        [&](Value i, const LoopBuilder::Values& c) -> LoopBuilder::Values { return {b.add(c[0], b.load(x, i, 4))}; });
    const auto left = b.while_loop(
        {n}, [&](const LoopBuilder::Values& c) { return b.gt(c[0], b.i64(3)); },
        [&](const LoopBuilder::Values& c) -> LoopBuilder::Values { return {b.div(c[0], b.i64(2))}; });
    const auto picked = b.if_else(
        b.eq(left[0], b.i64(2)), [&]() -> LoopBuilder::Values { return {b.constant({kFloat64, 4}, 1e300)}; },
        [&]() -> LoopBuilder::Values { return {sum[0]}; });
    b.store(t, b.shuffle(picked[0], sum[0], {0, 4, 1, 5}), b.i64(0), {}, 32);
    b.store(y, b.reduce(OpCode::kReduceMax, b.load(t, b.i64(0), 4)), chunk);
    b.fault(b.lt(n, b.i64(0)), b.i64(7), chunk, n);
  });
  const Kernel k = std::move(b).finish();
  EXPECT_EQ(print(k), R"(kernel @all(%x: f64* readonly may_alias, %y: f64* inout, %n: i64, %chunks: i64) {
  scratch %t: f64[4] align 64
  parallel %0 of %chunks {
    %1 = for %2 = 0 to %n step 4 carry %3: f64x4 = 0.5 {
      %4 = load %x[%2] : f64x4
      %5 = add %3, %4 : f64x4
      yield %5
    }
    %6 = while carry %7: i64 = %n {
      %8 = gt %7, 3 : i64
      yield %8, %7
    } do %9: i64 {
      %10 = div %9, 2 : i64
      yield %10
    }
    %11 = eq %6, 2 : i64
    %12 = if %11 {
      yield 1e+300
    } else {
      yield %1
    }
    %13 = shuffle %12, %1 [0 4 1 5] : f64x4 -> f64x4
    store %t[0], %13 align 32 : f64x4
    %14 = load %t[0] : f64x4
    %15 = reduce_max %14 : f64x4 -> f64
    store %y[%0], %15 : f64
    %16 = lt %n, 0 : i64
    fault %16 site 7 element %0 value %n : bool
  }
}
)");
}

TEST(LoopsPrinter, ContentForgetsNames) {
  EXPECT_EQ(content(axpy("axpy", "x")), content(axpy("other", "input")));
  EXPECT_NE(print(axpy("axpy", "x")), print(axpy("other", "input")));
  EXPECT_NE(content(axpy("axpy", "x", 8)), content(axpy("axpy", "x", 16)));
}

TEST(LoopsPrinter, NaNKeepsItsBits) {
  LoopBuilder b("k");
  const BufferId y = b.buffer({.name = "y", .written = true});
  b.store(y, b.constant_bits({kFloat32, 1}, 0x7fc00001), b.i64(0));
  EXPECT_NE(print(std::move(b).finish()).find("store %y[0], bits(0x7fc00001) : f32"), std::string::npos);
}

TEST(LoopsPrinter, BrokenKernelsPrint) {
  Kernel k;
  k.name = "broken";
  k.body.insts.push_back({.op = OpCode::kAdd, .operands = {Value{5}}, .results = {Value{9}}});
  k.body.insts.push_back({.op = OpCode::kStore, .buffer = {3}});
  k.body.insts.push_back({.op = OpCode::kFor, .operands = {Value{0}}});
  const std::string text = print(k);
  EXPECT_NE(text.find("<undefined 5>"), std::string::npos) << text;
  EXPECT_NE(text.find("<no buffer 3>"), std::string::npos) << text;
}

}  // namespace
}  // namespace dlc::backend::loops
