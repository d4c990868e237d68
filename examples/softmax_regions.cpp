// What softmax can tell apart. Without a hidden layer the boundary of any two classes is a line, so 4, 5
// or 6 heaps of points are no trouble, but XOR and two spirals are; with hidden units they are solved.
//
//   example_softmax_regions                     prints the share of points in the right region
//   example_softmax_regions regions.svg         draws the regions as well
//
// Prints:
//   4 classes, no hidden layer: 100.0% right
//   5 classes, no hidden layer: 100.0% right
//   6 classes, no hidden layer: 100.0% right
//   XOR, no hidden layer: 6...% right
//   XOR, 8 hidden units: 100.0% right
//   spirals, no hidden layer: 6...% right
//   spirals, 32 hidden units: 100.0% right
#include <cstdio>
#include <fstream>

#include "examples/plane.h"

using namespace dlc;
using namespace dlc::examples;

namespace {

void show(const Points& points, int64_t hidden_units, Picture& picture) {
  Classifier classifier(points.classes, hidden_units > 0 ? std::vector{hidden_units} : std::vector<int64_t>{});
  classifier.train(points, hidden_units > 0 ? 1000 : 300);
  const std::string title = hidden_units > 0 ? fmt::format("{}, {} hidden units", points.name, hidden_units)
                                             : fmt::format("{}, no hidden layer", points.name);
  picture.add_panel(points, classifier, title);
  fmt::print("{}: {:.1f}% right\n", title, 100 * classifier.accuracy(points));
}

}  // namespace

int main(int argc, char** argv) {
  Picture picture;
  for (const int64_t classes : {4, 5, 6}) show(heaps(classes), 0, picture);
  show(exclusive_or(), 0, picture);
  show(exclusive_or(), 8, picture);
  show(spirals(), 0, picture);
  show(spirals(), 32, picture);
  if (argc < 2) return 0;
  std::ofstream file(argv[1]);
  if (!(file << picture.svg() << std::flush)) {
    fmt::print(stderr, "cannot write '{}': is it a file name in a folder that exists?\n", argv[1]);
    return 1;
  }
}
