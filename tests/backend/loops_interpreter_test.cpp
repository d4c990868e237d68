#include "backend/loops/interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include "backend/loops/builder.h"
#include "backend/loops/printer.h"
#include "backend/loops/verifier.h"

namespace dlc::backend::loops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = LoopBuilder::Values;

template <typename T>
BufferArg arg(std::vector<T>& v) {
  return {v.data(), static_cast<int64_t>(v.size())};
}

Kernel finish(LoopBuilder b) {
  Kernel k = std::move(b).finish();
  const Expected<void> verified = verify(k);
  DLC_CHECK(verified, "{}\n{}", verified.error().str(), print(k));
  return k;
}

void expect_ok(const Kernel& k, const RunArgs& args) {
  const Expected<void> result = interpret(k, args);
  EXPECT_TRUE(result) << result.error().str() << "\n" << print(k);
}

void expect_error(const Kernel& k, const RunArgs& args, ErrorCode code, const std::string& message) {
  const Expected<void> result = interpret(k, args);
  ASSERT_FALSE(result) << "expected an error with: " << message;
  EXPECT_EQ(result.error().code, code);
  EXPECT_THAT(result.error().message, HasSubstr(message));
}

/// y[i] = 2 x[i] over [0, n) with vectors of 4.
Kernel doubling() {
  LoopBuilder b("doubling");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y"});
  b.vector_for(b.i64(0), b.scalar("n"), 4, [&](Value i, Value mask) {
    b.store(y, b.mul(b.load(x, i, 4, mask), b.constant({kFloat32, 1}, 2.0)), i, mask);
  });
  return finish(std::move(b));
}

TEST(LoopsInterpreter, VectorLoopAndTailForEverySize) {
  for (int64_t n = 0; n <= 13; ++n) {
    std::vector<float> x(static_cast<size_t>(n)), y(static_cast<size_t>(n)), expected(static_cast<size_t>(n));
    std::iota(x.begin(), x.end(), 1.0f);
    for (size_t i = 0; i < x.size(); ++i) expected[i] = 2 * x[i];
    expect_ok(doubling(), {.buffers = {arg(x), arg(y)}, .scalars = {n}});
    EXPECT_EQ(y, expected) << n;
  }
}

TEST(LoopsInterpreter, NegativeExtentsRunNothing) {
  std::vector<float> x(4), y(4, 7.0f);
  expect_ok(doubling(), {.buffers = {arg(x), arg(y)}, .scalars = {-5}});
  EXPECT_THAT(y, ElementsAre(7, 7, 7, 7));
}

TEST(LoopsInterpreter, CatchesAccessesOutOfBounds) {
  std::vector<float> x(10), y(10), short_y(9);
  expect_error(doubling(), {.buffers = {arg(x), arg(short_y)}, .scalars = {10}}, ErrorCode::kOutOfRange,
               "element 9 of buffer 'y', which has 9: in `store %y[");
  LoopBuilder b("before");
  const BufferId z = b.buffer({.name = "z"});
  b.store(z, b.load(z, b.i64(-1)), b.i64(0));
  expect_error(finish(std::move(b)), {.buffers = {arg(x)}}, ErrorCode::kOutOfRange, "element -1 of buffer 'z'");
}

TEST(LoopsInterpreter, MaskedOffLanesAreZeroAndNotAccessed) {
  LoopBuilder b("masked");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y"});
  const Value mask = b.tail_mask(b.i64(0), b.scalar("n"), 4);
  b.store(y, b.load(x, b.i64(0), 4, mask), b.i64(0));
  std::vector<float> x_data{1, 2}, y_data(4, 9.0f);
  expect_ok(finish(std::move(b)), {.buffers = {arg(x_data), arg(y_data)}, .scalars = {2}});
  EXPECT_THAT(y_data, ElementsAre(1, 2, 0, 0));
}

