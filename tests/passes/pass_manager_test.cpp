#include "passes/pass_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "ir/parser.h"
#include "ir/rewriter.h"

namespace dlc::passes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<ir::Function> dead_exp() {
  return value_or_throw(ir::parse_function(
      "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  %1 = neg(%x) : f32[4]\n  return %1\n}"));
}

TEST(PassManager, RunsInOrderAndTellsWhatChanged) {
  const auto f = dead_exp();
  std::vector<std::string> seen;
  PassManager manager({.verify_each = true, .after_pass = [&](const PassInfo& pass, const ir::Function&, bool changed) {
                         seen.push_back(fmt::format("{} {}", pass.name, changed));
                       }});
  PassContext context;
  EXPECT_TRUE(value_or_throw(manager.run(*f, value_or_throw(parse_pipeline("cse,dce,dce")), context)));
  EXPECT_THAT(seen, ElementsAre("cse false", "dce true", "dce false"));
  ASSERT_EQ(manager.timings().size(), 2u);
  EXPECT_EQ(manager.timings()[1].runs, 2);
  EXPECT_EQ(manager.timings()[1].changes, 1);
  EXPECT_THAT(manager.timing_table(), HasSubstr("dce"));
}

Expected<bool> changes_in_silence(ir::Function& f, PassContext&) {
  remove_dead_ops(f);
  return false;
}
Expected<bool> forgets_requirements(ir::Function& f, PassContext&) {
  ir::Rewriter(f).clear_requirements();
  return true;
}

TEST(PassManager, LeavesOutWhatWouldChangeNothing) {
  const auto f = dead_exp();
  PassManager manager({.verify_each = false});
  PassContext context;
  const Pipeline pipeline = value_or_throw(parse_pipeline("fold-constants,dce,fold-constants,dce,fold-constants"));
  EXPECT_TRUE(value_or_throw(manager.run(*f, pipeline, context)));
  // dce settles; it changed something after the first fold-constants, and nothing has since the second.
  ASSERT_EQ(manager.timings().size(), 2u);
  EXPECT_EQ(manager.timings()[0].runs, 2);
  EXPECT_EQ(manager.timings()[1].runs, 1);
}

Expected<bool> removes_one_op(ir::Function& f, PassContext&) {
  if (f.num_ops() == 0 || !f.ops().back()->unused()) return false;
  ir::Rewriter(f).erase(*f.ops().back());
  return true;
}

TEST(PassManager, CatchesAPassThatDoesNotSettle) {
  const auto f = value_or_throw(ir::parse_function(
      "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  %1 = exp(%x) : f32[4]\n  return %x\n}"));
  const PassInfo pass = {"slow", "Removes an op a run.", Exactness::kExact, removes_one_op, {}, true};
  PassContext context;
  const Expected<bool> changed = PassManager({.verify_each = true}).run(*f, {&pass, &pass}, context);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().str(), HasSubstr("the pass 'slow' changed @f again"));
}

TEST(PassManager, CatchesAPassThatLies) {
  const auto f = dead_exp();
  const PassInfo pass = {"liar", "Says nothing.", Exactness::kExact, changes_in_silence};
  PassContext context;
  const Expected<bool> changed = PassManager({.verify_each = true}).run(*f, {&pass}, context);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().str(), HasSubstr("the pass 'liar' said that it changed nothing"));
}

TEST(PassManager, NamesThePassThatBrokeTheFunction) {
  const auto f = value_or_throw(
      ir::parse_function("func @f(%x: f32[n], %y: f32[m]) -> (f32[n]) {\n  %0 = add(%x, %y) : f32[n]\n  return %0\n}"));
  const PassInfo pass = {"breaker", "Breaks.", Exactness::kExact, forgets_requirements};
  PassContext context;
  const Expected<bool> changed = PassManager({.verify_each = true}).run(*f, {&pass}, context);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().str(), HasSubstr("after the pass 'breaker'"));
}

TEST(PassManager, StagesRiseWithThePasses) {
  const auto f =
      value_or_throw(ir::parse_function("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = pin(%x) : f32[4]\n  return %0\n}"));
  PassContext context;
  PassManager manager({.verify_each = true, .stage = ir::Stage::kGraph});
  EXPECT_TRUE(value_or_throw(manager.run(*f, value_or_throw(parse_pipeline("cse,drop-pins,dce")), context)));
}

TEST(Pipeline, NamesOfPassesAndPipelines) {
  const Pipeline p = value_or_throw(parse_pipeline("cse,optimize"));
  ASSERT_GT(p.size(), 3u);
  EXPECT_STREQ(p[0]->name, "cse");
  const Expected<Pipeline> wrong = parse_pipeline("cse,canonicalise");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("no pass or pipeline 'canonicalise'; did you mean 'canonicalize'?"));
  EXPECT_TRUE(value_or_throw(parse_pipeline("")).empty());
}

TEST(Pipeline, EveryNamedOneParses) {
  for (const PipelineInfo& info : all_pipelines()) EXPECT_TRUE(parse_pipeline(info.name)) << info.name;
}

TEST(Registry, EveryPassHasAnUniqueNameASentenceAndAFunction) {
  std::set<std::string> names;
  for (const PassInfo& pass : all_passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    EXPECT_TRUE(std::string(pass.summary).ends_with('.')) << pass.name;
    EXPECT_NE(pass.run, nullptr) << pass.name;
    EXPECT_EQ(find_pass(pass.name), &pass);
  }
}

}  // namespace
}  // namespace dlc::passes
