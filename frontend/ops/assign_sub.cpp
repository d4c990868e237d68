#include "frontend/ops/assignment.h"

namespace dlc {

namespace {

std::vector<ir::Value> expand_assign_sub(ExpandContext& c) {
  const ir::Value old = c.operand(0);
  return without_gradient(c, c.b.sub(old, stretched_to_variable(c, old.type())));
}

}  // namespace

OpSpec assign_sub_spec() {
  return assignment_spec("assign_sub", "ref = ref - value; the new value.", false, expand_assign_sub);
}

Tensor assign_sub(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return make_assignment("assign_sub", ref, value, name);
}

}  // namespace dlc
