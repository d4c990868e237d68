// Softmax regression on 28x28 digits: one matrix, ten classes.
//
//   example_softmax_regression                  on the embedded, generated digits, one short epoch
//   example_softmax_regression --data DIR       on MNIST (IDX files, plain or .gz), five epochs
//
// Prints:
//   epoch 1: test accuracy 0...
#include <fmt/format.h>

#include <string_view>

#include "frontend/dlc.h"

using namespace dlc;

int main(int argc, char** argv) {
  const bool mnist = argc == 3 && std::string_view(argv[1]) == "--data";
  const Dataset data = value_or_throw(mnist ? load_mnist(argv[2]) : make_digits(4000, 1000, /*seed=*/1));

  Tensor x = placeholder(kFloat32, {"n", 784}, "x");
  Tensor labels = placeholder(kInt32, {"n"}, "labels");
  Tensor w = get_variable("W", {784, 10}, zeros_initializer());
  Tensor b = get_variable("b", {10}, zeros_initializer());
  // The logits go into the loss as they are; it takes their softmax itself, in a form that cannot overflow.
  Tensor logits = matmul(x, w) + b;
  Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = logits}));
  Tensor accuracy = reduce_mean(cast(equal(argmax(logits, 1, kInt32), labels), kFloat32));
  Operation train = AdamOptimizer(0.001).minimize(loss);

  Session session;
  session.run(global_variables_initializer());
  Batcher batches = value_or_throw(Batcher::create(
      {{"x", normalized_images(data.train.images)}, {"labels", data.train.labels}}, {.batch_size = 64}));
  const Feeds test = {{x, normalized_images(data.test.images)}, {labels, data.test.labels}};
  for (int epoch = 0; epoch < (mnist ? 5 : 1); ++epoch) {
    batches.start_epoch(epoch);
    while (batches.next()) session.run(train, {{x, batches.array("x")}, {labels, batches.array("labels")}});
    fmt::print("epoch {}: test accuracy {:.4f}\n", epoch + 1, session.run(accuracy, test).item<float>());
  }
}
