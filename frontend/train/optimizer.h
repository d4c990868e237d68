// Optimisers: from a loss to the operation that updates variables.
//
//   Operation step = GradientDescentOptimizer(0.01).minimize(loss);
//   Operation step = MomentumOptimizer(0.01, 0.9).minimize(loss);      // one line changed
//   Operation step = AdamOptimizer().minimize(loss);
//
// A hyper-parameter is a number or a Tensor. A number is a constant of the program. What should change
// from run to run is a Tensor: a placeholder fed each time, or a variable with trainable = false that is
// assigned now and then; changing it compiles nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// An empty gradient: the loss does not depend on the variable.
struct GradAndVar {
  Tensor gradient;
  Tensor variable;
};

struct MinimizeOptions {
  /// Empty: the graph's trainable variables.
  std::vector<Tensor> variables = {};
  /// An integer variable that each step increments, after the updates.
  Tensor global_step = {};
  std::string_view name = {};
};

class Optimizer {
 public:
  virtual ~Optimizer();

  /// compute_gradients, then apply_gradients. Throws kInvalidArgument if no variable is reached.
  Operation minimize(const Tensor& loss, const MinimizeOptions& options = {},
                     std::source_location loc = std::source_location::current());
  /// d sum(loss) / d v for each variable.
  std::vector<GradAndVar> compute_gradients(const Tensor& loss, const std::vector<Tensor>& variables = {},
                                            std::source_location loc = std::source_location::current()) const;
  /// One update of each variable that has a gradient. Gradients may have been changed (clipped, say).
  Operation apply_gradients(const std::vector<GradAndVar>& gradients, const MinimizeOptions& options = {},
                            std::source_location loc = std::source_location::current());

  /// "GradientDescent", "Momentum", "Adam": the name scope of the update.
  const std::string& name() const { return name_; }

 protected:
  explicit Optimizer(std::string name);

  /// Makes the node that updates `variable`.
  virtual Operation update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) = 0;
  /// Nodes that follow all updates.
  virtual std::vector<Operation> finish(const Graph& graph, const SourceLoc& loc);

  /// A variable of the optimiser beside `variable`, of its type and zero at first: "w/momentum".
  Tensor slot(const Tensor& variable, const std::string& slot_name, const SourceLoc& loc);
  /// A rank-0 variable of the optimiser's own.
  Tensor scalar_state(const Graph& graph, const std::string& state_name, DType dtype, const TensorArg& initial_value,
                      const SourceLoc& loc);
  /// The hyper-parameter in the variable's element type.
  static TensorArg as_type_of(const TensorArg& hyper_parameter, DType dtype);

 private:
  std::string name_;
  struct Slots;
  std::shared_ptr<Slots> slots_;  // copies of an optimiser go on with the same ones
};

/// v -= learning_rate * g.
class GradientDescentOptimizer : public Optimizer {
 public:
  explicit GradientDescentOptimizer(const TensorArg& learning_rate, std::string name = "GradientDescent")
      : Optimizer(std::move(name)), learning_rate_(learning_rate) {}

 protected:
  Operation update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) override;

 private:
  TensorArg learning_rate_;
};

/// a = momentum * a + g;  v -= learning_rate * a.
/// Nesterov: v -= learning_rate * (g + momentum * a), with the new a.
class MomentumOptimizer : public Optimizer {
 public:
  explicit MomentumOptimizer(const TensorArg& learning_rate, const TensorArg& momentum, bool use_nesterov = false,
                             std::string name = "Momentum")
      : Optimizer(std::move(name)), learning_rate_(learning_rate), momentum_(momentum), use_nesterov_(use_nesterov) {}

 protected:
  Operation update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) override;

 private:
  TensorArg learning_rate_, momentum_;
  bool use_nesterov_;
};

/// Kingma & Ba 2015, in the form of section 2's last paragraph, as TensorFlow has it:
/// lr_t = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t);
/// m = beta1 m + (1 - beta1) g;  s = beta2 s + (1 - beta2) g^2;  v -= lr_t * m / (sqrt(s) + epsilon).
class AdamOptimizer : public Optimizer {
 public:
  explicit AdamOptimizer(const TensorArg& learning_rate = 1e-3, const TensorArg& beta1 = 0.9,
                         const TensorArg& beta2 = 0.999, const TensorArg& epsilon = 1e-8, std::string name = "Adam")
      : Optimizer(std::move(name)), learning_rate_(learning_rate), beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {}

 protected:
  Operation update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) override;
  std::vector<Operation> finish(const Graph& graph, const SourceLoc& loc) override;

 private:
  TensorArg learning_rate_, beta1_, beta2_, epsilon_;
  struct Power {
    Tensor state;  ///< beta^(t-1)
    Tensor next;   ///< beta^t, in the step that is being built
  };
  Power power1_, power2_;
};

}  // namespace dlc DLC_PUBLIC
