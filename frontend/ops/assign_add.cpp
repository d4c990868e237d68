#include "frontend/ops/assignment.h"

namespace dlc {

namespace {

std::vector<ir::Value> expand_assign_add(ExpandContext& c) {
  const ir::Value old = c.operand(0);
  return without_gradient(c, c.b.add(old, stretched_to_variable(c, old.type())));
}

}  // namespace

OpSpec assign_add_spec() {
  return assignment_spec("assign_add", "ref = ref + value; the new value.", false, expand_assign_add);
}

Tensor assign_add(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return make_assignment("assign_add", ref, value, name);
}

}  // namespace dlc
