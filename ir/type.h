// TensorType: an element type and the dimensions, of known rank.
#pragma once

#include <string>

#include "ir/dim.h"
#include "support/dtype.h"
#include "support/format_text.h"
#include "support/shape.h"
#include "support/visibility.h"

namespace dlc::ir {

struct DLC_PUBLIC TensorType {
  DType dtype = kFloat32;
  Dims dims;

  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  const Dim& dim(int64_t axis) const { return dims[static_cast<size_t>(axis)]; }
  Dim num_elements() const;
  /// All dimensions are numbers.
  bool is_static() const;
  /// The numbers; call only when is_static().
  Shape shape() const;
  TensorType with(DType t) const;
  TensorType with(Dims d) const;
  /// "f32[n,784]".
  std::string str() const;
  bool operator==(const TensorType& other) const;

  static TensorType scalar(DType t);
  static TensorType of(DType t, const Shape& shape);
};

}  // namespace dlc::ir

template <>
struct fmt::formatter<dlc::ir::TensorType> : dlc::TextFormatter {
  auto format(const dlc::ir::TensorType& t, fmt::format_context& context) const { return write(t.str(), context); }
};
