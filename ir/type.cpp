#include "ir/type.h"

#include <algorithm>
#include <utility>

namespace dlc::ir {

bool TensorType::is_static() const {
  return std::all_of(dims.begin(), dims.end(), [](const Dim& d) { return d.is_constant(); });
}

Dim TensorType::num_elements() const { return product(dims); }
TensorType TensorType::with(DType t) const { return {t, dims}; }
TensorType TensorType::with(Dims d) const { return {dtype, std::move(d)}; }
std::string TensorType::str() const { return to_string(dtype) + dims_str(dims); }
bool TensorType::operator==(const TensorType& other) const { return dtype == other.dtype && dims == other.dims; }
TensorType TensorType::scalar(DType t) { return {t, {}}; }
TensorType TensorType::of(DType t, const Shape& shape) { return {t, Dims(shape.begin(), shape.end())}; }

Shape TensorType::shape() const {
  Shape s;
  for (const Dim& d : dims) s.push_back(d.constant());
  return s;
}

}  // namespace dlc::ir
