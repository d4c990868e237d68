// Every user operator is complete: the checklist of an operator, checked by the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "frontend/graph/op_spec.h"
#include "tests/testing/op_files.h"

namespace dlc {
namespace {

TEST(UserRegistry, EachOperatorHasAFileOfItsOwn) {
  std::vector<std::string> names;
  for (const OpSpec& spec : all_op_specs()) names.push_back(spec.name);
  EXPECT_THAT(test::op_file_violations(DLC_SOURCE_DIR "/frontend/ops", names, "OpSpec", "spec"), ::testing::IsEmpty());
}

TEST(UserRegistry, IsDocumented) {
  for (const OpSpec& spec : all_op_specs()) {
    EXPECT_FALSE(spec.category.empty()) << spec.name;
    EXPECT_TRUE(spec.doc.size() > 2 && spec.doc.back() == '.') << spec.name << ": " << spec.doc;
    for (const OperandSpec& operand : spec.operands) EXPECT_FALSE(operand.doc.empty()) << spec.name << operand.name;
    for (const AttrSpec& attr : spec.attrs) EXPECT_FALSE(attr.doc.empty()) << spec.name << attr.name;
  }
}

TEST(UserRegistry, NamesOfArgumentsAreUnique) {
  for (const OpSpec& spec : all_op_specs()) {
    std::set<std::string> names;
    for (const OperandSpec& operand : spec.operands) EXPECT_TRUE(names.insert(operand.name).second) << spec.name;
    for (const AttrSpec& attr : spec.attrs) EXPECT_TRUE(names.insert(attr.name).second) << spec.name;
  }
}

TEST(UserRegistry, AnOrdinaryOperatorHasAnExpansion) {
  for (const OpSpec& spec : all_op_specs())
    EXPECT_EQ(spec.role == OpRole::kOrdinary, spec.expand != nullptr) << spec.name;
}

}  // namespace
}  // namespace dlc
