// Every element-wise, lane and memory instruction, on every element type and several widths, compiled
// for each feature class that the machine has, against the loops interpreter: same bits.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "backend/loops/op_info.h"
#include "tests/backend/native_testing.h"

namespace dlc::backend {
namespace {

using loops::BufferId;
using loops::Kernel;
using loops::LoopBuilder;
using loops::OpCode;
using loops::Value;

constexpr int kSide = 32;  // all pairs of this many values

/// Values at the edges of a type, and ordinary ones.
std::vector<double> edge_values(DType t) {
  if (t == kBool) return {0, 1};
  if (is_unsigned_int(t))
    return {0, 1, 2, 3, 7, 100, 127, 128, 200, 255, 65536, 2147483647.0, 2147483648.0, 4294967295.0, 1e19};
  if (is_int(t))
    return {0, 1, -1, 2, -2, 3, 7, -100, 12345, 2147483647.0, -2147483648.0, 4294967296.0, -9.3e18, 9.3e18, 1 << 23};
  const double tiny = t == kFloat32 ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
  return {0.0,      -0.0,      1.0,          -1.0,  0.5,     -0.5,        1.5,
          2.5,      -2.5,      0.49999997,   3.7,   -3.7,    1e10,        -1e10,
          3e9,      -3e9,      1e30,         -1e30, 8388609, -8388607.5,  4503599627370497.5,
          HUGE_VAL, -HUGE_VAL, std::nan(""), tiny,  -tiny,   tiny * 0.25, 255.5,
          256};
}

/// Element (i, j) of the left operand depends on i, of the right one on j.
Array operand(DType t, bool right, uint32_t seed) {
  std::vector<double> values = edge_values(t);
  std::mt19937 random(seed);
  while (values.size() < kSide) {
    const double magnitude = t == kUInt8 ? 200 : 1000;
    const double x = (static_cast<double>(random()) / 4294967296.0 - (is_unsigned_int(t) ? 0 : 0.5)) * magnitude;
    values.push_back(t == kBool ? static_cast<double>(random() & 1) : x);
  }
  Array a = Array::uninitialized(t, {kSide * kSide});
  for (int64_t i = 0; i < kSide * kSide; ++i)
    a.set_from_double(i, values[static_cast<size_t>(right ? i % kSide : i / kSide)]);
  return a;
}

/// Right operands that division and shifts are defined for.
Array guarded(DType t, OpCode op) {
  Array a = operand(t, true, 7);
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    const double x = a.value_as_double(i);
    if (op == OpCode::kShl || op == OpCode::kShr)
      a.set_from_double(i, static_cast<double>(i % (8 * static_cast<int64_t>(size_of(t)))));
    if ((op == OpCode::kDiv || op == OpCode::kRem) && is_int(t) && (x == 0 || x == -1)) a.set_from_double(i, 5);
  }
  return a;
}

struct Case {
  Kernel kernel;
  std::vector<Array> buffers;
};

/// out[i] = body(x[i], y[i], z[i]) for all elements.
template <typename Body>
Case make_case(const std::string& name, DType in, DType out, int lanes, OpCode guard, const Body& body) {
  LoopBuilder b(name);
  const BufferId x = b.buffer({.name = "x", .elem = in}), y = b.buffer({.name = "y", .elem = in}),
                 z = b.buffer({.name = "z", .elem = in}), o = b.buffer({.name = "o", .elem = out, .written = true});
  b.for_loop(b.i64(0), b.scalar("n"), lanes,
             [&](Value i) { b.store(o, body(b, b.load(x, i, lanes), b.load(y, i, lanes), b.load(z, i, lanes)), i); });
  return {std::move(b).finish(),
          {operand(in, false, 5), guarded(in, guard), operand(in, true, 9), Array(out, {kSide * kSide})}};
}

bool has_meaning(OpCode op, DType t) {
  switch (op) {
    case OpCode::kNot:
    case OpCode::kAnd:
    case OpCode::kOr:
    case OpCode::kXor: return !is_float(t);
    case OpCode::kNeg:
    case OpCode::kAbs:
    case OpCode::kAdd:
    case OpCode::kSub:
    case OpCode::kMul:
    case OpCode::kDiv:
    case OpCode::kMin:
    case OpCode::kMax:
    case OpCode::kLt:
    case OpCode::kLe:
    case OpCode::kGt:
    case OpCode::kGe: return is_number(t);
    case OpCode::kRem:
    case OpCode::kShl:
    case OpCode::kShr: return is_int(t);
    case OpCode::kMulHigh: return t == kUInt32;
    case OpCode::kEq:
    case OpCode::kNe: return true;
    default: return is_float(t);
  }
}

std::vector<Case> element_cases(int lanes) {
  std::vector<Case> cases;
  for (int o = 0; o <= static_cast<int>(OpCode::kGe); ++o) {
    const auto op = static_cast<OpCode>(o);
    const loops::OpGroup group = loops::op_info(op).group;
    if (group == loops::OpGroup::kLeaf) continue;
    for (const DType t : kAllDTypes) {
      if (!has_meaning(op, t)) continue;
      const DType out = group == loops::OpGroup::kCompare ? kBool : t;
      const std::string name = fmt::format("{}_{}x{}", to_string(op), t, lanes);
      cases.push_back(make_case(name, t, out, lanes, op, [&](LoopBuilder& b, Value x, Value y, Value) {
        return group == loops::OpGroup::kUnary ? b.unary(op, x) : b.binary(op, x, y);
      }));
    }
  }
  return cases;
}

void add_casts(std::vector<Case>& cases, int lanes) {
  for (const DType from : kAllDTypes) {
    for (const DType to : kAllDTypes) {
      const std::string name = fmt::format("{}_{}x{}", from, to, lanes);
      cases.push_back(make_case("convert_" + name, from, to, lanes, OpCode::kAdd,
                                [&](LoopBuilder& b, Value x, Value, Value) { return b.convert(x, to); }));
      if (size_of(from) != size_of(to) || from == kBool || to == kBool) continue;
      cases.push_back(make_case("bitcast_" + name, from, to, lanes, OpCode::kAdd,
                                [&](LoopBuilder& b, Value x, Value, Value) { return b.bitcast(x, to); }));
    }
    cases.push_back(make_case(fmt::format("select_{}x{}", from, lanes), from, from, lanes, OpCode::kAdd,
                              [&](LoopBuilder& b, Value x, Value y, Value z) { return b.select(b.eq(y, z), x, y); }));
  }
}

void add_fma(std::vector<Case>& cases, int lanes) {
  for (const DType t : {kFloat32, kFloat64}) {
    cases.push_back(make_case(fmt::format("fma_{}x{}", t, lanes), t, t, lanes, OpCode::kAdd,
                              [&](LoopBuilder& b, Value x, Value y, Value z) { return b.fma(x, y, z); }));
  }
}

void add_vector_ops(std::vector<Case>& cases, int lanes) {
  for (const DType t : kAllDTypes) {
    std::vector<int> reversed(static_cast<size_t>(lanes));
    for (int i = 0; i < lanes; ++i) reversed[static_cast<size_t>(i)] = 2 * lanes - 1 - 2 * i;
    cases.push_back(make_case(fmt::format("shuffle_{}x{}", t, lanes), t, t, lanes, OpCode::kAdd,
                              [&](LoopBuilder& b, Value x, Value y, Value) { return b.shuffle(y, x, reversed); }));
    cases.push_back(
        make_case(fmt::format("extract_{}x{}", t, lanes), t, t, lanes, OpCode::kAdd,
                  [&](LoopBuilder& b, Value, Value y, Value) { return b.broadcast(b.extract(y, lanes - 1), lanes); }));
    for (const OpCode op : {OpCode::kReduceAdd, OpCode::kReduceMul, OpCode::kReduceMin, OpCode::kReduceMax,
                            OpCode::kReduceAnd, OpCode::kReduceOr}) {
      const bool bitwise = op == OpCode::kReduceAnd || op == OpCode::kReduceOr;
      if (bitwise ? is_float(t) : t == kBool) continue;
      cases.push_back(
          make_case(fmt::format("{}_{}x{}", to_string(op), t, lanes), t, t, lanes, OpCode::kAdd,
                    [&](LoopBuilder& b, Value, Value y, Value) { return b.broadcast(b.reduce(op, y), lanes); }));
    }
  }
}

class NativeElements : public ::testing::TestWithParam<std::string> {
 protected:
  void run(std::vector<Case> cases) {
    std::vector<Kernel> kernels;
    for (const Case& c : cases) {
      value_or_throw(loops::verify(c.kernel));
      kernels.push_back(c.kernel);
    }
    const auto program = value_or_throw(compile_native(kernels, {}, testing::options_for(GetParam())));
    EXPECT_EQ(program->stats().kernels_compiled, static_cast<int>(cases.size()));
    for (const Case& c : cases) {
      const std::vector<int64_t> scalars = {kSide * kSide};
      const testing::Outcome expected = testing::run_interpreted(c.kernel, c.buffers, scalars);
      const testing::Outcome found = testing::run_native(program->kernel(c.kernel.name), c.buffers, scalars);
      EXPECT_TRUE(testing::same_arrays(expected.buffers[3], found.buffers[3])) << c.kernel.name;
    }
    const std::string object =
        value_or_throw(emit_native(kernels, {}, testing::options_for(GetParam()), NativeText::kObject));
    for (const std::string& symbol : value_or_throw(undefined_symbols(object)))
      EXPECT_TRUE(symbol == "memcpy" || symbol == "memmove" || symbol == "memset") << symbol;
  }
  bool has_fma() const { return native_target(GetParam()).value().has_fma; }
};

TEST_P(NativeElements, Scalars) { run(element_cases(1)); }
TEST_P(NativeElements, FourLanes) { run(element_cases(4)); }
TEST_P(NativeElements, SixteenLanes) { run(element_cases(16)); }

TEST_P(NativeElements, CastsAndSelect) {
  std::vector<Case> cases;
  for (const int lanes : {1, 8, 16}) add_casts(cases, lanes);
  run(std::move(cases));
}

TEST_P(NativeElements, LanesMoveAndReduce) {
  std::vector<Case> cases;
  for (const int lanes : {2, 8, 32}) add_vector_ops(cases, lanes);
  run(std::move(cases));
}

TEST_P(NativeElements, FmaIsOneRoundingOrRefused) {
  std::vector<Case> cases;
  for (const int lanes : {1, 16}) add_fma(cases, lanes);
  if (has_fma()) return run(std::move(cases));
  const auto refused = compile_native({&cases[0].kernel, 1}, {}, testing::options_for(GetParam()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnimplemented);
  EXPECT_NE(refused.error().message.find("fma"), std::string::npos) << refused.error().message;
}

INSTANTIATE_TEST_SUITE_P(Targets, NativeElements, ::testing::ValuesIn(testing::targets_here()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace dlc::backend
