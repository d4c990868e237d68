#include "frontend/train/checkpoint_manager.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"
#include "support/suggest.h"

namespace dlc {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kSuffix = ".safetensors";
constexpr const char* kStepKey = "step";
constexpr const char* kRngKey = "rng_state";

/// The whole of `text` as a number.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The step in the name of a checkpoint; nothing for other files.
std::optional<int64_t> step_of(const std::string& file_name) {
  std::string_view name = file_name;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() < kPrefix.size() + kSuffix.size())
    return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  const std::optional<int64_t> step = parse_number<int64_t>(name);
  // "007" or "-0" is no name of ours.
  if (!step || *step < 0 || fmt::format("{}", *step) != name) return std::nullopt;
  return step;
}

Error cannot(const char* what, const fs::path& folder, const std::string& why) {
  return make_error(ErrorCode::kIo, "{}: cannot {} the folder: {}", folder.string(), what, why);
}

/// Names of the files in the folder.
Expected<std::vector<std::string>> list(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed))
    names.push_back(it->path().filename().string());
  if (failed) return cannot("read", folder, failed.message());
  return names;
}

/// A whole number of the metadata, which only a checkpoint that was not saved by a manager lacks.
template <typename T>
Expected<T> number_of(const Checkpoint& checkpoint, const char* key, const fs::path& path) {
  const auto it = checkpoint.metadata.find(key);
  const std::optional<T> value = it == checkpoint.metadata.end() ? std::nullopt : parse_number<T>(it->second);
  if (!value)
    return make_error(ErrorCode::kData, "{}: expected '{}' in the metadata, a whole number; found {}", path.string(),
                      key, it == checkpoint.metadata.end() ? "nothing" : quote_text(it->second));
  return *value;
}

/// Whether the checkpoint holds the variables of the graph and nothing else.
Expected<void> check_variables(const Checkpoint& checkpoint, const std::vector<Tensor>& variables,
                               const fs::path& path) {
  const auto other_training = [](Error error) {
    return std::move(error).note("the folder holds checkpoints of another model or optimiser; give this one its own");
  };
  std::vector<std::string> saved, known;
  for (const auto& [name, array] : checkpoint.tensors) saved.push_back(name);
  for (const Tensor& v : variables) known.push_back(v.name());
  for (const Tensor& v : variables) {
    const Array* const value = checkpoint.find(v.name());
    if (!value)
      return other_training(make_error(ErrorCode::kNotFound, "{}: variable '{}' is not in the checkpoint{}",
                                       path.string(), v.name(), did_you_mean(v.name(), saved)));
    if (value->dtype() != v.dtype() || value->shape() != v.type().shape())
      return other_training(make_error(value->dtype() == v.dtype() ? ErrorCode::kInvalidShape : ErrorCode::kInvalidType,
                                       "{}: variable '{}' is {}, in the checkpoint {}", path.string(), v.name(),
                                       v.type(), value->type_str()));
  }
  for (const std::string& name : saved)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return other_training(make_error(ErrorCode::kNotFound,
                                       "{}: the checkpoint has '{}', which is no variable of "
                                       "the graph{}",
                                       path.string(), name, did_you_mean(name, known)));
  return {};
}

}  // namespace