TEST(LoopsInterpreter, GatherScatterShuffleAndLaterLanesWin) {
  LoopBuilder b("lanes");
  const BufferId x = b.buffer({.name = "x", .elem = kInt32}), at = b.buffer({.name = "at", .elem = kInt64});
  const BufferId y = b.buffer({.name = "y", .elem = kInt32}), z = b.buffer({.name = "z", .elem = kInt32});
  const Value indices = b.load(at, b.i64(0), 4);
  const Value picked = b.gather(x, indices);
  b.store(y, b.shuffle(picked, b.iota({kInt32, 4}), {3, 2, 1, 0, 7, 4}), b.i64(0));
  b.scatter(z, b.iota({kInt32, 4}), indices);
  std::vector<int32_t> x_data{10, 11, 12, 13, 14}, y_data(6), z_data(5, -1);
  std::vector<int64_t> at_data{4, 0, 2, 4};
  expect_ok(finish(std::move(b)), {.buffers = {arg(x_data), arg(at_data), arg(y_data), arg(z_data)}});
  EXPECT_THAT(y_data, ElementsAre(14, 12, 10, 14, 3, 0));
  EXPECT_THAT(z_data, ElementsAre(1, -1, 2, -1, 3));
}

TEST(LoopsInterpreter, ReductionsCombineHalves) {
  LoopBuilder b("reduce");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y"});
  const Value v = b.load(x, b.i64(0), 8);
  b.store(y, b.reduce(OpCode::kReduceAdd, v), b.i64(0));
  b.store(y, b.reduce(OpCode::kReduceMax, v), b.i64(1));
  b.store(y, b.reduce(OpCode::kReduceMin, v), b.i64(2));
  std::vector<float> x_data{1e8f, 1, -1e8f, 1, 3, 4, 5, 6}, y_data(3);
  expect_ok(finish(std::move(b)), {.buffers = {arg(x_data), arg(y_data)}});
  const auto& x8 = x_data;
  const float h0 = x8[0] + x8[4], h1 = x8[1] + x8[5], h2 = x8[2] + x8[6], h3 = x8[3] + x8[7];
  EXPECT_EQ(y_data[0], (h0 + h2) + (h1 + h3));
  EXPECT_EQ(y_data[1], 1e8f);
  EXPECT_EQ(y_data[2], -1e8f);
}

TEST(LoopsInterpreter, CarriedValuesAreCopiedInParallel) {
  // Fibonacci: (a, b) -> (b, a + b); and the same by while.
  LoopBuilder b("fibonacci");
  const BufferId y = b.buffer({.name = "y", .elem = kInt64});
  const Value n = b.scalar("n");
  const Values by_for = b.for_loop(b.i64(0), n, 1, {b.i64(0), b.i64(1)},
                                   [&](Value, const Values& c) -> Values { return {c[1], b.add(c[0], c[1])}; });
  const Values by_while = b.while_loop(
      {b.i64(0), b.i64(1), n}, [&](const Values& c) { return b.gt(c[2], b.i64(0)); },
      [&](const Values& c) -> Values { return {c[1], b.add(c[0], c[1]), b.sub(c[2], b.i64(1))}; });
  b.store(y, by_for[0], b.i64(0));
  b.store(y, by_while[0], b.i64(1));
  const Kernel k = finish(std::move(b));
  std::vector<int64_t> y_data(2);
  expect_ok(k, {.buffers = {arg(y_data)}, .scalars = {10}});
  EXPECT_THAT(y_data, ElementsAre(55, 55));
  expect_ok(k, {.buffers = {arg(y_data)}, .scalars = {0}});
  EXPECT_THAT(y_data, ElementsAre(0, 0));
}

