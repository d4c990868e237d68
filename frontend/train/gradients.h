// gradients: symbolic derivatives, as nodes of the graph.
//
//   std::vector<Tensor> g = gradients(loss, {w, b});
//   Tensor gg = gradients(g[0], w);                 // second order
#pragma once

#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// What stands for dy/dx where y does not depend on x.
enum class Unconnected : uint8_t {
  kError,  ///< an Exception that names the x
  kZeros,
};

struct GradientsOptions {
  /// Weights of the ys, of their types; empty: ones.
  std::vector<Tensor> grad_ys = {};
  /// Taken as constant, beside what stop_gradient() marks.
  std::vector<Tensor> stop_gradients = {};
  Unconnected unconnected = Unconnected::kError;
  std::string_view name = {};
};

/// d sum(ys) / d x for each x: a tensor of its type. Derivatives with respect to a variable are with
/// respect to its value from before the run; assignments have no gradient. Whether y depends on x is
/// decided here, by the ways from x to the ys through differentiable operands that no stop closes.
/// Throws kInvalidArgument for an unconnected x (unless told otherwise), kInvalidType for ys or xs
/// that are not floating.
std::vector<Tensor> gradients(const std::vector<Tensor>& ys, const std::vector<Tensor>& xs,
                              const GradientsOptions& options = {},
                              std::source_location loc = std::source_location::current());
std::vector<Tensor> gradients(const Tensor& y, const std::vector<Tensor>& xs, const GradientsOptions& options = {},
                              std::source_location loc = std::source_location::current());
Tensor gradients(const Tensor& y, const Tensor& x, const GradientsOptions& options = {},
                 std::source_location loc = std::source_location::current());

/// For messages about an x that no gradient reaches: "", or that it is a variable which was assigned before.
std::string unless_assigned(const Tensor& x);
/// For each x whether a gradient of the ys reaches it.
std::vector<bool> connected(const std::vector<Tensor>& ys, const std::vector<Tensor>& xs,
                            const std::vector<Tensor>& stop_gradients = {});

}  // namespace dlc DLC_PUBLIC
