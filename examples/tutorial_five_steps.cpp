// Every program has the same five steps: create tensors, write operations on them, initialise the
// variables, create a session, run it. Here a straight line y = a x + c is fitted to five points.
//
// Prints:
//   before: loss 33
//   after: loss 0.00000...
//   y = 2.00x + 1.00
#include <fmt/format.h>

#include "frontend/dlc.h"

using namespace dlc;

int main() {
  // 1. Create tensors. A placeholder is given a value in each run, a variable keeps its own between runs.
  //    The number of points is open: "n" is the same size wherever it is used.
  Tensor x = placeholder(kFloat32, {"n"}, "x");
  Tensor y = placeholder(kFloat32, {"n"}, "y");
  Tensor a = variable(0.0f, "a");
  Tensor c = variable(0.0f, "c");

  // 2. Write operations. Nothing is computed yet: each line adds a node to a graph. Only the forward
  //    computation is written; minimize() adds the gradients and the updates.
  Tensor loss = reduce_mean(square(a * x + c - y));
  Operation train = GradientDescentOptimizer(0.05).minimize(loss);

  // 3. Initialise: an operation like any other, which gives each variable its first value when it runs.
  Operation init = global_variables_initializer();

  // 4. Create a session. It owns the values of the variables and the compiled programs.
  Session session;

  // 5. Run it. What is fetched decides what is computed; the first run of a step compiles it.
  Feeds points = {{x, Array::of<float>({5}, {0, 1, 2, 3, 4})}, {y, Array::of<float>({5}, {1, 3, 5, 7, 9})}};
  session.run(init);
  fmt::print("before: loss {}\n", session.run(loss, points).item<float>());
  for (int i = 0; i < 1000; ++i) session.run(train, points);
  fmt::print("after: loss {:.8f}\n", session.run(loss, points).item<float>());
  fmt::print("y = {:.2f}x + {:.2f}\n", session.run(a).item<float>(), session.run(c).item<float>());
}
