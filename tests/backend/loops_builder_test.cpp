#include "backend/loops/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/loops/printer.h"
#include "backend/loops/verifier.h"
#include "support/error.h"

namespace dlc::backend::loops {
namespace {

constexpr Type kI64{kInt64, 1};
constexpr Type kF32x8{kFloat32, 8};

/// The lines of the finished kernel that contain `what`.
int count(const Kernel& kernel, const std::string& what) {
  const std::string text = print(kernel);
  int n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(LoopBuilderFold, Integers) {
  LoopBuilder b("k");
  const Value n = b.scalar("n"), m = b.scalar("m");
  EXPECT_EQ(b.known_int(b.add(b.i64(3), b.i64(4))), 7);
  EXPECT_EQ(b.known_int(b.mul(b.i64(-3), b.i64(4))), -12);
  EXPECT_EQ(b.known_int(b.div(b.i64(-7), b.i64(2))), -3);
  EXPECT_EQ(b.known_int(b.rem(b.i64(-7), b.i64(2))), -1);
  EXPECT_EQ(b.known_int(b.shl(b.i64(3), b.i64(4))), 48);
  EXPECT_EQ(b.add(n, b.i64(0)), n);
  EXPECT_EQ(b.add(b.i64(0), n), n);
  EXPECT_EQ(b.sub(n, b.i64(0)), n);
  EXPECT_EQ(b.mul(n, b.i64(1)), n);
  EXPECT_EQ(b.known_int(b.mul(n, b.i64(0))), 0);
  EXPECT_EQ(b.known_int(b.sub(n, n)), 0);
  EXPECT_EQ(b.div(n, b.i64(1)), n);
  EXPECT_EQ(b.bit_and(n, b.i64(-1)), n);
  EXPECT_EQ(b.min(n, n), n);
  EXPECT_EQ(b.known_int(b.le(n, n)), 1);
  EXPECT_EQ(b.known_int(b.lt(n, n)), 0);
  EXPECT_EQ(b.add(n, m), b.add(m, n)) << "one order of operands";
  EXPECT_EQ(b.add(b.add(n, b.i64(3)), b.i64(-3)), n);
  EXPECT_EQ(b.mul(b.mul(n, b.i64(3)), b.i64(5)), b.mul(n, b.i64(15)));
}

TEST(LoopBuilderFold, DifferencesOfOffsets) {
  LoopBuilder b("k");
  const Value n = b.scalar("n"), m = b.scalar("m");
  EXPECT_EQ(b.known_int(b.sub(b.add(n, b.i64(784)), n)), 784);
  EXPECT_EQ(b.known_int(b.sub(b.add(n, b.i64(10)), b.add(n, b.i64(4)))), 6);
  EXPECT_EQ(b.sub(b.add(n, m), n), m);
  EXPECT_EQ(b.sub(b.add(n, m), m), n);
  EXPECT_EQ(b.known_int(b.sub(n, m)), std::nullopt);
}

TEST(LoopBuilderFold, IntegersWrapInTheirType) {
  LoopBuilder b("k");
  const auto u8 = [&](int64_t v) { return b.constant_int({kUInt8, 1}, v); };
  EXPECT_EQ(b.known_int(b.add(u8(200), u8(100))), 44);
  const auto i32 = [&](int64_t v) { return b.constant_int({kInt32, 1}, v); };
  EXPECT_EQ(b.known_int(b.add(i32(2147483647), i32(1))), -2147483648LL);
  EXPECT_EQ(b.known_int(b.shr(i32(-8), i32(1))), -4);
  const auto u32 = [&](int64_t v) { return b.constant_int({kUInt32, 1}, v); };
  EXPECT_EQ(b.known_int(b.mul_high(u32(0x80000000LL), u32(6))), 3);
  EXPECT_EQ(b.known_int(b.convert(u32(0xFFFFFFFFLL), kInt32)), -1);
}

TEST(LoopBuilderFold, FloatsOnlyWhereEveryBitStays) {
  LoopBuilder b("k");
  const Value x = b.scalar("x", kFloat32);
  const Value zero = b.constant({kFloat32, 1}, 0.0), one = b.constant({kFloat32, 1}, 1.0);
  EXPECT_EQ(b.mul(x, one), x);
  EXPECT_EQ(b.mul(one, x), x);
  EXPECT_EQ(b.div(x, one), x);
  EXPECT_EQ(b.neg(b.neg(x)), x);
  EXPECT_EQ(b.abs(b.neg(x)), b.abs(x));
  EXPECT_NE(b.add(x, zero), x) << "-0 + 0 is +0";
  EXPECT_NE(b.sub(x, x), zero) << "inf - inf is NaN";
  EXPECT_NE(b.mul(x, zero), zero);
}

TEST(LoopBuilderFold, SelectsMasksAndLanes) {
  LoopBuilder b("k");
  const Value x = b.scalar("x", kFloat32), y = b.scalar("y", kFloat32);
  const Value yes = b.constant_int({kBool, 1}, 1), no = b.constant_int({kBool, 1}, 0);
  EXPECT_EQ(b.select(yes, x, y), x);
  EXPECT_EQ(b.select(no, x, y), y);
  EXPECT_EQ(b.extract(b.broadcast(x, 8), 3), x);
  EXPECT_EQ(b.known_int(b.extract(b.iota({kInt32, 8}), 3)), 3);
  EXPECT_EQ(b.reduce(OpCode::kReduceAdd, x), x);
  const Value v = b.broadcast(x, 4), w = b.broadcast(y, 4);
  EXPECT_EQ(b.shuffle(v, w, {0, 1, 2, 3}), v);
  EXPECT_EQ(b.shuffle(v, w, {4, 5, 6, 7}), w);
  EXPECT_NE(b.shuffle(v, w, {0, 4, 1, 5}), v);
  EXPECT_EQ(b.bit_not(b.bit_not(b.lt(x, y))), b.lt(x, y));
}

TEST(LoopBuilderMerge, EqualValuesOfEnclosingBlocks) {
  LoopBuilder b("k");
  const Value n = b.scalar("n"), m = b.scalar("m");
  const Value outer = b.mul(n, m);
  b.for_loop(b.i64(0), n, 1, [&](Value i) {
    EXPECT_EQ(b.mul(n, m), outer);
    const Value inner = b.add(i, m);
    EXPECT_EQ(b.add(i, m), inner);
  });
  Value sibling;
  b.if_then(b.lt(n, m), [&] { sibling = b.sub(n, m); });
  EXPECT_NE(b.sub(n, m), sibling) << "a value of a closed block is not visible";
}

TEST(LoopBuilderMerge, StopsAtParallel) {
  LoopBuilder b("k");
  const Value n = b.scalar("n");
  const Value outside = b.mul(n, b.i64(3));
  b.parallel(n, [&](Value) { EXPECT_NE(b.mul(n, b.i64(3)), outside); });
}

TEST(LoopBuilderMerge, LoadsAreNotPure) {
  LoopBuilder b("k");
  const BufferId x = b.buffer({.name = "x"});
  EXPECT_NE(b.load(x, b.i64(0)), b.load(x, b.i64(0)));
}

TEST(LoopBuilderControl, LoopsOfKnownTripsVanish) {
  LoopBuilder b("k");
  const BufferId x = b.buffer({.name = "x", .written = true});
  b.for_loop(b.i64(5), b.i64(5), 1, [&](Value) { ADD_FAILURE() << "no trip"; });
  b.for_loop(b.i64(5), b.i64(6), 1, [&](Value i) {
    EXPECT_EQ(b.known_int(i), 5);
    b.store(x, b.constant({kFloat32, 1}, 1.0), i);
  });
  b.parallel(b.i64(1), [&](Value chunk) { EXPECT_EQ(b.known_int(chunk), 0); });
  b.if_else(
      b.constant_int({kBool, 1}, 0), [&]() -> LoopBuilder::Values { return ADD_FAILURE(), LoopBuilder::Values{}; },
      [&]() -> LoopBuilder::Values { return {}; });
  const Kernel k = std::move(b).finish();
  EXPECT_EQ(count(k, "for "), 0);
  EXPECT_EQ(count(k, "parallel "), 0);
  EXPECT_EQ(count(k, "store "), 1);
}

/// (extent, lanes) -> loops, tails
struct VectorForCase {
  int64_t extent;
  int lanes, loops, ifs, bodies;
};
class VectorFor : public ::testing::TestWithParam<VectorForCase> {};
TEST_P(VectorFor, BuildsOnlyWhatTheExtentNeeds) {
  const auto& c = GetParam();
  LoopBuilder b("k");
  const BufferId x = b.buffer({.name = "x", .written = true});
  const Value start = b.scalar("start");
  int bodies = 0;
  b.vector_for(start, b.add(start, b.i64(c.extent)), c.lanes, [&](Value i, Value mask) {
    ++bodies;
    b.store(x, b.constant({kFloat32, c.lanes}, 1.0), i, mask);
  });
  const Kernel k = std::move(b).finish();
  EXPECT_TRUE(verify(k));
  EXPECT_EQ(bodies, c.bodies);
  EXPECT_EQ(count(k, "for "), c.loops) << print(k);
  EXPECT_EQ(count(k, "if "), c.ifs) << print(k);
}
INSTANTIATE_TEST_SUITE_P(Extents, VectorFor,
                         ::testing::Values(VectorForCase{0, 8, 0, 0, 0}, VectorForCase{5, 8, 0, 0, 1},
                                           VectorForCase{8, 8, 0, 0, 1}, VectorForCase{11, 8, 0, 0, 2},
                                           VectorForCase{16, 8, 1, 0, 1}, VectorForCase{20, 8, 1, 0, 2},
                                           VectorForCase{20, 1, 1, 0, 1}));

TEST(LoopBuilderFinish, DropsWhatNobodyUses) {
  LoopBuilder b("k");
  const BufferId x = b.buffer({.name = "x"});
  const Value n = b.scalar("n");
  b.mul(b.load(x, b.add(n, b.i64(1))), b.constant({kFloat32, 1}, 3.0));
  const Kernel k = std::move(b).finish();
  EXPECT_EQ(k.body.insts.size(), 1u) << print(k);
}

TEST(LoopBuilderCheck, WrongTypesThrow) {
  LoopBuilder b("k");
  const Value n = b.scalar("n"), x = b.scalar("x", kFloat32);
  const BufferId y = b.buffer({.name = "y"});
  EXPECT_THROW(b.add(n, x), Exception);
  EXPECT_THROW(b.fma(n, n, n), Exception);
  EXPECT_THROW(b.select(n, x, x), Exception);
  EXPECT_THROW(b.store(y, n, n), Exception);
  EXPECT_THROW(b.bitcast(n, kFloat32), Exception);
  EXPECT_THROW(b.extract(x, 1), Exception);
  EXPECT_THROW(b.reduce(OpCode::kReduceAdd, b.broadcast(x, 3)), Exception);
  EXPECT_THROW(b.for_loop(n, n, 0, [](Value) {}), Exception);
  EXPECT_THROW(b.parallel(n, [&](Value c) { b.parallel(c, [](Value) {}); }), Exception);
  const BufferId table = b.buffer({.name = "table", .space = Space::kTable});
  EXPECT_THROW(b.load(table, n), Exception);
  EXPECT_THROW(b.with_row(x, [] {}), Exception);
}

TEST(LoopBuilderScalar, IsVisibleEverywhereWhereverItIsMade) {
  LoopBuilder b("k");
  const BufferId y = b.buffer({.name = "y", .written = true});
  const Value n = b.scalar("n");
  Value a;
  b.for_loop(b.i64(0), n, 1, [&](Value) { a = b.scalar("a", kFloat32); });
  b.store(y, a, n);
  const Kernel k = std::move(b).finish();
  EXPECT_TRUE(verify(k)) << verify(k).error().str();
  EXPECT_EQ(k.type(a), (Type{kFloat32, 1}));
}

TEST(LoopBuilderTypes, ScalarsAreBroadcast) {
  LoopBuilder b("k");
  const Value x = b.scalar("x", kFloat32);
  const Value v = b.constant(kF32x8, 2.0);
  EXPECT_EQ(b.type(b.add(x, v)), kF32x8);
  EXPECT_EQ(b.type(b.lt(v, x)), kF32x8.with(kBool));
  EXPECT_EQ(b.type(b.select(b.lt(x, x), v, x)), kF32x8);
  EXPECT_EQ(b.type(b.convert(v, kInt64)), kF32x8.with(kInt64));
  EXPECT_EQ(b.type(b.i64(1)), kI64);
}

}  // namespace
}  // namespace dlc::backend::loops
