// TensorType: an element type and the dimensions, of known rank.
#pragma once

#include <fmt/format.h>

#include <string>

#include "ir/dim.h"
#include "support/dtype.h"
#include "support/shape.h"

namespace dlc::ir {

struct TensorType {
  DType dtype = kFloat32;
  Dims dims;

  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  const Dim& dim(int64_t axis) const { return dims[static_cast<size_t>(axis)]; }
  Dim num_elements() const { return product(dims); }
  /// All dimensions are numbers.
  bool is_static() const;
  /// The numbers; call only when is_static().
  Shape shape() const;
  TensorType with(DType t) const { return {t, dims}; }
  TensorType with(Dims d) const { return {dtype, std::move(d)}; }
  /// "f32[n,784]".
  std::string str() const { return to_string(dtype) + dims_str(dims); }
  bool operator==(const TensorType&) const = default;

  static TensorType scalar(DType t) { return {t, {}}; }
  static TensorType of(DType t, const Shape& shape) { return {t, Dims(shape.begin(), shape.end())}; }
};

}  // namespace dlc::ir

template <>
struct fmt::formatter<dlc::ir::TensorType> : fmt::formatter<std::string_view> {
  auto format(const dlc::ir::TensorType& t, fmt::format_context& ctx) const {
    return fmt::formatter<std::string_view>::format(t.str(), ctx);
  }
};
