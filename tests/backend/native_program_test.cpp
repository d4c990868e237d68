// Programs: the step, reuse of kernels, texts, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/backend/native_testing.h"

namespace dlc::backend {
namespace {

using loops::BufferId;
using loops::Kernel;
using loops::LoopBuilder;
using loops::Value;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;

/// y[0] = y[0] * factor + addend (i64), where the addend is a scalar parameter.
Kernel affine(const std::string& name, int64_t factor) {
  LoopBuilder b(name);
  const BufferId y = b.buffer({.name = "y", .elem = kInt64, .written = true});
  const Value addend = b.scalar("addend");
  b.store(y, b.add(b.mul(b.load(y, b.i64(0)), b.i64(factor)), addend), b.i64(0));
  return std::move(b).finish();
}

/// Fails at `site` if x[0] < 0.
Kernel check(const std::string& name, int64_t site) {
  LoopBuilder b(name);
  const BufferId x = b.buffer({.name = "x", .elem = kInt64});
  const Value v = b.load(x, b.i64(0));
  b.fault(b.lt(v, b.i64(0)), b.i64(site), b.i64(0), v);
  return std::move(b).finish();
}

/// Sums n rows of 1000 in parallel.
Kernel row_sums(const std::string& name) {
  LoopBuilder b(name);
  const BufferId x = b.buffer({.name = "x"}), y = b.buffer({.name = "y", .written = true});
  b.parallel(b.scalar("n"), [&](Value c) {
    const auto sum = b.for_loop(b.i64(0), b.i64(1000), 1, {b.constant({kFloat32, 1}, 0)},
                                [&](Value i, const LoopBuilder::Values& v) {
                                  return LoopBuilder::Values{b.add(v[0], b.load(x, b.add(b.mul(c, b.i64(1000)), i)))};
                                });
    b.store(y, sum[0], c);
  });
  return std::move(b).finish();
}

StepNode call(const std::string& kernel, int64_t buffers_at = 0, int64_t scalars_at = 0) {
  return {.kind = StepNode::kCall, .kernel = kernel, .buffers_at = buffers_at, .scalars_at = scalars_at};
}
StepNode seq(std::vector<StepNode> children) { return {.kind = StepNode::kSeq, .children = std::move(children)}; }
StepNode check_fault() { return {.kind = StepNode::kCheckFault}; }

TEST(NativeProgram, StepCallsKernelsInOrderWithTheirSlices) {
  const std::vector<Kernel> kernels = {affine("times3", 3), affine("times10", 10)};
  // A sequence in a sequence is no more than its members.
  const StepNode step = seq({call("times3", 0, 0), seq({call("times10", 1, 1), call("times3", 1, 2)})});
  const auto program = value_or_throw(compile_native(kernels, step, testing::options_for()));
  int64_t a = 5, b = 7;
  void* buffers[] = {&a, &b};
  const int64_t scalars[] = {1, 2, 4};
  runtime::Context context;
  runtime::run_entry(program->entry(), context, buffers, scalars);
  EXPECT_EQ(a, 16);
  EXPECT_EQ(b, (7 * 10 + 2) * 3 + 4);
  EXPECT_GT(program->stats().code_bytes, 0);
  EXPECT_GT(program->stats().compile_ms, 0);
  EXPECT_EQ(program->kernel("nobody"), nullptr);
}

TEST(NativeProgram, StepEndsAfterACheckThatFailed) {
  const std::vector<Kernel> kernels = {check("check3", 3), affine("add", 1)};
  const StepNode step = seq({call("check3"), check_fault(), call("add", 1)});
  const auto program = value_or_throw(compile_native(kernels, step, testing::options_for()));
  runtime::Context context;
  int64_t x = 1, y = 10;
  void* buffers[] = {&x, &y};
  const int64_t scalars[] = {1};
  runtime::run_entry(program->entry(), context, buffers, scalars);
  EXPECT_EQ(y, 11);
  x = -4;
  runtime::run_entry(program->entry(), context, buffers, scalars);
  EXPECT_EQ(y, 11) << "phase 2 must not run";
  EXPECT_EQ(context.fault(), (runtime::Fault{3, 0, -4}));
}

TEST(NativeProgram, EqualKernelsAreCompiledOnce) {
  const std::vector<Kernel> kernels = {affine("reuse-test-a", 2), affine("reuse-test-b", 3)};
  auto first = value_or_throw(compile_native(kernels, {}, {.disk_cache = "off"}));
  EXPECT_EQ(first->stats().kernels_compiled, 2);
  auto second = value_or_throw(compile_native({&kernels[1], 1}, {}, {}));
  EXPECT_EQ(second->stats().kernels_compiled, 0);
  EXPECT_EQ(second->stats().kernels_reused, 1);
  EXPECT_EQ(first->kernel("reuse-test-b"), second->kernel("reuse-test-b"));
  const auto other_target =
      value_or_throw(compile_native({&kernels[1], 1}, {}, {.target = "sse2", .disk_cache = "off"}));
  EXPECT_EQ(other_target->stats().kernels_reused, 0);

  first.reset();
  int64_t y = 5;
  void* buffers[] = {&y};
  const int64_t scalars[] = {1};
  runtime::Context context;
  runtime::run_entry(second->kernel("reuse-test-b"), context, buffers, scalars);
  EXPECT_EQ(y, 16);
  second.reset();
  EXPECT_EQ(value_or_throw(compile_native(kernels, {}, {}))->stats().kernels_reused, 2) << "kept by the cache";
}

TEST(NativeProgram, ARepeatedNameIsOneKernel) {
  const std::vector<Kernel> kernels = {affine("twice", 2), affine("twice", 2)};
  EXPECT_EQ(value_or_throw(compile_native(kernels, {}, testing::options_for()))->stats().kernels_compiled, 1);
}

TEST(NativeProgram, ManyThreadsCompileAndRunAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Kernel> kernels;
      StepNode step;
      for (int i = 0; i < 8; ++i) {
        kernels.push_back(affine(fmt::format("k{}_{}", t, i), i + 2));
        step.children.push_back(call(kernels.back().name));
      }
      const auto program = value_or_throw(compile_native(kernels, step, {.compile_threads = 3, .verify = true}));
      int64_t y = 1;
      void* buffers[] = {&y};
      const int64_t scalars[] = {0};
      runtime::Context context;
      runtime::run_entry(program->entry(), context, buffers, scalars);
      if (y == 362880) ++good;
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(good, 6);
}

TEST(NativeProgram, EmptyPrograms) {
  const auto nothing = value_or_throw(compile_native({}, {}, {}));
  EXPECT_EQ(nothing->entry(), nullptr);
  EXPECT_EQ(nothing->stats().kernels_compiled, 0);
}

TEST(NativeProgram, ErrorsSayWhatIsWrong) {
  const Kernel k = affine("k", 2);
  const auto unknown = compile_native({&k, 1}, {}, {.target = "z80"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(unknown.error().message, HasSubstr("unknown target 'z80'"));

  const auto missing = compile_native({&k, 1}, seq({call("k"), call("other")}), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("'other'"));

  LoopBuilder b("remainder");
  const BufferId x = b.buffer({.name = "x", .written = true});
  const Value v = b.load(x, b.i64(0));
  b.store(x, b.rem(v, b.load(x, b.i64(1))), b.i64(0));
  const Kernel rem = std::move(b).finish();
  const auto call_of_fmod = compile_native({&rem, 1}, {}, {});
  ASSERT_FALSE(call_of_fmod);
  EXPECT_EQ(call_of_fmod.error().code, ErrorCode::kUnimplemented);
  EXPECT_THAT(call_of_fmod.error().message, HasSubstr("rem"));
}

TEST(NativeProgram, TextsShowTheKernel) {
  const std::vector<Kernel> kernels = {row_sums("row_sums"), affine("a", 3)};
  const StepNode step = seq({call("row_sums"), call("a", 1), check_fault()});
  for (const char* target : {"sse2", "avx2", "avx512", "host"}) {
    const NativeOptions options = testing::options_for(target);
    const std::string ir = value_or_throw(emit_native(kernels, step, options, NativeText::kLlvm));
    EXPECT_THAT(ir, HasSubstr("define void @row_sums("));
    EXPECT_THAT(ir, HasSubstr("define internal void @row_sums.chunk("));
    EXPECT_THAT(ir, HasSubstr("call void @a("));
    const std::string optimized = value_or_throw(emit_native(kernels, step, options, NativeText::kLlvmOptimized));
    EXPECT_LT(optimized.size(), ir.size());
    const std::string assembly = value_or_throw(emit_native(kernels, step, options, NativeText::kAsm));
    EXPECT_THAT(assembly, HasSubstr("dlc_step:"));
    EXPECT_THAT(assembly, HasSubstr(std::string(target) == "sse2" ? "\taddss\t" : "\tvaddss\t"));
  }
}

TEST(NativeProgram, ObjectsNeedNothingFromOutside) {
  const std::vector<Kernel> kernels = {row_sums("row_sums"), check("c", 1)};
  const StepNode step = seq({call("row_sums"), call("c"), check_fault()});
  const std::string object = value_or_throw(emit_native(kernels, step, {}, NativeText::kObject));
  EXPECT_THAT(value_or_throw(undefined_symbols(object)), IsEmpty());
  EXPECT_FALSE(undefined_symbols("no object at all"));
}

TEST(NativeTarget, HostAndClasses) {
  EXPECT_GE(host_target().vector_bytes, 16);
  EXPECT_GT(host_target().l2_bytes, 0);
  const ir::Target sse2 = native_target("sse2").value(), avx512 = native_target("avx512").value();
  EXPECT_EQ(sse2.lanes(kFloat32), 4);
  EXPECT_FALSE(sse2.has_fma);
  EXPECT_EQ(avx512.lanes(kFloat64), 8);
  EXPECT_EQ(avx512.vector_registers, 32);
  EXPECT_TRUE(runs_here("host"));
  EXPECT_TRUE(runs_here("sse2"));
  EXPECT_FALSE(runs_here("z80"));
}

}  // namespace
}  // namespace dlc::backend
