#include "tools/dlc/data_source.h"

#include <algorithm>

#include "frontend/graph/node.h"

namespace dlc::tools {

Expected<Dataset> load_dataset(const std::string& name) {
  if (name == "digits") return make_digits(60000, 10000, 1);
  if (name.rfind("mnist:", 0) == 0) return load_mnist(name.substr(6));
  return make_error(ErrorCode::kInvalidArgument, "there is no data set '{}': use 'digits' or 'mnist:DIR'", name);
}

Array row(const Array& a, int64_t i) {
  Shape shape(a.shape().begin() + 1, a.shape().end());
  const size_t bytes = static_cast<size_t>(num_elements(shape)) * size_of(a.dtype());
  return Array::borrow(a.dtype(), shape, a.bytes() + static_cast<size_t>(i) * bytes);
}

Expected<DataNames> find_data_placeholders(const Graph& graph, const std::vector<Fetch>& fetches) {
  DataNames names;
  std::string listed;
  int images = 0, labels = 0;
  for (const Tensor& t : needed_placeholders(graph, fetches)) {
    listed += "\n  " + t.str();
    if (is_float(t.dtype())) {
      names.images = t;
      ++images;
    } else if (is_int(t.dtype())) {
      names.labels = t;
      ++labels;
    }
  }
  if (images != 1 || labels > 1)
    return make_error(
        ErrorCode::kInvalidArgument,
        "a data set feeds one floating placeholder (images) and at most one integer one (labels); the model needs:{}",
        listed.empty() ? " none" : listed);
  return names;
}

Expected<Array> images_for(const Tensor& placeholder, const Array& images) {
  const Array flat = normalized_images(images).cast(placeholder.dtype());
  const int64_t n = images.dim(0);
  const ir::Dims& dims = placeholder.dims();
  Shape shape;
  if (dims.size() == 2 && dims[1].is(kDigitSize * kDigitSize)) shape = {n, kDigitSize * kDigitSize};
  if (dims.size() == 3 && dims[1].is(kDigitSize) && dims[2].is(kDigitSize)) shape = {n, kDigitSize, kDigitSize};
  if (dims.size() == 4 && dims[1].is(kDigitSize) && dims[2].is(kDigitSize) && dims[3].is(1))
    shape = {n, kDigitSize, kDigitSize, 1};
  if (shape.empty())
    return make_error(ErrorCode::kInvalidShape,
                      "images of 28x28 do not fit placeholder {}: it needs [n,784], [n,28,28] or [n,28,28,1]",
                      placeholder.str())
        .at(placeholder.node().loc);
  return flat.reshaped(shape);
}

Expected<Array> labels_for(const Tensor& placeholder, const Array& labels) {
  if (placeholder.rank() != 1)
    return make_error(ErrorCode::kInvalidShape, "labels are classes [n]; they do not fit placeholder {}",
                      placeholder.str())
        .at(placeholder.node().loc);
  return labels.cast(placeholder.dtype());
}

Expected<DataFeeds> bind_dataset(const Graph& graph, const std::vector<Fetch>& fetches, const LabelledImages& data,
                                 int64_t count) {
  DLC_ASSIGN_OR_RETURN(const DataNames names, find_data_placeholders(graph, fetches));
  count = std::min(count, data.images.dim(0));
  const Array images = Array::borrow(kUInt8, {count, kDigitSize, kDigitSize}, data.images.bytes());
  const Array labels = Array::borrow(kInt32, {count}, data.labels.bytes());
  DataFeeds out;
  DLC_ASSIGN_OR_RETURN(const Array x, images_for(names.images, images));
  out.feeds.emplace_back(names.images, x);
  if (names.labels) {
    DLC_ASSIGN_OR_RETURN(const Array y, labels_for(names.labels, labels.clone()));
    out.feeds.emplace_back(names.labels, y);
  }
  return out;
}

}  // namespace dlc::tools
