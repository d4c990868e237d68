// Filled tensors, and operators that move elements without computing.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// dims may name symbols of placeholders: zeros({"n", 10}). Functions that take no tensor work on the
/// default graph, or on the one that comes first.
Tensor zeros(const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
             std::source_location loc = std::source_location::current());
Tensor zeros(const Graph& graph, const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
             std::source_location loc = std::source_location::current());
Tensor ones(const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());
Tensor ones(const Graph& graph, const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());
Tensor fill(const DimsArg& dims, double value, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());
Tensor fill(const Graph& graph, const DimsArg& dims, double value, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());
/// Of the dims and (unless `dtype` says otherwise) the element type of x.
Tensor zeros_like(const TensorArg& x, std::optional<DType> dtype = {}, std::string_view name = {});
Tensor ones_like(const TensorArg& x, std::optional<DType> dtype = {}, std::string_view name = {});
/// 1 on the diagonal of a matrix.
Tensor eye(int64_t num_rows, std::optional<int64_t> num_columns = {}, DType dtype = kFloat32,
           std::string_view name = {}, std::source_location loc = std::source_location::current());
Tensor eye(const Graph& graph, int64_t num_rows, std::optional<int64_t> num_columns = {}, DType dtype = kFloat32,
           std::string_view name = {}, std::source_location loc = std::source_location::current());
/// start, start + delta, ... below limit (above it for a negative delta): f32, or i32 if all are integers.
Tensor range(const Literal& start, const Literal& limit, const Literal& delta = 1, std::optional<DType> dtype = {},
             std::string_view name = {}, std::source_location loc = std::source_location::current());
Tensor range(const Graph& graph, const Literal& start, const Literal& limit, const Literal& delta = 1,
             std::optional<DType> dtype = {}, std::string_view name = {},
             std::source_location loc = std::source_location::current());
/// 0, 1, ... below limit.
Tensor range(const Literal& limit, std::string_view name = {},
             std::source_location loc = std::source_location::current());
Tensor range(const Graph& graph, const Literal& limit, std::string_view name = {},
             std::source_location loc = std::source_location::current());

/// The sizes of x, as values: i32[rank] (or i64). They may shape other tensors: reshape(y, shape(x)).
Tensor shape(const TensorArg& x, DType out_type = kInt32, std::string_view name = {});
/// The number of elements.
Tensor size(const TensorArg& x, DType out_type = kInt32, std::string_view name = {});
Tensor rank(const TensorArg& x, std::string_view name = {});

/// The same elements in row-major order. One -1 is worked out; other dims are sizes or symbols.
Tensor reshape(const TensorArg& x, const DimsArg& dims, std::string_view name = {});
/// dims computed in the graph from shape(), constants and arithmetic on them.
Tensor reshape(const TensorArg& x, const Tensor& dims, std::string_view name = {});
/// Axis i of the result is axis perm[i] of x; by default the axes in reverse order.
Tensor transpose(const TensorArg& x, const Axes& perm = {}, std::string_view name = {});
/// An axis of size 1 at `axis` of the result; negative counts from its end.
Tensor expand_dims(const TensorArg& x, int64_t axis, std::string_view name = {});
/// Without these axes, which have size 1; by default without all known to have size 1.
Tensor squeeze(const TensorArg& x, const Axes& axis = {}, std::string_view name = {});
/// Stretched to dims by NumPy's rule.
Tensor broadcast_to(const TensorArg& x, const DimsArg& dims, std::string_view name = {});

Tensor concat(const std::vector<TensorArg>& values, int64_t axis, std::string_view name = {},
              std::source_location loc = std::source_location::current());
/// Along a new axis.
Tensor stack(const std::vector<TensorArg>& values, int64_t axis = 0, std::string_view name = {},
             std::source_location loc = std::source_location::current());
/// The slices along `axis`, whose size must be a number.
std::vector<Tensor> unstack(const TensorArg& x, int64_t axis = 0, std::string_view name = {});
/// Into `num_splits` equal parts, or into parts of these sizes (two or more).
std::vector<Tensor> split(const TensorArg& x, int64_t num_splits, int64_t axis = 0, std::string_view name = {});
std::vector<Tensor> split(const TensorArg& x, const std::vector<int64_t>& sizes, int64_t axis = 0,
                          std::string_view name = {});

/// The box of `size` elements from `begin`; a size of -1 is all that is left.
Tensor slice(const TensorArg& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& size,
             std::string_view name = {});

/// Python's x[begin:end:strides] along the first axes. In the masks bit i is axis i: begin_mask and
/// end_mask leave an end open, shrink_axis_mask takes the one element at begin and drops the axis.
struct StridedSliceOptions {
  std::vector<int64_t> strides = {};  ///< ones by default; negative goes backwards
  int64_t begin_mask = 0, end_mask = 0, shrink_axis_mask = 0;
  std::string_view name = {};
};
Tensor strided_slice(const TensorArg& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& end,
                     const StridedSliceOptions& options = {});

/// paddings[i] = {before, after} along axis i, filled with `constant_value`.
Tensor pad(const TensorArg& x, const std::vector<std::pair<int64_t, int64_t>>& paddings, double constant_value = 0,
           std::string_view name = {});
/// multiples[i] copies along axis i.
Tensor tile(const TensorArg& x, const std::vector<int64_t>& multiples, std::string_view name = {});
Tensor reverse(const TensorArg& x, const Axes& axis, std::string_view name = {});
/// Slices of x along `axis` that `indices` names. An index outside [0, size) fails the run.
Tensor gather(const TensorArg& x, const TensorArg& indices, int64_t axis = 0, std::string_view name = {});

struct OneHotOptions {
  double on_value = 1, off_value = 0;
  int64_t axis = -1;  ///< of the classes, in the result
  DType dtype = kFloat32;
  std::string_view name = {};
};
/// on_value at each index, off_value elsewhere; an index outside [0, depth) gives a row of off_value.
Tensor one_hot(const TensorArg& indices, int64_t depth, const OneHotOptions& options = {});

}  // namespace dlc DLC_PUBLIC
