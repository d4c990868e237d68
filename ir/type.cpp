#include "ir/type.h"

#include <algorithm>

namespace dlc::ir {

bool TensorType::is_static() const {
  return std::all_of(dims.begin(), dims.end(), [](const Dim& d) { return d.is_constant(); });
}

Shape TensorType::shape() const {
  Shape s;
  for (const Dim& d : dims) s.push_back(d.constant());
  return s;
}

}  // namespace dlc::ir
