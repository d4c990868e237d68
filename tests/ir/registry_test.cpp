// Every registered op is complete: the checklist of an operator, checked by the machine.
#include <gtest/gtest.h>

#include <set>

#include "ir/op_def.h"

namespace dlc::ir {
namespace {

class Registry : public testing::TestWithParam<OpKind> {
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

INSTANTIATE_TEST_SUITE_P(Ops, Registry, testing::ValuesIn(all_ops().begin(), all_ops().end()),
                         [](const auto& info) { return op_def(info.param).name; });

TEST(RegistryLookup, UnknownNamesAreNotFound) {
  EXPECT_EQ(find_op("no_such_op"), std::nullopt);
  EXPECT_EQ(find_op(""), std::nullopt);
  EXPECT_EQ(find_op("param"), std::nullopt);
}

}  // namespace
}  // namespace dlc::ir
