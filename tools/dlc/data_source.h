// Data for training and running: the data sets by name, and which placeholder takes what.
#pragma once

#include <string>
#include <vector>

#include "frontend/data/dataset.h"
#include "tools/dlc/model.h"

namespace dlc::tools {

/// "digits": the embedded, generated digits; "mnist:DIR": the IDX files in DIR.
Expected<Dataset> load_dataset(const std::string& name);

/// Row `i` of an array along its first axis, shared.
Array row(const Array& a, int64_t i);

/// Which placeholders of a step take images and labels.
struct DataNames {
  Tensor images, labels;  ///< labels may be empty: a step that needs none
};
/// The only floating placeholder takes images, the only integer one labels. The Error lists the
/// placeholders when that does not decide.
Expected<DataNames> find_data_placeholders(const Graph& graph, const std::vector<Fetch>& fetches);

/// Images as the placeholder wants them: normalised to [0,1] in its element type, [n, 784] or [n, 28, 28(, 1)].
Expected<Array> images_for(const Tensor& placeholder, const Array& images);
/// Labels in the placeholder's element type.
Expected<Array> labels_for(const Tensor& placeholder, const Array& labels);

struct DataFeeds {
  Feeds feeds;
};
/// The first `count` examples as feeds of `fetches`.
Expected<DataFeeds> bind_dataset(const Graph& graph, const std::vector<Fetch>& fetches, const LabelledImages& data,
                                 int64_t count);

}  // namespace dlc::tools