TEST(LoopsInterpreter, IfGivesTheValuesOfItsBranch) {
  LoopBuilder b("pick");
  const BufferId y = b.buffer({.name = "y"});
  const Value x = b.scalar("x", kFloat32);
  const Values v = b.if_else(
      b.lt(x, b.constant({kFloat32, 1}, 0)), [&]() -> Values { return {b.neg(x)}; },
      [&]() -> Values { return {b.sqrt(x)}; });
  b.store(y, v[0], b.i64(0));
  const Kernel k = finish(std::move(b));
  for (const auto& [in, out] : {std::pair{-3.0f, 3.0f}, std::pair{16.0f, 4.0f}}) {
    int64_t slot = -1;  // only the low bytes count
    std::memcpy(&slot, &in, sizeof(in));
    std::vector<float> y_data(1);
    expect_ok(k, {.buffers = {arg(y_data)}, .scalars = {slot}});
    EXPECT_EQ(y_data[0], out);
  }
}

TEST(LoopsInterpreter, WhileWithoutEndStops) {
  LoopBuilder b("forever");
  const BufferId y = b.buffer({.name = "y", .elem = kInt64});
  const Values v = b.while_loop(
      {b.scalar("n")}, [&](const Values& c) { return b.ge(c[0], b.i64(0)); },
      [&](const Values& c) -> Values { return c; });
  b.store(y, v[0], b.i64(0));
  std::vector<int64_t> y_data(1);
  expect_error(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {1}, .max_steps = 1000},
               ErrorCode::kResourceExhausted, "more than 1000 steps");
}

// --- races --------------------------------------------------------------------------------------

/// Each chunk writes y[chunk] = x[chunk + shift].
Kernel chunks(int64_t shift, bool noalias) {
  LoopBuilder b("chunks");
  const BufferId x = b.buffer({.name = "x", .noalias = noalias});
  const BufferId y = b.buffer({.name = "y", .noalias = noalias});
  b.parallel(b.scalar("n"), [&](Value c) { b.store(y, b.load(x, b.add(c, b.i64(shift))), c); });
  return finish(std::move(b));
}

TEST(LoopsRace, DisjointChunksPassInAnyOrder) {
  for (const uint64_t seed : {0, 1, 2, 3}) {
    std::vector<float> x{1, 2, 3, 4, 5}, y(4);
    expect_ok(chunks(1, true), {.buffers = {arg(x), arg(y)}, .scalars = {4}, .chunk_seed = seed});
    EXPECT_THAT(y, ElementsAre(2, 3, 4, 5));
  }
}

TEST(LoopsRace, InPlaceByTheSameChunkIsFine) {
  std::vector<float> x{1, 2, 3, 4};
  expect_ok(chunks(0, false), {.buffers = {arg(x), arg(x)}, .scalars = {4}});
}

TEST(LoopsRace, AliasedParametersOfDifferentChunksAreSeen) {
  std::vector<float> x{1, 2, 3, 4, 5};
  for (const uint64_t seed : {0, 5})
    expect_error(chunks(1, false), {.buffers = {arg(x), arg(x)}, .scalars = {4}, .chunk_seed = seed},
                 ErrorCode::kInternal, "race on element");
}

TEST(LoopsRace, TwoWritersOfOneElement) {
  LoopBuilder b("sum");
  const BufferId y = b.buffer({.name = "y"});
  b.parallel(b.scalar("n"), [&](Value) { b.store(y, b.constant({kFloat32, 1}, 1.0), b.i64(2)); });
  std::vector<float> y_data(4);
  expect_error(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {2}}, ErrorCode::kInternal,
               "race on element 2 of buffer 'y': chunk 1 writes what chunk 0 wrote");
}

TEST(LoopsRace, AWriteAfterManyReaders) {
  LoopBuilder b("last");
  const BufferId y = b.buffer({.name = "y"});
  const Value n = b.scalar("n");
  b.parallel(n, [&](Value c) {
    const Value first = b.load(y, b.i64(0));
    b.if_then(b.eq(c, b.i64(2)), [&] { b.store(y, first, b.i64(0)); });
  });
  std::vector<float> y_data(1);
  expect_error(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {3}}, ErrorCode::kInternal,
               "chunk 2 writes what other chunks read");
}