Expected<CheckpointManager> CheckpointManager::open(const FilePath& folder, const CheckpointOptions& options) {
  if (options.keep < 0)
    return make_error(ErrorCode::kInvalidArgument, "checkpoints: expected a number to keep of at least 0, got {}",
                      options.keep);
  CheckpointManager manager;
  manager.folder_ = folder;
  manager.options_ = options;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return cannot("make", folder, failed.message());
  manager.lock_ = ::open(folder.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (manager.lock_ < 0) return cannot("open", folder, std::strerror(errno));
  // The kernel lets go of the lock when its process ends, however that happens. Some file systems know
  // no locks; there two trainings in one folder are the user's to avoid.
  if (::flock(manager.lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return make_error(ErrorCode::kFailedPrecondition, "{}: another training is saving its checkpoints there",
                      folder.string())
        .note("wait for it to end, or name another folder");
  DLC_ASSIGN_OR_RETURN(const std::vector<std::string> names, list(folder));
  for (const std::string& name : names)
    if (is_temporary_name(name, kPrefix))
      fs::remove(fs::path(folder) / name, failed);  // one that stays costs only room
  return manager;
}

CheckpointManager::CheckpointManager(CheckpointManager&& other) noexcept
    : folder_(std::move(other.folder_)),
      options_(other.options_),
      damaged_(std::move(other.damaged_)),
      lock_(std::exchange(other.lock_, -1)) {}

CheckpointManager::~CheckpointManager() {
  if (lock_ >= 0) ::close(lock_);
}

FilePath CheckpointManager::path_of(int64_t step) const {
  return fs::path(folder_) / fmt::format("{}{}{}", kPrefix, step, kSuffix);
}

Expected<std::vector<int64_t>> CheckpointManager::steps() const {
  DLC_ASSIGN_OR_RETURN(const std::vector<std::string> names, list(folder_));
  std::vector<int64_t> steps;
  for (const std::string& name : names)
    if (const std::optional<int64_t> step = step_of(name)) steps.push_back(*step);
  std::sort(steps.begin(), steps.end());
  return steps;
}

Expected<FilePath> CheckpointManager::save(const Session& session, int64_t step, const Metadata& metadata) {
  if (step < 0)
    return make_error(ErrorCode::kInvalidArgument, "checkpoints: expected a step of at least 0, got {}", step);
  Metadata all = metadata;
  for (const auto& [key, value] :
       {std::pair(kStepKey, fmt::format("{}", step)), std::pair(kRngKey, fmt::format("{}", session.rng_state()))})
    if (!all.emplace(key, value).second)
      return make_error(ErrorCode::kInvalidArgument, "checkpoints: the metadata key '{}' is the manager's own", key);
  NamedArrays arrays;
  try {
    for (const Tensor& v : session.graph().variables()) arrays.emplace_back(v.name(), session.value(v));
  } catch (const Exception& e) {
    return e.error();
  }
  FilePath path = path_of(step);
  DLC_RETURN_IF_ERROR(save_checkpoint(path, arrays, all));
  std::erase(damaged_, step);
  remove_old(step);
  return path;
}

/// Newer ones than the one just written are none of this training's: damaged, or of a run that went
/// on further before it was set back. They count for nothing and stay.
void CheckpointManager::remove_old(int64_t newest) {
  const Expected<std::vector<int64_t>> found = steps();
  if (options_.keep == 0 || !found) return;
  std::vector<int64_t> ours;
  for (const int64_t step : *found)
    if (step <= newest && std::find(damaged_.begin(), damaged_.end(), step) == damaged_.end()) ours.push_back(step);
  const size_t keep = static_cast<size_t>(options_.keep);
  std::error_code ignored;  // one that cannot be removed does the training no harm
  for (size_t i = 0; i + keep < ours.size(); ++i) fs::remove(path_of(ours[i]), ignored);
}

Expected<std::optional<RestoredCheckpoint>> CheckpointManager::restore(Session& session) {
  DLC_ASSIGN_OR_RETURN(const std::vector<int64_t> steps, this->steps());
  RestoredCheckpoint restored;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    restored.path = path_of(*step);
    Expected<Checkpoint> checkpoint = load_checkpoint(restored.path);
    // A flipped bit in the word that makes it ours looks like a file of somebody else.
    if (checkpoint && !is_own_checkpoint(*checkpoint))
      checkpoint = make_error(ErrorCode::kData, "{}: expected a checkpoint of dlc, found other safetensors",
                              restored.path.string());
    if (!checkpoint) {
      const ErrorCode code = checkpoint.error().code;
      if (code != ErrorCode::kData && code != ErrorCode::kIo) return std::move(checkpoint).error();
      damaged_.push_back(*step);
      restored.skipped.push_back(std::move(checkpoint).error());
      continue;
    }
    const std::vector<Tensor> variables = session.graph().variables();
    DLC_RETURN_IF_ERROR(check_variables(*checkpoint, variables, restored.path));
    DLC_ASSIGN_OR_RETURN(restored.step, number_of<int64_t>(*checkpoint, kStepKey, restored.path));
    DLC_ASSIGN_OR_RETURN(const uint64_t rng_state, number_of<uint64_t>(*checkpoint, kRngKey, restored.path));
    for (const Tensor& v : variables) session.set_value(v, *checkpoint->find(v.name()));
    session.set_rng_state(rng_state);
    restored.metadata = std::move(checkpoint->metadata);
    return std::optional(std::move(restored));
  }
  if (restored.skipped.empty()) return std::optional<RestoredCheckpoint>();
  Error error = make_error(ErrorCode::kData, "{}: none of the {} checkpoints is whole", folder_.string(), steps.size());
  for (const Error& e : restored.skipped) error.notes.push_back(e.message);
  return std::move(error).note("to start again from nothing, remove them or name another folder");
}

}  // namespace dlc
