#include "frontend/graph/make_node.h"
#include "frontend/train/optimizer.h"

namespace dlc {

Operation AdamOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  const Graph graph = variable.graph();
  const DType t = variable.dtype();
  // One pair of powers for all variables, in the element type of the first. They start at 1 and are
  // multiplied before they are used, so that beta may be a tensor.
  for (Power* p : {&power1_, &power2_}) {
    if (p->next) continue;
    p->state = scalar_state(graph, p == &power1_ ? "beta1_power" : "beta2_power", t, 1.0, loc);
    const TensorArg& beta = p == &power1_ ? beta1_ : beta2_;
    p->next = make_node(graph, "multiply", {p->state, as_type_of(beta, p->state.dtype())}, {}, {}, loc).output();
  }
  const Tensor m = slot(variable, "adam_m", loc), s = slot(variable, "adam_s", loc);
  return make_node(
      graph, "apply_adam",
      {variable, m, s, as_type_of(power1_.next, t), as_type_of(power2_.next, t), as_type_of(learning_rate_, t),
       as_type_of(beta1_, t), as_type_of(beta2_, t), as_type_of(epsilon_, t), gradient},
      {}, "update_" + variable.name(), loc);
}

std::vector<Operation> AdamOptimizer::finish(const Graph& graph, const SourceLoc& loc) {
  std::vector<Operation> out;
  for (Power* p : {&power1_, &power2_}) {
    out.push_back(make_node(graph, "assign", {p->state, p->next}, {}, {}, loc));
    p->next = {};  // the next step is another node
  }
  return out;
}

}  // namespace dlc
