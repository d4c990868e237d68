// Reductions: all elements, or those along some axes, combined.
//
//   reduce_mean(x)               // of all elements: rank 0
//   reduce_sum(x, 0)             // along the first axis
//   reduce_max(x, {-1, -2}, true)  // axes of size 1 stay in their place
#pragma once

#include <string_view>
#include <utility>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

Tensor reduce_sum(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// Of integers the quotient is rounded towards zero. Of no elements NaN.
Tensor reduce_mean(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
Tensor reduce_prod(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// NaN if one element is NaN.
Tensor reduce_max(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
Tensor reduce_min(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// Of bool.
Tensor reduce_any(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
Tensor reduce_all(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// log(sum(exp(x))) without overflow.
Tensor reduce_logsumexp(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// mean((x - mean(x))^2): the biased variance.
Tensor reduce_variance(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
Tensor reduce_std(const TensorArg& x, const Axes& axis = {}, bool keepdims = false, std::string_view name = {});
/// (sum |x|^ord)^(1/ord); ord = infinity: max |x|.
Tensor norm(const TensorArg& x, double ord = 2, const Axes& axis = {}, bool keepdims = false,
            std::string_view name = {});
/// sum(x^2) / 2.
Tensor l2_loss(const TensorArg& x, std::string_view name = {});
/// Mean and biased variance.
std::pair<Tensor, Tensor> moments(const TensorArg& x, const Axes& axis = {}, bool keepdims = false,
                                  std::string_view name = {});

/// The index of the largest element along `axis`, the first of equal ones; of the first NaN.
Tensor argmax(const TensorArg& x, int64_t axis = 0, DType output_type = kInt64, std::string_view name = {});
Tensor argmin(const TensorArg& x, int64_t axis = 0, DType output_type = kInt64, std::string_view name = {});

/// Element i combines those up to i along `axis`. `exclusive`: without itself; `reverse`: from the end.
Tensor cumsum(const TensorArg& x, int64_t axis = 0, bool exclusive = false, bool reverse = false,
              std::string_view name = {});
Tensor cumprod(const TensorArg& x, int64_t axis = 0, bool exclusive = false, bool reverse = false,
               std::string_view name = {});

}  // namespace dlc DLC_PUBLIC
