// What the ways of `dlc run` share: a graph, a function of IR text, a compiled library.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "frontend/data/dataset.h"
#include "frontend/session/session.h"
#include "support/array.h"
#include "support/expected.h"

namespace dlc::tools {

struct RunOptions {
  std::string model;
  std::vector<std::string> feeds;
  std::vector<std::string> silenced;  ///< warnings: see load_model
  std::vector<std::string> fetches;
  std::string save, checkpoint, data;
  SessionOptions session;
  int64_t draw = 0;
};

using NamedResults = std::vector<std::pair<std::string, Array>>;

/// Runs a library made by `dlc compile --emit shared`; nothing is compiled. With `draw`, prints images
/// and predictions instead of giving results.
Expected<NamedResults> run_library(const RunOptions& options);

/// Draws images [first, first + count) of `data`, each with the class of the largest value in its row of
/// `scores`, whose row 0 is that of image `first`. kInvalidShape when scores are not [n, classes].
Expected<void> print_predictions(const LabelledImages& data, int64_t first, int64_t count, const Array& scores);

}  // namespace dlc::tools
