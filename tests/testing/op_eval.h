// One IR op as a test sees it: its type rule, and its reference meaning on arrays.
//
//   EXPECT_EQ(test::eval(OpKind::kAdd, {test::array(kInt32, {2}, {1, 2}), ...}).value_as_double(0), 4);
//   EXPECT_THAT(test::infer("softmax", {"f32[]"}, {{"axis", int64_t{0}}}), test::fails_with("softmax_c1"));
#pragma once

#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/op_def.h"

namespace dlc::test {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// An array of numbers given as doubles, row-major.
Array array(DType dtype, Shape shape, const std::vector<double>& values);
/// The elements, as doubles.
std::vector<double> values(const Array& a);

/// "f32[n,3]"; throws on anything else.
ir::TensorType type(std::string_view text);

/// The types that the rule of `op` gives for operands of these types, or what it complains about.
/// Requirements go into a function that is thrown away.
Expected<std::vector<ir::TensorType>> infer(std::string_view op, const std::vector<std::string>& operand_types,
                                            ir::AttrMap attrs = {});

/// func @test(%0, %1, ...) of one op over its operands, returning all its results.
std::unique_ptr<ir::Function> function_of(ir::OpKind op, std::span<const ir::TensorType> operand_types,
                                          ir::AttrMap attrs = {});

/// Runs an op on arrays.
Expected<std::vector<Array>> try_eval(ir::OpKind op, std::vector<Array> operands, ir::AttrMap attrs = {});
/// Its first result; throws its Error.
Array eval(ir::OpKind op, std::vector<Array> operands, ir::AttrMap attrs = {});

/// A failed Expected whose message holds `part`.
MATCHER_P(fails_with, part, "") {
  if (arg) {
    *result_listener << "which succeeded";
    return false;
  }
  *result_listener << "whose error is: " << arg.error().str();
  return arg.error().str().find(part) != std::string::npos;
}

/// Equal numbers, the sign of zero included; NaN equals NaN.
bool same_number(double a, double b);
MATCHER_P(same_numbers, expected, "") {
  const std::vector<double> want = expected;
  if (arg.size() != want.size()) return false;
  for (size_t i = 0; i < want.size(); ++i)
    if (!same_number(arg[i], want[i])) {
      *result_listener << "at " << i << ": got " << arg[i] << ", want " << want[i];
      return false;
    }
  return true;
}

}  // namespace dlc::test