TEST(LoopsRace, TwoRegionsMayTouchTheSame) {
  LoopBuilder b("two");
  const BufferId y = b.buffer({.name = "y"});
  const Value n = b.scalar("n");
  b.parallel(n, [&](Value c) { b.store(y, b.constant({kFloat32, 1}, 1.0), c); });
  b.parallel(n, [&](Value c) { b.store(y, b.constant({kFloat32, 1}, 2.0), b.sub(b.sub(n, b.i64(1)), c)); });
  std::vector<float> y_data(3);
  expect_ok(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {3}});
  EXPECT_THAT(y_data, ElementsAre(2, 2, 2));
}

TEST(LoopsRace, NoaliasIsHeldToItsWord) {
  LoopBuilder b("serial");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y"});
  b.store(y, b.load(x, b.i64(0)), b.i64(0));
  std::vector<float> data(2);
  expect_error(finish(std::move(b)), {.buffers = {arg(data), arg(data)}}, ErrorCode::kInternal,
               "noalias buffer 'y' shares the stored element with buffer 'x'");
}

// --- tables -------------------------------------------------------------------------------------

/// y[row][i] = x[row][i] for the n elements of each row; chunk c works on row c, or on `row` if given.
Kernel copy_rows(std::optional<int64_t> row = std::nullopt) {
  LoopBuilder b("copy_rows");
  const BufferId x = b.buffer({.name = "x", .space = Space::kTable});
  const BufferId y = b.buffer({.name = "y", .space = Space::kTable});
  const Value rows = b.scalar("rows"), n = b.scalar("n");
  b.parallel(rows, [&](Value c) {
    b.with_row(row ? b.i64(*row) : c,
               [&] { b.for_loop(b.i64(0), n, 1, [&](Value i) { b.store(y, b.load(x, i), i); }); });
  });
  return finish(std::move(b));
}

TEST(LoopsTable, EachRowHasItsBuffers) {
  std::vector<float> x0{1, 2}, y0(2), x1{3, 4, 5}, y1(3);
  expect_ok(copy_rows(), {.buffers = {arg(x0), arg(y0), arg(x1), arg(y1)}, .scalars = {2, 2}, .chunk_seed = 3});
  EXPECT_THAT(y0, ElementsAre(1, 2));
  EXPECT_THAT(y1, ElementsAre(3, 4, 0));
}

TEST(LoopsTable, BoundsAreThoseOfTheRow) {
  std::vector<float> x0(3), y0(3), x1(3), y1(2);
  expect_error(copy_rows(), {.buffers = {arg(x0), arg(y0), arg(x1), arg(y1)}, .scalars = {2, 3}},
               ErrorCode::kOutOfRange, "element 2 of buffer 'y', which has 2");
  expect_error(copy_rows(7), {.buffers = {arg(x0), arg(y0), arg(x1), arg(y1)}, .scalars = {2, 3}},
               ErrorCode::kOutOfRange, "row 7 of table 'x', which has 2");
  expect_error(copy_rows(), {.buffers = {arg(x0), arg(y0), arg(x1)}, .scalars = {1, 2}}, ErrorCode::kInvalidArgument,
               "takes 0 buffers, then rows of 2 and 2 scalars, given 3 and 2");
}

TEST(LoopsTable, RacesAndAliasesBetweenRowsAreSeen) {
  std::vector<float> x0(3), y0(3), x1(3);
  expect_error(copy_rows(1), {.buffers = {arg(x0), arg(y0), arg(x1), arg(y0)}, .scalars = {2, 3}}, ErrorCode::kInternal,
               "noalias buffer 'y' shares the stored element with buffer 'y'");
  Kernel k = copy_rows();
  for (Buffer& b : k.buffers) b.noalias = false;
  expect_error(k, {.buffers = {arg(x0), arg(y0), arg(x1), arg(y0)}, .scalars = {2, 3}}, ErrorCode::kInternal,
               "race on element 0 of buffer 'y': chunk 1 writes what chunk 0 wrote");
}

