// Losses and the like, for networks.
//
//   Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = z}));
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "frontend/ops/initializers.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// e^x / sum(e^x) along `axis`; finite where x is. A row of -inf alone gives zeros.
Tensor softmax(const TensorArg& x, int64_t axis = -1, std::string_view name = {});
Tensor log_softmax(const TensorArg& x, int64_t axis = -1, std::string_view name = {});

/// By name only, so that labels and logits are never exchanged.
struct CrossEntropyArgs {
  TensorArg labels;
  TensorArg logits;
  int64_t axis = -1;  ///< of the classes; dense labels only
  std::string_view name = {};
};

/// -sum(labels * log_softmax(logits)) along the classes. `labels`: weights of the classes, of the shape
/// and type of logits. Takes logits, not probabilities.
Tensor softmax_cross_entropy_with_logits(const CrossEntropyArgs& args);
/// The same for one class each: labels i32 or i64, of the shape of logits without the last axis. A
/// label outside [0, C) fails the run.
Tensor sparse_softmax_cross_entropy_with_logits(const CrossEntropyArgs& args);
/// max(z, 0) - z * label + log(1 + e^-|z|), element by element; the gradient is sigmoid(z) - label.
Tensor sigmoid_cross_entropy_with_logits(const CrossEntropyArgs& args);

/// x plus `bias` along its last axis.
Tensor bias_add(const TensorArg& x, const TensorArg& bias, std::string_view name = {});
/// x / sqrt(max(sum(x^2), epsilon)) along `axis`.
Tensor l2_normalize(const TensorArg& x, const Axes& axis = {}, double epsilon = 1e-12, std::string_view name = {});

/// Each element is 0 with probability `rate`, else divided by 1 - rate.
Tensor dropout(const TensorArg& x, double rate, Seed seed = {}, std::string_view name = {});

/// x, scaled down to norm `clip_norm` where its norm (over `axis`) is larger.
Tensor clip_by_norm(const TensorArg& x, const TensorArg& clip_norm, const Axes& axis = {}, std::string_view name = {});
/// sqrt of the sum of the squares of all elements of all.
Tensor global_norm(const std::vector<Tensor>& xs, std::string_view name = {},
                   std::source_location loc = std::source_location::current());
struct Clipped {
  std::vector<Tensor> tensors;
  Tensor norm;  ///< before
};
/// All scaled by one number, so that their global norm is at most `clip_norm`.
Clipped clip_by_global_norm(const std::vector<Tensor>& xs, const TensorArg& clip_norm, std::string_view name = {});

/// Draws that differ from run to run, from the session's state; see initializers.h for those that do not.
Tensor random_uniform(const DimsArg& dims, double minval = 0, double maxval = 1, DType dtype = kFloat32, Seed seed = {},
                      std::string_view name = {}, std::source_location loc = std::source_location::current());
Tensor random_uniform(const Graph& graph, const DimsArg& dims, double minval = 0, double maxval = 1,
                      DType dtype = kFloat32, Seed seed = {}, std::string_view name = {},
                      std::source_location loc = std::source_location::current());
Tensor random_normal(const DimsArg& dims, double mean = 0, double stddev = 1, DType dtype = kFloat32, Seed seed = {},
                     std::string_view name = {}, std::source_location loc = std::source_location::current());
Tensor random_normal(const Graph& graph, const DimsArg& dims, double mean = 0, double stddev = 1,
                     DType dtype = kFloat32, Seed seed = {}, std::string_view name = {},
                     std::source_location loc = std::source_location::current());
/// Cut off at two standard deviations.
Tensor truncated_normal(const DimsArg& dims, double mean = 0, double stddev = 1, DType dtype = kFloat32, Seed seed = {},
                        std::string_view name = {}, std::source_location loc = std::source_location::current());
Tensor truncated_normal(const Graph& graph, const DimsArg& dims, double mean = 0, double stddev = 1,
                        DType dtype = kFloat32, Seed seed = {}, std::string_view name = {},
                        std::source_location loc = std::source_location::current());

}  // namespace dlc DLC_PUBLIC
