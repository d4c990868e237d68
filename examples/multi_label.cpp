// Sigmoid or softmax? Both end a network of C outputs. Softmax shares one certainty among C classes that
// exclude each other; sigmoids answer C questions that have nothing to do with one another. Here pictures,
// of four numbers each, may show a cat, a dog, a chick: none of them, one, or all.
//
// Prints:
//   sigmoid: all three answers right for 100.0% of the pictures
//   softmax: all three answers right for 4...% of the pictures
//   cat and dog: sigmoid says 0.9... 0.9... 0.0..., softmax says 0.5... 0.4... 0.0...
//   nothing:     sigmoid says 0.0... 0.0... 0.0..., softmax says 0...
#include "examples/animals.h"

using namespace dlc;
using namespace dlc::examples;

namespace {

std::string show(const Array& probabilities, int64_t row) {
  return fmt::format("{:.2f} {:.2f} {:.2f}", probabilities.at<float>({row, 0}), probabilities.at<float>({row, 1}),
                     probabilities.at<float>({row, 2}));
}

}  // namespace

int main() {
  const Pictures pictures = any_animals(400);
  Recognizer by_sigmoid(Output::kSigmoid), by_softmax(Output::kSoftmax);
  by_sigmoid.train(pictures, 500);
  by_softmax.train(pictures, 500);
  fmt::print("sigmoid: all three answers right for {:.1f}% of the pictures\n", 100 * by_sigmoid.accuracy(pictures));
  fmt::print("softmax: all three answers right for {:.1f}% of the pictures\n", 100 * by_softmax.accuracy(pictures));

  // Two pictures without noise.
  const Array two = clear_pictures({{1, 1, 0}, {0, 0, 0}});
  const Array sigmoids = by_sigmoid.probabilities(two), softmaxes = by_softmax.probabilities(two);
  fmt::print("cat and dog: sigmoid says {}, softmax says {}\n", show(sigmoids, 0), show(softmaxes, 0));
  fmt::print("nothing:     sigmoid says {}, softmax says {}\n", show(sigmoids, 1), show(softmaxes, 1));
}
