// A network of two hidden layers, 784-512-512-10, ReLU, Adam, on 28x28 digits.
//
//   example_mlp                                 on the embedded, generated digits, one short epoch
//   example_mlp --data DIR                      on MNIST (IDX files, plain or .gz), 14 epochs
//
// Prints:
//   epoch 1: loss ..., test accuracy 0...
#include <fmt/format.h>

#include <string_view>

#include "frontend/dlc.h"

using namespace dlc;

namespace {

/// x: f32[n, k] -> f32[n, units]: x W + b.
Tensor dense(const Tensor& x, int64_t units, const Initializer& initializer, std::string_view name) {
  const Scope scope = variable_scope(name);
  Tensor w = get_variable("W", {x.dims()[1], units}, initializer);
  Tensor b = get_variable("b", {units}, zeros_initializer());
  return matmul(x, w) + b;
}

}  // namespace

int main(int argc, char** argv) {
  const bool mnist = argc == 3 && std::string_view(argv[1]) == "--data";
  const Dataset data = value_or_throw(mnist ? load_mnist(argv[2]) : make_digits(4000, 1000, /*seed=*/1));

  Tensor x = placeholder(kFloat32, {"n", 784}, "x");
  Tensor labels = placeholder(kInt32, {"n"}, "labels");
  Tensor h1 = relu(dense(x, 512, he_normal(/*seed=*/1), "dense1"));
  Tensor h2 = relu(dense(h1, 512, he_normal(/*seed=*/2), "dense2"));
  Tensor logits = dense(h2, 10, glorot_uniform(/*seed=*/3), "dense3");
  Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = logits}));
  Tensor accuracy = reduce_mean(cast(equal(argmax(logits, 1, kInt32), labels), kFloat32));
  Operation train = AdamOptimizer(0.001).minimize(loss);  // one line changes the optimiser

  Session session;
  session.run(global_variables_initializer());
  const int64_t batch_size = mnist ? 512 : 64;
  Batcher batches =
      value_or_throw(Batcher::create({{"x", normalized_images(data.train.images)}, {"labels", data.train.labels}},
                                     {.batch_size = batch_size, .drop_last = true}));
  // Every batch has the same size, so the step is made ready once; a call then allocates nothing.
  Callable step =
      session.prepare({train, loss}, {{x, {kFloat32, {batch_size, 784}}}, {labels, {kInt32, {batch_size}}}});
  const Feeds test = {{x, normalized_images(data.test.images)}, {labels, data.test.labels}};
  for (int epoch = 0; epoch < (mnist ? 14 : 1); ++epoch) {
    float last_loss = 0;
    batches.start_epoch(epoch);
    while (batches.next()) last_loss = step({batches.array("x"), batches.array("labels")})[1].item<float>();
    fmt::print("epoch {}: loss {:.4f}, test accuracy {:.4f}\n", epoch + 1, last_loss,
               session.run(accuracy, test).item<float>());
  }
}
