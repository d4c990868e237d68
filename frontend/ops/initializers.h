// Initialisers: how the first values of variables are made. The random ones do not depend on the
// session, the machine or the number of threads: equal seeds give equal values. Without a seed each
// node gets one of its own, -1, -2 and so on: those that you give should not be negative.
//
//   Tensor w1 = get_variable("w1", {25, 12288}, glorot_uniform(/*seed=*/1));
//   Tensor b1 = get_variable("b1", {25, 1}, zeros_initializer());
#pragma once

#include <memory>
#include <optional>
#include <source_location>
#include <string_view>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// A recipe; called with a shape it builds the node that makes the value.
class Initializer {
 public:
  struct Recipe;
  /// frontend/ops/initializer_spec.h has it: a program has the functions below.
  explicit Initializer(Recipe recipe);
  /// This very value; its shape must be the variable's.
  Initializer(const Array& value);  // NOLINT(google-explicit-constructor)
  Tensor operator()(const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
                    std::source_location loc = std::source_location::current()) const;
  Tensor operator()(const Graph& graph, const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
                    std::source_location loc = std::source_location::current()) const;

 private:
  std::shared_ptr<const Recipe> recipe_;
};

using Seed = std::optional<int64_t>;

Initializer zeros_initializer();
Initializer ones_initializer();
Initializer constant_initializer(double value);
/// Uniform on [minval, maxval).
Initializer random_uniform_initializer(double minval = -0.05, double maxval = 0.05, Seed seed = {});
Initializer random_normal_initializer(double mean = 0, double stddev = 1, Seed seed = {});
/// Normal, cut off at two standard deviations.
Initializer truncated_normal_initializer(double mean = 0, double stddev = 1, Seed seed = {});

// Scaled by the fans of the shape: [in, out] of a matrix, [..., in, out] times the window of a filter.
// Glorot & Bengio 2010: uniform on +-sqrt(6 / (fan_in + fan_out)), or normal of variance
// 2 / (fan_in + fan_out). He et al. 2015: 6 / fan_in and 2 / fan_in. LeCun et al. 1998: 3 / fan_in and
// 1 / fan_in. The normal ones are cut off at two standard deviations, and widened so that the variance
// after the cut is the stated one.
Initializer glorot_uniform(Seed seed = {});
Initializer glorot_normal(Seed seed = {});
/// The seed comes first: TensorFlow 1 gives it by name, and a number must not be taken for `uniform`.
Initializer xavier_initializer(Seed seed = {}, bool uniform = true);
Initializer he_uniform(Seed seed = {});
Initializer he_normal(Seed seed = {});
Initializer lecun_uniform(Seed seed = {});
Initializer lecun_normal(Seed seed = {});

}  // namespace dlc DLC_PUBLIC
