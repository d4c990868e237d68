// Every registered op is complete: the checklist of an operator, checked by the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "ir/op_def.h"
#include "tests/testing/op_files.h"

namespace dlc::ir {
namespace {

class Registry : public ::testing::TestWithParam<OpKind> {
 protected:
  const OpDef& def() const { return op_def(GetParam()); }
};

TEST_P(Registry, IsDocumented) {
  EXPECT_GT(def().doc.size(), 5u);
  EXPECT_EQ(def().doc.back(), '.') << "docs are sentences";
  for (const OperandSpec& operand : def().operands) {
    EXPECT_FALSE(operand.name.empty());
    EXPECT_FALSE(operand.doc.empty()) << operand.name;
  }
  for (const AttrSpec& attr : def().attrs) {
    EXPECT_FALSE(attr.name.empty());
    EXPECT_FALSE(attr.doc.empty()) << attr.name;
  }
}

TEST_P(Registry, NamesAreUnique) {
  std::set<std::string> names;
  for (const OperandSpec& operand : def().operands) EXPECT_TRUE(names.insert(operand.name).second) << operand.name;
  for (const AttrSpec& attr : def().attrs) EXPECT_TRUE(names.insert(attr.name).second) << attr.name;
  EXPECT_EQ(find_op(def().name), GetParam());
}

TEST_P(Registry, AtMostOneOperandIsVariadic) {
  int variadic = 0;
  for (const OperandSpec& operand : def().operands) variadic += operand.variadic ? 1 : 0;
  EXPECT_LE(variadic, 1);
}

TEST_P(Registry, HasATypeRule) { EXPECT_NE(def().infer, nullptr); }

TEST_P(Registry, HasAMeaning) {
  // A fusion means what its body means; gradients exist only until autodiff has expanded them.
  if (def().num_regions > 0 || GetParam() == OpKind::kGradients) return;
  EXPECT_TRUE(def().reference != nullptr || def().decompose != nullptr);
}

TEST_P(Registry, HasAGradientOrAReasonForNone) {
  EXPECT_NE(def().gradient != nullptr, !def().no_gradient.empty());
  EXPECT_LE(def().differentiable.size(), def().operands.size());
}

// An op may be merged and moved freely or has effects; one that commutes has two alike operands.
TEST_P(Registry, TraitsFit) {
  if (!def().commutative) return;
  ASSERT_EQ(def().operands.size(), 2u);
  EXPECT_EQ(def().operands[0].types, def().operands[1].types);
}

INSTANTIATE_TEST_SUITE_P(Ops, Registry, ::testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         [](const auto& info) { return op_def(info.param).name; });

TEST(RegistryFiles, EachOperatorHasAFileOfItsOwn) {
  std::vector<std::string> names;
  for (const OpKind kind : all_ops()) names.push_back(op_def(kind).name);
  EXPECT_THAT(test::op_file_violations(DLC_SOURCE_DIR "/ir/ops", names, "OpDef", "op"), ::testing::IsEmpty());
}

// The check itself can fail: a name without a file, and a file with two operators.
TEST(RegistryFiles, TheCheckFindsWhatIsMisplaced) {
  const std::string folder = ::testing::TempDir() + "/op_files";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/sin.cpp") << "OpDef sin_op() {\n}\n\nOpDef cos_op() {\n}\n";
  EXPECT_THAT(test::op_file_violations(folder, {"sin", "cos", "tan"}, "OpDef", "op"),
              ::testing::ElementsAre(::testing::HasSubstr("cos.cpp defines no OpDef cos_op()"),
                                     ::testing::HasSubstr("tan.cpp defines no OpDef tan_op()"),
                                     ::testing::HasSubstr("sin.cpp defines operator cos; it belongs into cos.cpp")));
}

TEST(RegistryLookup, UnknownNamesAreNotFound) {
  EXPECT_EQ(find_op("no_such_op"), std::nullopt);
  EXPECT_EQ(find_op(""), std::nullopt);
  EXPECT_EQ(find_op("param"), std::nullopt);
}

}  // namespace
}  // namespace dlc::ir
