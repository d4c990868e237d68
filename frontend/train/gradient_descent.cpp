#include "frontend/graph/make_node.h"
#include "frontend/train/optimizer.h"

namespace dlc {

Operation GradientDescentOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  return make_node(variable.graph(), "apply_gradient_descent",
                   {variable, as_type_of(learning_rate_, variable.dtype()), gradient}, {}, "update_" + variable.name(),
                   loc);
}

}  // namespace dlc
