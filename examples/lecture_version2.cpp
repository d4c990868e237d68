// The same problem with its coefficients as a placeholder: what is fed decides which polynomial
// x0 w^2 + x1 w + x2 is minimised. Nothing is compiled again when the numbers change.
//
// Prints:
//   w before training: 0
//   w after one iteration: 0.099999994
//   w after 1000 iterations: 4.9999...
//   w for (w - 10)^2: 9.999...
//   compiled for the second polynomial: 0 programs
#include <fmt/format.h>

#include "frontend/dlc.h"

using namespace dlc;

int main() {
  Array coefficients = Array::of<float>({3, 1}, {1, -10, 25});
  Tensor x = placeholder(kFloat32, {3, 1}, "x");
  Tensor w = variable(0.0f, "w");
  Tensor cost = x[0][0] * pow(w, 2) + x[1][0] * w + x[2][0];
  Operation train = GradientDescentOptimizer(0.01).minimize(cost);
  Operation init = global_variables_initializer();

  Session session;
  session.run(init);
  fmt::print("w before training: {}\n", session.run(w).item<float>());

  session.run(train, {{x, coefficients}});
  fmt::print("w after one iteration: {}\n", session.run(w).item<float>());

  for (int i = 0; i < 1000; ++i) session.run(train, {{x, coefficients}});
  fmt::print("w after 1000 iterations: {}\n", session.run(w).item<float>());

  // Other coefficients, another minimum: (w - 10)^2.
  const int64_t compiled = session.stats().programs_compiled;
  session.run(init);
  for (int i = 0; i < 1000; ++i) session.run(train, {{x, Array::of<float>({3, 1}, {1, -20, 100})}});
  fmt::print("w for (w - 10)^2: {}\n", session.run(w).item<float>());
  fmt::print("compiled for the second polynomial: {} programs\n", session.stats().programs_compiled - compiled);
}
