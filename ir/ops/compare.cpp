#include <algorithm>
#include <array>
#include <string>

#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

constexpr std::array<const char*, 6> kDirections = {"eq", "ne", "lt", "le", "gt", "ge"};

// compare_c1: one element type. compare_c2: equal dimensions. compare_c3: a direction of the list.
Expected<std::vector<TensorType>> infer_compare(const InferContext& c) {
  DLC_RETURN_IF_ERROR(infer_binary(c));
  const auto& direction = c.attr<std::string>("direction");
  if (std::find(kDirections.begin(), kDirections.end(), direction) == kDirections.end())
    return c.error("compare_c3", "'direction' needs one of eq, ne, lt, le, gt, ge, got \"{}\"", direction);
  return std::vector{c.operand(0).with(kBool)};
}

template <typename T>
bool holds(const std::string& direction, T a, T b) {
  if (direction == "eq") return a == b;
  if (direction == "ne") return a != b;
  if (direction == "lt") return a < b;
  if (direction == "le") return a <= b;
  if (direction == "gt") return a > b;
  return a >= b;
}

std::vector<Array> reference_compare(const ReferenceContext& c) {
  Array out = c.make_result();
  const std::string& direction = c.op.str_attr("direction");
  dispatch(c.operands[0].dtype(), [&]<typename T>() {
    const auto a = c.operands[0].data<T>(), b = c.operands[1].data<T>();
    const auto to = out.data<bool>();
    for (size_t i = 0; i < to.size(); ++i) to[i] = holds<T>(direction, a[i], b[i]);
  });
  return {out};
}

}  // namespace

OpDef compare_op() {
  return {
      .doc = "Whether a and b stand in `direction`; false < true. With a NaN only ne holds.",
      .operands = {{"a", TypeClass::kAny, "any dimensions"}, {"b", TypeClass::kAny, "the type of a"}},
      .attrs = {{"direction", "eq", false, "eq, ne, lt, le, gt or ge"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_compare,  // compare_c1, compare_c2, compare_c3
      .no_gradient = "the result is bool",
      .reference = reference_compare,
  };
}

}  // namespace dlc::ir
