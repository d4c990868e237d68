// Where values come from: placeholders, constants, variables and assignments; and what passes them on.
//
//   Tensor x = placeholder(kFloat32, {"n", 784}, "x");
//   Tensor w = get_variable("w", {784, 10}, glorot_uniform(/*seed=*/1));
//   Operation init = global_variables_initializer();
#pragma once

#include <string_view>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "frontend/ops/initializers.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// A value that each run is given. Dimensions are sizes, names of symbols (equal names are equal
/// sizes: a run checks it), or -1 / "?" for a size of its own.
Tensor placeholder(DType dtype, const DimsArg& dims, std::string_view name = {},
                   std::source_location loc = std::source_location::current());
Tensor placeholder(const Graph& graph, DType dtype, const DimsArg& dims, std::string_view name = {},
                   std::source_location loc = std::source_location::current());

/// Numbers: `constant(2.5f)`, `constant({{1, 2}, {3, 4}})`, `constant(array)`. Literals are f32, i32
/// (i64 for 64-bit integers) or bool, unless `dtype` says otherwise.
Tensor constant(const TensorArg& value, std::string_view name = {});
Tensor constant(const TensorArg& value, DType dtype, std::string_view name = {});
Tensor constant(const Graph& graph, const TensorArg& value, std::string_view name = {});
Tensor constant(const Graph& graph, const TensorArg& value, DType dtype, std::string_view name = {});

struct VariableOptions {
  bool trainable = true;       ///< optimisers update it
  std::optional<DType> dtype;  ///< of a literal initial value; by default as for constant()
};

/// A value that a session keeps between runs. `global_variables_initializer()` gives it
/// `initial_value`, whose dimensions must be numbers.
Tensor variable(const TensorArg& initial_value, std::string_view name = {}, const VariableOptions& options = {});
Tensor variable(const Graph& graph, const TensorArg& initial_value, std::string_view name = {},
                const VariableOptions& options = {});

struct GetVariableOptions {
  DType dtype = kFloat32;
  bool trainable = true;
};

/// The variable of that name in the current variable scope, made where there is none. One that exists
/// is returned under Reuse::kYes or kAuto (its type must be the same); else kAlreadyExists names it
/// and where it was made.
Tensor get_variable(std::string_view name, const DimsArg& dims, const Initializer& initializer = glorot_uniform(),
                    const GetVariableOptions& options = {}, std::source_location loc = std::source_location::current());
Tensor get_variable(const Graph& graph, std::string_view name, const DimsArg& dims,
                    const Initializer& initializer = glorot_uniform(), const GetVariableOptions& options = {},
                    std::source_location loc = std::source_location::current());
/// The initial value of a variable, for the initial value of another.
Tensor initialized_value(const Tensor& variable);

/// Gives every variable that exists now its initial value. Without a random seed of their own, equal
/// graphs start equal.
Operation global_variables_initializer(std::string_view name = {},
                                       std::source_location loc = std::source_location::current());
Operation global_variables_initializer(const Graph& graph, std::string_view name = {},
                                       std::source_location loc = std::source_location::current());
Operation variables_initializer(const std::vector<Tensor>& variables, std::string_view name = {},
                                std::source_location loc = std::source_location::current());
Operation variables_initializer(const Graph& graph, const std::vector<Tensor>& variables, std::string_view name = {},
                                std::source_location loc = std::source_location::current());

/// ref = value. Returns the new value. What uses `ref` sees it only where the assignment is among its
/// ancestors, by data or by control_dependencies.
Tensor assign(const Tensor& ref, const TensorArg& value, std::string_view name = {});
Tensor assign_add(const Tensor& ref, const TensorArg& value, std::string_view name = {});
Tensor assign_sub(const Tensor& ref, const TensorArg& value, std::string_view name = {});

/// x, as a node of its own: for control dependencies, names, and reading a variable at a given point.
Tensor identity(const TensorArg& x, std::string_view name = {});
/// x, constant for gradients.
Tensor stop_gradient(const TensorArg& x, std::string_view name = {});
/// x. A run in which an element of it is NaN or infinite throws (kArithmetic), naming the element and
/// `message`, and changes no variable. The check is made where its result is used or fetched.
Tensor check_numerics(const TensorArg& x, std::string_view message, std::string_view name = {});

}  // namespace dlc DLC_PUBLIC
