// Trains a line, by which a step is compiled, counts allocations, and fails once, by which an exception leaves the
// library.
#include "support/error.h"

#include <dlc/contracts.h>
#include <dlc/count_allocations.h>
#include <dlc/dlc.h>
#include <fmt/format.h>

using namespace dlc;

int main() {
  Tensor x = placeholder(kFloat32, {"n"}, "x");
  Tensor y = placeholder(kFloat32, {"n"}, "y");
  Tensor w = variable(0.0f, "w");
  Tensor loss = reduce_mean(square(x * w - y));
  Operation train = GradientDescentOptimizer(0.1).minimize(loss);

  Session session;
  session.run(global_variables_initializer());
  const Array xs = Array::of<float>({3}, {1, 2, 3});
  const Array ys = Array::of<float>({3}, {2, 4, 6});
  for (int i = 0; i < 100; ++i) session.run(train, {{x, xs}, {y, ys}});
  fmt::print("w = {:.3f}, {}, {}\n", session.run(w).item<float>(), xs.dtype(), kOurOwn);
  Callable step = session.prepare({train}, {{x, {kFloat32, {3}}}, {y, {kFloat32, {3}}}});
  step({xs, ys});
  const std::vector<Array> feeds = {xs, ys};
  AllocationCounter counter;
  step(feeds);
  require_allocations(counter, 0);
  try {
    session.run(loss, {{x, xs}, {y, ys}});
    require_allocations(counter, 0);
  } catch (const Exception& e) {
    fmt::print("{}\n", e.what());
  }
  try {
    session.run(loss, {{x, xs}});
  } catch (const Exception& e) {
    fmt::print("{}\n", to_string(e.code()));
  }
}
