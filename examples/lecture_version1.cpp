// The smallest training there is: gradient descent on J(w) = w^2 - 10 w + 25 = (w - 5)^2, whose minimum
// is at w = 5. Only the cost is written; its derivative is dlc's work.
//
// Prints:
//   w before training: 0
//   w after one iteration: 0.099999994
//   w after 1000 iterations: 4.9999...
#include <fmt/format.h>

#include "frontend/dlc.h"

using namespace dlc;

int main() {
  Tensor w = variable(0.0f, "w");
  // Can be written as well: cost = pow(w, 2) - 10 * w + 25
  Tensor cost = add(add(pow(w, 2), multiply(-10.0, w)), 25.0);
  Operation train = GradientDescentOptimizer(0.01).minimize(cost);
  Operation init = global_variables_initializer();

  Session session;
  session.run(init);
  fmt::print("w before training: {}\n", session.run(w).item<float>());

  session.run(train);
  fmt::print("w after one iteration: {}\n", session.run(w).item<float>());

  for (int i = 0; i < 1000; ++i) session.run(train);
  fmt::print("w after 1000 iterations: {}\n", session.run(w).item<float>());
}