// --- what else is checked -----------------------------------------------------------------------

TEST(LoopsInterpreter, ScratchIsPrivateToAChunkAndStartsUndefined) {
  LoopBuilder b("scratch");
  const BufferId y = b.buffer({.name = "y"}), t = b.scratch("t", kFloat32, 2);
  b.parallel(b.scalar("n"), [&](Value c) {
    b.if_then(b.eq(c, b.i64(0)), [&] { b.store(t, b.constant({kFloat32, 1}, 1.0), b.i64(0)); });
    b.store(y, b.load(t, b.i64(0)), c);
  });
  std::vector<float> y_data(2);
  expect_error(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {2}}, ErrorCode::kInternal,
               "element 0 of scratch 't' is read before it is written");
}

TEST(LoopsInterpreter, IntegerOperandsOutsideTheContract) {
  struct Case {
    OpCode op;
    int64_t a, b;
    const char* message;
  };
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  for (const Case& c : {Case{OpCode::kDiv, 1, 0, "division by zero"}, Case{OpCode::kRem, 1, 0, "division by zero"},
                        Case{OpCode::kDiv, kMin, -1, "divided by -1"}, Case{OpCode::kShl, 1, 64, "shift of i64"}}) {
    LoopBuilder b("contract");
    const BufferId y = b.buffer({.name = "y", .elem = kInt64});
    const Value a_value = b.scalar("a"), b_value = b.scalar("b");
    b.store(y, b.binary(c.op, a_value, b_value), b.i64(0));
    std::vector<int64_t> y_data(1);
    expect_error(finish(std::move(b)), {.buffers = {arg(y_data)}, .scalars = {c.a, c.b}}, ErrorCode::kArithmetic,
                 c.message);
  }
}

TEST(LoopsInterpreter, AlignmentThatIsPromisedIsChecked) {
  LoopBuilder b("aligned");
  const BufferId y = b.buffer({.name = "y"});
  b.store(y, b.constant({kFloat32, 4}, 1.0), b.scalar("at"), {}, 16);
  const Kernel k = finish(std::move(b));
  alignas(64) float memory[16] = {};
  expect_ok(k, {.buffers = {{memory, 16}}, .scalars = {4}});
  expect_error(k, {.buffers = {{memory, 16}}, .scalars = {5}}, ErrorCode::kInternal, "not aligned to 16 bytes");
}

TEST(LoopsInterpreter, FaultsReportTheFirstLane) {
  LoopBuilder b("check");
  const BufferId x = b.buffer({.name = "x", .elem = kInt64});
  const Value v = b.load(x, b.i64(0), 4);
  b.fault(b.lt(v, b.i64(0)), b.i64(7), b.iota({kInt64, 4}), v);
  const Kernel k = finish(std::move(b));
  std::vector<int64_t> data{3, -4, 5, -6};
  std::vector<int64_t> seen;
  const FaultSink sink = [&](int64_t site, int64_t element, int64_t value) { seen = {site, element, value}; };
  expect_ok(k, {.buffers = {arg(data)}, .fault = sink});
  EXPECT_THAT(seen, ElementsAre(7, 1, -4));
  expect_error(k, {.buffers = {arg(data)}}, ErrorCode::kOutOfRange, "check 7 failed at element 1 with value -4");
}

TEST(LoopsInterpreter, WrongNumberOfArguments) {
  expect_error(doubling(), {.scalars = {1}}, ErrorCode::kInvalidArgument,
               "takes 2 buffers and 1 scalars, given 0 and 1");
}

// --- arithmetic -----------------------------------------------------------------------------------

