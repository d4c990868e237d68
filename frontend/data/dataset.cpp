#include "frontend/data/dataset.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "frontend/data/idx.h"

namespace dlc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTrainImages = "train-images-idx3-ubyte";
constexpr const char* kTrainLabels = "train-labels-idx1-ubyte";
constexpr const char* kTestImages = "t10k-images-idx3-ubyte";
constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte";

/// `folder`/`name`, plain or with ".gz"; empty if there is neither.
fs::path find_file(const fs::path& folder, const std::string& name) {
  std::error_code code;
  for (const char* suffix : {"", ".gz"})
    if (const fs::path path = folder / (name + suffix); fs::exists(path, code)) return path;
  return {};
}

Expected<LabelledImages> load_part(const fs::path& images_path, const fs::path& labels_path) {
  DLC_ASSIGN_OR_RETURN(Array images, read_idx(images_path));
  DLC_ASSIGN_OR_RETURN(const Array bytes, read_idx(labels_path));
  if (images.dtype() != kUInt8 || images.rank() != 3)
    return make_error(ErrorCode::kData, "{}: expected images u8[n,h,w], found {}", images_path.string(),
                      images.type_str());
  if (bytes.dtype() != kUInt8 || bytes.rank() != 1)
    return make_error(ErrorCode::kData, "{}: expected labels u8[n], found {}", labels_path.string(), bytes.type_str());
  if (images.dim(0) != bytes.dim(0))
    return make_error(ErrorCode::kData, "{}: expected one label for each of {} images, found {}", labels_path.string(),
                      images.dim(0), bytes.dim(0));
  const std::span<const uint8_t> labels = bytes.data<uint8_t>();
  const auto wrong = std::find_if(labels.begin(), labels.end(), [](uint8_t label) { return label >= kDigitClasses; });
  if (wrong != labels.end())
    return make_error(ErrorCode::kData, "{}: expected labels 0 to 9, found {} at index {}", labels_path.string(),
                      static_cast<int>(*wrong), wrong - labels.begin());
  return LabelledImages{std::move(images), bytes.cast(kInt32)};
}

}  // namespace

Expected<Dataset> load_mnist(const FilePath& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code))
    return make_error(ErrorCode::kNotFound, "{}: expected a folder with the MNIST files", folder.string());
  std::vector<fs::path> paths;
  std::vector<std::string> missing;
  for (const char* name : {kTrainImages, kTrainLabels, kTestImages, kTestLabels}) {
    paths.push_back(find_file(folder, name));
    if (paths.back().empty()) missing.push_back(name);
  }
  if (!missing.empty())
    return make_error(ErrorCode::kNotFound, "{}: {} of the four MNIST files missing (plain or .gz): {}",
                      folder.string(), missing.size() == 1 ? "one" : fmt::format("{}", missing.size()),
                      fmt::join(missing, ", "));
  Dataset set;
  set.name = "mnist:" + folder.string();
  DLC_ASSIGN_OR_RETURN(set.train, load_part(paths[0], paths[1]));
  DLC_ASSIGN_OR_RETURN(set.test, load_part(paths[2], paths[3]));
  const bool same_size =
      set.train.images.dim(1) == set.test.images.dim(1) && set.train.images.dim(2) == set.test.images.dim(2);
  if (!same_size)
    return make_error(ErrorCode::kData, "{}: expected test images as large as the training images, {}; found {}",
                      paths[2].string(), set.train.images.type_str(), set.test.images.type_str());
  return set;
}

Expected<Dataset> make_digits(int64_t n_train, int64_t n_test, uint64_t seed) {
  Dataset set;
  set.name = "digits";
  DLC_ASSIGN_OR_RETURN(set.train, generate_digits(n_train, seed, 0));
  DLC_ASSIGN_OR_RETURN(set.test, generate_digits(n_test, seed, 1));
  return set;
}

Array normalized_images(const Array& images) {
  DLC_CHECK(images.dtype() == kUInt8 && images.rank() >= 1, "images u8[n,...], not {}", images.type_str());
  const int64_t n = images.dim(0);
  int64_t pixels = 1;
  for (int64_t d = 1; d < images.rank(); ++d) pixels *= images.dim(d);
  Array out = Array::uninitialized(kFloat32, {n, pixels});
  const std::span<const uint8_t> from = images.data<uint8_t>();
  std::transform(from.begin(), from.end(), out.data<float>().begin(),
                 [](uint8_t v) { return static_cast<float>(v) / 255.0f; });
  return out;
}

}  // namespace dlc
