#include "frontend/graph/make_node.h"
#include "frontend/train/optimizer.h"

namespace dlc {

Operation MomentumOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  const DType t = variable.dtype();
  return make_node(
      variable.graph(), "apply_momentum",
      {variable, slot(variable, "momentum", loc), as_type_of(learning_rate_, t), gradient, as_type_of(momentum_, t)},
      {{"use_nesterov", use_nesterov_}}, "update_" + variable.name(), loc);
}

}  // namespace dlc