float run_binary(OpCode op, float x, float y, runtime::FpMode fp = runtime::FpMode::kFlushSubnormals) {
  LoopBuilder b("op");
  const BufferId in = b.buffer({.name = "in"}), out = b.buffer({.name = "out"});
  b.store(out, b.binary(op, b.load(in, b.i64(0)), b.load(in, b.i64(1))), b.i64(0));
  std::vector<float> data{x, y}, result(1);
  expect_ok(finish(std::move(b)), {.buffers = {arg(data), arg(result)}, .fp = fp});
  return result[0];
}

TEST(LoopsArithmetic, MinAndMaxPropagateNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const OpCode op : {OpCode::kMin, OpCode::kMax}) {
    EXPECT_TRUE(std::isnan(run_binary(op, nan, 1)));
    EXPECT_TRUE(std::isnan(run_binary(op, 1, nan)));
  }
  EXPECT_EQ(run_binary(OpCode::kMin, 2, 1), 1);
  EXPECT_EQ(run_binary(OpCode::kMax, 2, 1), 2);
  EXPECT_TRUE(std::signbit(run_binary(OpCode::kMax, 0.0f, -0.0f))) << "neither is greater: the second";
}

TEST(LoopsArithmetic, SubnormalsAreFlushedUnlessKept) {
  const float tiny = std::numeric_limits<float>::min();
  EXPECT_EQ(run_binary(OpCode::kMul, tiny, 0.5f), 0.0f);
  EXPECT_EQ(run_binary(OpCode::kMul, tiny, 0.5f, runtime::FpMode::kKeepSubnormals), tiny / 2);
  EXPECT_EQ(run_binary(OpCode::kAdd, tiny / 2, tiny / 2), 0.0f) << "subnormal operands read as zero";
}

TEST(LoopsArithmetic, FmaRoundsOnce) {
  LoopBuilder b("fma");
  const BufferId in = b.buffer({.name = "in"}), out = b.buffer({.name = "out"});
  const Value x = b.load(in, b.i64(0)), y = b.load(in, b.i64(1)), z = b.load(in, b.i64(2));
  b.store(out, b.fma(x, y, z), b.i64(0));
  b.store(out, b.add(b.mul(x, y), z), b.i64(1));
  const float e = std::ldexp(1.0f, -20);
  std::vector<float> data{1 + e, 1 - e, -1}, result(2);
  expect_ok(finish(std::move(b)), {.buffers = {arg(data), arg(result)}});
  EXPECT_EQ(result[0], -std::ldexp(1.0f, -40));
  EXPECT_EQ(result[1], 0.0f);
}

TEST(LoopsArithmetic, ConversionsSaturate) {
  LoopBuilder b("convert");
  const BufferId in = b.buffer({.name = "in"}), i32 = b.buffer({.name = "i32", .elem = kInt32});
  const BufferId u8 = b.buffer({.name = "u8", .elem = kUInt8}), flag = b.buffer({.name = "flag", .elem = kBool});
  const Value v = b.load(in, b.i64(0), 4);
  b.store(i32, b.convert(v, kInt32), b.i64(0));
  b.store(u8, b.convert(v, kUInt8), b.i64(0));
  b.store(flag, b.convert(v, kBool), b.i64(0));
  std::vector<float> data{1e20f, -1e20f, std::numeric_limits<float>::quiet_NaN(), 2.9f};
  std::vector<int32_t> i32_data(4);
  std::vector<uint8_t> u8_data(4), flag_data(4);
  expect_ok(finish(std::move(b)), {.buffers = {arg(data), arg(i32_data), arg(u8_data), arg(flag_data)}});
  EXPECT_THAT(i32_data, ElementsAre(2147483647, -2147483648LL, 0, 2));
  EXPECT_THAT(u8_data, ElementsAre(255, 0, 0, 2));
  EXPECT_THAT(flag_data, ElementsAre(1, 1, 1, 1));
}

}  // namespace
}  // namespace dlc::backend::loops
