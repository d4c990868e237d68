// Each rule of the verifier: a good kernel is broken in one place and the error names the rule.
#include "backend/loops/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "backend/loops/builder.h"
#include "backend/loops/printer.h"

namespace dlc::backend::loops {
namespace {

/// parallel { for { load, add, store }, while, if } with scratch and a scalar.
Kernel good() {
  LoopBuilder b("good");
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y", .written = true});
  const BufferId t = b.scratch("t", kFloat32, 16);
  const Value n = b.scalar("n");
  b.parallel(n, [&](Value chunk) {
    b.for_loop(chunk, n, 2, {b.constant({kFloat32, 4}, 0.0)},
               [&](Value i, const LoopBuilder::Values& c) -> LoopBuilder::Values {
                 const Value next = b.add(c[0], b.load(x, i, 4));
                 b.store(t, next, b.i64(0));
                 b.store(y, b.reduce(OpCode::kReduceAdd, next), i);
                 return {next};
               });
    b.while_loop(
        {n}, [&](const LoopBuilder::Values& c) { return b.gt(c[0], b.i64(0)); },
        [&](const LoopBuilder::Values& c) -> LoopBuilder::Values { return {b.sub(c[0], b.i64(1))}; });
    b.if_then(b.lt(chunk, n), [&] { b.store(y, b.load(t, b.i64(1)), chunk); });
  });
  return std::move(b).finish();
}

/// The first instruction of that kind, depth first.
Inst& find(Block& block, OpCode op) {
  const std::function<Inst*(Block&)> search = [&](Block& in) -> Inst* {
    for (Inst& inst : in.insts) {
      if (inst.op == op) return &inst;
      for (Block& inner : inst.blocks)
        if (Inst* found = search(inner)) return found;
    }
    return nullptr;
  };
  Inst* found = search(block);
  DLC_CHECK(found != nullptr, "the good kernel has no {}", static_cast<int>(op));
  return *found;
}

struct Broken {
  const char* name;
  std::function<void(Kernel&)> damage;
  const char* message;
};
void PrintTo(const Broken& b, std::ostream* os) { *os << b.name; }

class LoopsVerifier : public ::testing::TestWithParam<Broken> {};

TEST(LoopsVerifierGood, Passes) {
  const Expected<void> result = verify(good());
  EXPECT_TRUE(result) << result.error().str();
}

TEST_P(LoopsVerifier, Rejects) {
  Kernel k = good();
  GetParam().damage(k);
  const Expected<void> result = verify(k);
  ASSERT_FALSE(result) << print(k);
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_THAT(result.error().message, ::testing::HasSubstr(GetParam().message));
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("kernel @good"));
}

Type& type_of(Kernel& k, Value v) { return k.types[static_cast<size_t>(v.id)]; }

const Broken kBroken[] = {
    {"UndefinedOperand", [](Kernel& k) { find(k.body, OpCode::kAdd).operands[0] = {9999}; }, "must dominate the use"},
    {"EmptyOperand", [](Kernel& k) { find(k.body, OpCode::kAdd).operands[1] = {}; }, "must dominate the use"},
    {"UseOfAnInnerValueOutside",
     [](Kernel& k) {
       Block& chunk = find(k.body, OpCode::kParallel).blocks[0];
       find(chunk, OpCode::kIf).operands[0] = find(chunk, OpCode::kGt).results[0];
     },
     "must dominate the use"},
    {"UseBeforeDefinition",
     [](Kernel& k) {
       Block& body = find(k.body, OpCode::kFor).blocks[0];
       std::swap(body.insts[0], body.insts[1]);
     },
     "must dominate the use"},
    {"DefinedTwice", [](Kernel& k) { find(k.body, OpCode::kAdd).results[0] = find(k.body, OpCode::kLoad).results[0]; },
     "defined twice"},
    {"OperandTypesDiffer", [](Kernel& k) { type_of(k, find(k.body, OpCode::kLoad).results[0]).lanes = 8; },
     "expected f32x4"},
    {"ResultType", [](Kernel& k) { type_of(k, find(k.body, OpCode::kGt).results[0]) = {kInt64, 1}; },
     "results are (i64), expected (bool)"},
    {"OpNotOnThisType",
     [](Kernel& k) { find(find(k.body, OpCode::kWhile).blocks[1], OpCode::kAdd).op = OpCode::kCopySign; },
     "copysign is not defined on i64"},
    {"TooManyOperands",
     [](Kernel& k) {
       Inst& add = find(k.body, OpCode::kAdd);
       add.operands.push_back(add.operands[0]);
     },
     "3 operands, expected 2"},
    {"NoYieldAtTheEnd", [](Kernel& k) { find(k.body, OpCode::kFor).blocks[0].insts.pop_back(); },
     "must end with a yield"},
    {"YieldInTheMiddle",
     [](Kernel& k) {
       Block& body = find(k.body, OpCode::kFor).blocks[0];
       body.insts.insert(body.insts.begin(), body.insts.back());
     },
     "must end its block"},
    {"EmptyBlock", [](Kernel& k) { find(k.body, OpCode::kFor).blocks[0].insts.clear(); }, "an empty block"},
    {"YieldOfTheWrongType",
     [](Kernel& k) {
       Inst& loop = find(k.body, OpCode::kFor);
       loop.blocks[0].insts.back().operands[0] = loop.blocks[0].args[0];
     },
     "yields (i64), expected (f32x4)"},
    {"StepZero", [](Kernel& k) { find(k.body, OpCode::kFor).imm = 0; }, "step 0"},
    {"LoopArguments", [](Kernel& k) { find(k.body, OpCode::kFor).blocks[0].args.pop_back(); }, "expected (i64, f32x4)"},
    {"LoopResults", [](Kernel& k) { find(k.body, OpCode::kFor).results.clear(); }, "results are (), expected (f32x4)"},
    {"WhileConditionMissing",
     [](Kernel& k) {
       std::vector<Value>& yields = find(k.body, OpCode::kWhile).blocks[0].insts.back().operands;
       yields.erase(yields.begin());
     },
     "expected (bool, i64)"},
    {"IfOfAnInteger",
     [](Kernel& k) {
       Block& chunk = find(k.body, OpCode::kParallel).blocks[0];
       find(k.body, OpCode::kIf).operands[0] = chunk.args[0];
     },
     "operand 0 is i64, expected bool"},
    {"ParallelInAnIf",
     [](Kernel& k) {
       Inst& condition = find(k.body, OpCode::kIf);
       Inst inner{.op = OpCode::kParallel, .operands = find(k.body, OpCode::kParallel).operands};
       inner.blocks.emplace_back();
       auto& insts = condition.blocks[0].insts;
       insts.insert(insts.begin(), std::move(inner));
     },
     "below the top level"},
    {"NoSuchBuffer", [](Kernel& k) { find(k.body, OpCode::kLoad).buffer = {17}; }, "there is no buffer 17"},
    {"BufferOfAnotherType", [](Kernel& k) { k.buffers[0].elem = kFloat64; }, "moves f32 in a buffer of f64"},
    {"StoreToReadOnly", [](Kernel& k) { k.buffers[1].written = false; }, "not marked written"},
    {"IndexOfTheWrongType",
     [](Kernel& k) {
       Inst& load = find(k.body, OpCode::kLoad);
       load.operands[0] = find(k.body, OpCode::kFor).blocks[0].args[1];
     },
     "expected an i64 scalar"},
    {"TableWithoutARow", [](Kernel& k) { k.buffers[0].space = Space::kTable; }, "1 operands, expected 2"},
    {"RowOfTheWrongType",
     [](Kernel& k) {
       k.buffers[0].space = Space::kTable;
       find(k.body, OpCode::kLoad).operands.push_back(find(k.body, OpCode::kFor).blocks[0].args[1]);
     },
     "operand 1 is f32x4, expected i64"},
    {"RowOfNoTable",
     [](Kernel& k) { find(k.body, OpCode::kLoad).operands.push_back(find(k.body, OpCode::kFor).blocks[0].args[0]); },
     "2 operands, expected 1"},
    {"MaskMissing", [](Kernel& k) { find(k.body, OpCode::kLoad).masked = true; }, "1 operands, expected 2"},
    {"Alignment", [](Kernel& k) { find(k.body, OpCode::kLoad).imm = 48; }, "expected a power of two"},
    {"NoSuchScalar", [](Kernel& k) { find(k.body, OpCode::kScalar).imm = 1; }, "there is no scalar 1"},
    {"ScalarType", [](Kernel& k) { k.scalars[0].type = kInt32; }, "results are (i64), expected (i32)"},
    {"ConstantBits", [](Kernel& k) { find(k.body, OpCode::kConstant).bits = uint64_t{1} << 40; }, "do not fit f32"},
    {"Lanes", [](Kernel& k) { k.types[0].lanes = 0; }, "has 0 lanes"},
    {"ReduceOfThreeLanes",
     [](Kernel& k) {
       for (Type& t : k.types)
         if (t == Type{kFloat32, 4}) t.lanes = 3;
     },
     "expected a power of two"},
    {"BigScratch", [](Kernel& k) { k.buffers[2].size = kMaxScratchBytes; }, "bytes of scratch, at most"},
    {"SameName", [](Kernel& k) { k.buffers[1].name = "x"; }, "needs a name of its own"},
    {"SizeOfAParameter", [](Kernel& k) { k.buffers[0].size = 3; }, "which only scratch has"},
    {"BodyArguments", [](Kernel& k) { k.body.args.push_back({0}); }, "the body has 1 arguments"},
};

INSTANTIATE_TEST_SUITE_P(Rules, LoopsVerifier, ::testing::ValuesIn(kBroken),
                         [](const ::testing::TestParamInfo<Broken>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dlc::backend::loops
