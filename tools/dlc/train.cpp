// dlc train: trains a graph file on a data set or on arrays.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "frontend/data/checksum.h"
#include "frontend/data/file_io.h"
#include "frontend/graph/graph_file.h"
#include "frontend/graph/lower.h"
#include "frontend/graph/node.h"
#include "frontend/train/checkpoint_manager.h"
#include "frontend/train/optimizer.h"
#include "tools/dlc/data_source.h"
#include "tools/dlc/interrupt.h"
#include "tools/dlc/model.h"
#include "tools/dlc/progress.h"
#include "tools/dlc/session_options.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

constexpr int64_t kMost = 1'000'000'000;  // of what is counted on the command line

struct TrainOptions {
  std::string model, data, loss, step, metric, optimizer = "adam", checkpoint, save, checkpoint_dir;
  std::vector<std::string> silenced;
  std::vector<std::string> feeds, test_feeds;
  double learning_rate = 1e-3;
  int64_t batch_size = 64, epochs = 5, seed = 0, checkpoint_every = 0, keep = 3;
  bool shuffle = true, resume = false;
  SessionOptions session;
};

/// What is trained on: arrays of equal length, and the tensors they feed.
struct TrainingData {
  std::vector<Tensor> tensors;
  NamedArrays train, test;  ///< by name of the tensor; `test` may be empty
};

Expected<NamedArrays> read_feeds(const Graph& graph, const std::vector<std::string>& feeds,
                                 std::vector<Tensor>* tensors) {
  NamedArrays arrays;
  for (const std::string& feed : feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=FILE.npy"));
    DLC_ASSIGN_OR_RETURN(const Tensor t, find_tensor(graph, parts.first));
    DLC_ASSIGN_OR_RETURN(const Array a, read_array(parts.second));
    if (tensors) tensors->push_back(t);
    arrays.emplace_back(t.name(), a);
  }
  return arrays;
}

Expected<TrainingData> load_data(const Graph& graph, const TrainOptions& options, const std::vector<Fetch>& fetches) {
  TrainingData data;
  if (options.data.empty()) {
    if (options.feeds.empty())
      return make_error(ErrorCode::kInvalidArgument,
                        "nothing to train on: give --data digits, --data mnist:DIR or --feed NAME=FILE.npy");
    DLC_ASSIGN_OR_RETURN(data.train, read_feeds(graph, options.feeds, &data.tensors));
    DLC_ASSIGN_OR_RETURN(const NamedArrays test, read_feeds(graph, options.test_feeds, nullptr));
    if (test.empty()) return data;
    // In the order of the training's; each of those, and no other.
    for (const auto& [name, array] : data.train) {
      const Array* const found = find_array(test, name);
      if (!found)
        return make_error(ErrorCode::kInvalidArgument,
                          "'{0}' is fed in training, but not in the validation: add --test-feed {0}=FILE.npy", name);
      data.test.emplace_back(name, *found);
    }
    for (const auto& [name, array] : test)
      if (!find_array(data.train, name))
        return make_error(ErrorCode::kInvalidArgument,
                          "'{0}' is fed in the validation, but not in training: add --feed {0}=FILE.npy", name);
    return data;
  }
  DLC_ASSIGN_OR_RETURN(const Dataset set, load_dataset(options.data));
  DLC_ASSIGN_OR_RETURN(const DataNames names, find_data_placeholders(graph, fetches));
  const auto add = [&](const LabelledImages& part, NamedArrays& to) -> Expected<void> {
    DLC_ASSIGN_OR_RETURN(const Array x, images_for(names.images, part.images));
    to.emplace_back(names.images.name(), x);
    if (!names.labels) return {};
    DLC_ASSIGN_OR_RETURN(const Array y, labels_for(names.labels, part.labels));
    to.emplace_back(names.labels.name(), y);
    return {};
  };
  DLC_RETURN_IF_ERROR(add(set.train, data.train));
  DLC_RETURN_IF_ERROR(add(set.test, data.test));
  data.tensors.push_back(names.images);
  if (names.labels) data.tensors.push_back(names.labels);
  return data;
}

/// The op that makes a step: the one named, else `train` of the model, else an optimiser over the loss.
/// The tensor whose mean over batches is told, and which is made smaller: a number.
Expected<Tensor> find_loss(const Graph& graph, const std::string& name) {
  DLC_ASSIGN_OR_RETURN(const Tensor loss, find_tensor(graph, name));
  if (loss.type().rank() == 0 && is_float(loss.type().dtype)) return loss;
  return make_error(ErrorCode::kInvalidShape, "'{}' is {}; what is minimized is one number, reduce_mean({}) for one",
                    name, loss.type(), name)
      .at(loss.node().loc);
}

/// An Error when a run of the step would change nothing.
Expected<void> check_step(const Graph& graph, const Fetch& step, const std::vector<Tensor>& fed) {
  DLC_ASSIGN_OR_RETURN(const auto function, lower(graph, {step}, fed));
  for (int i = 0; i < function->num_results(); ++i)
    if (function->result_info(i).kind == ir::ResultKind::kUpdate) return {};
  return make_error(ErrorCode::kInvalidArgument, "the step '{}' changes no variable: nothing would be trained",
                    step.name())
      .at(step.node().loc)
      .note("name the result of an optimizer with --step, or leave it out: --optimizer makes one");
}

Expected<Fetch> find_step(const Graph& graph, const TrainOptions& options, const Tensor& loss) {
  if (!options.step.empty()) return find_fetch(graph, options.step);
  if (graph.find_operation("train")) return find_fetch(graph, "train");
  return catching([&]() -> Fetch {
    if (options.optimizer == "sgd") return GradientDescentOptimizer(options.learning_rate).minimize(loss);
    if (options.optimizer == "momentum") return MomentumOptimizer(options.learning_rate, 0.9).minimize(loss);
    return AdamOptimizer(options.learning_rate).minimize(loss);
  });
}

/// Callables by batch size: the last batch of an epoch may be smaller.
class BatchStep {
 public:
  BatchStep(Session& session, std::vector<Fetch> fetches, std::vector<Tensor> tensors)
      : session_(session), fetches_(std::move(fetches)), tensors_(std::move(tensors)) {}

  const std::vector<Array>& operator()(const Batcher& batch) {
    feeds_.clear();
    for (size_t i = 0; i < tensors_.size(); ++i) feeds_.push_back(batch.array(i));
    const int64_t n = feeds_[0].dim(0);
    auto it = steps_.find(n);
    if (it == steps_.end()) {
      std::vector<std::pair<Tensor, FeedType>> types;
      for (size_t i = 0; i < tensors_.size(); ++i)
        types.emplace_back(tensors_[i], FeedType{feeds_[i].dtype(), feeds_[i].shape()});
      it = steps_.emplace(n, session_.prepare(fetches_, types)).first;
    }
    return it->second(feeds_);
  }

 private:
  Session& session_;
  std::vector<Fetch> fetches_;
  std::vector<Tensor> tensors_;
  std::vector<Array> feeds_;
  std::map<int64_t, Callable> steps_;
};

double mean_of(const Array& a) {
  double sum = 0;
  for (int64_t i = 0; i < a.num_elements(); ++i) sum += a.value_as_double(i);
  return sum / static_cast<double>(std::max<int64_t>(a.num_elements(), 1));
}

/// Means of the fetches over all rows, batches weighted by their rows.
std::vector<double> evaluate(Session& session, const std::vector<Fetch>& fetches, const TrainingData& data,
                             int64_t batch_size) {
  Batcher batches = value_or_throw(Batcher::create(data.test, {.batch_size = batch_size, .shuffle = false}));
  BatchStep step(session, fetches, data.tensors);
  std::vector<double> sums(fetches.size(), 0);
  batches.start_epoch(0);
  while (batches.next()) {
    const std::vector<Array>& out = step(batches);
    for (size_t i = 0; i < out.size(); ++i) sums[i] += mean_of(out[i]) * static_cast<double>(batches.rows().size());
  }
  for (double& s : sums) s /= static_cast<double>(std::max<int64_t>(batches.num_rows(), 1));
  return sums;
}

/// Sums over the examples of the epoch so far, for its line of the report.
struct EpochSums {
  double loss = 0, metric = 0;
  int64_t rows = 0;

  void add(const std::vector<Array>& out, int64_t n) {
    loss += mean_of(out[1]) * static_cast<double>(n);
    if (out.size() > 2) metric += mean_of(out[2]) * static_cast<double>(n);
    rows += n;
  }
  double mean(double sum) const { return sum / static_cast<double>(std::max<int64_t>(rows, 1)); }

  /// As text for a checkpoint: bits, which come back exactly.
  void save(Metadata& to) const {
    to["epoch.loss_bits"] = fmt::format("{}", std::bit_cast<uint64_t>(loss));
    to["epoch.metric_bits"] = fmt::format("{}", std::bit_cast<uint64_t>(metric));
    to["epoch.rows"] = fmt::format("{}", rows);
  }
  void restore(const Metadata& from) {
    const auto number = [&](const char* key) {
      const auto it = from.find(key);
      return it == from.end() ? 0 : std::strtoull(it->second.c_str(), nullptr, 10);
    };
    loss = std::bit_cast<double>(uint64_t{number("epoch.loss_bits")});
    metric = std::bit_cast<double>(uint64_t{number("epoch.metric_bits")});
    rows = static_cast<int64_t>(number("epoch.rows"));
  }
};

/// Of all that a graph says, the constants and learning rates too.
std::string checksum(const Graph& graph) {
  NamedArrays constants;
  Checksum sum;
  sum.add(print(graph, &constants));
  sum.add(constants);
  return sum.str();
}

/// One training: what it works on, and where it stands.
class Training {
 public:
  Training(const Graph& graph, const TrainOptions& options) : options_(options), session_(graph, options.session) {
    const Tensor loss = value_or_throw(find_loss(graph, options.loss));
    const Fetch step_op = value_or_throw(find_step(graph, options, loss));
    report_fetches_.emplace_back(loss);
    metric_name_ = options.metric;
    if (metric_name_.empty() && graph.find_operation("accuracy")) metric_name_ = "accuracy";
    if (!metric_name_.empty()) report_fetches_.emplace_back(value_or_throw(find_tensor(graph, metric_name_)));
    std::vector<Fetch> fetches{step_op};
    fetches.insert(fetches.end(), report_fetches_.begin(), report_fetches_.end());

    fmt::print("loading {}\n", options.data.empty() ? "arrays" : options.data);
    data_ = value_or_throw(load_data(graph, options, fetches));
    batches_ = value_or_throw(Batcher::create(
        data_.train,
        {.batch_size = options.batch_size, .shuffle = options.shuffle, .seed = static_cast<uint64_t>(options.seed)}));
    if (batches_->num_rows() == 0)
      throw Exception(make_error(ErrorCode::kInvalidArgument, "nothing to train on: '{}' is {}, without a row",
                                 data_.train[0].first, data_.train[0].second.type_str()));
    if (!data_.test.empty() && data_.test[0].second.dim(0) == 0)
      throw Exception(make_error(ErrorCode::kInvalidArgument, "nothing to validate on: '{}' is {}, without a row",
                                 data_.test[0].first, data_.test[0].second.type_str()));
    // Better told now than after the first epoch.
    if (!options.save.empty()) value_or_throw(AtomicFile::create(options.save));
    value_or_throw(check_step(graph, step_op, data_.tensors));
    step_.emplace(session_, fetches, data_.tensors);
    total_ = batches_->num_batches() * options.epochs;
    if (!options.checkpoint_dir.empty()) {
      checkpoints_.emplace(
          value_or_throw(CheckpointManager::open(options.checkpoint_dir, {.keep = static_cast<int>(options.keep)})));
      value_or_throw(AtomicFile::create((std::filesystem::path(options.checkpoint_dir) / "checkpoint").string()));
      model_checksum_ = checksum(graph);
    }
    if (!resume()) value_or_throw(initialize(session_, options.checkpoint));
  }

  /// Trains to the end, or to the step during which a signal came; returns that signal, or 0.
  int run() {
    fmt::print("training '{}' on {} examples: {} epochs of {} steps, batch size {}\n", options_.loss,
               batches_->num_rows(), options_.epochs, batches_->num_batches(), options_.batch_size);
    std::fflush(stdout);
    Progress progress("train", total_);
    const InterruptGuard guard;
    const auto start = std::chrono::steady_clock::now();
    const int64_t first = done_;
    int stopped = 0;
    while (epoch_ < options_.epochs && stopped == 0) {
      stopped = run_epoch(progress);
      if (stopped != 0) break;
      report_epoch(progress);
      if (!options_.save.empty()) save();
      ++epoch_;
      sums_ = {};
      batches_->start_epoch(epoch_);
      if (epoch_ < options_.epochs) stopped = InterruptGuard::signal();
    }
    progress.finish();
    if (stopped != 0) {
      put_away(stopped);
      return stopped;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("trained {} steps in {} ({:.0f} examples/s)\n", done_ - first, duration_str(seconds),
               static_cast<double>((done_ - first) * options_.batch_size) / std::max(seconds, 1e-9));
    if (!options_.save.empty()) fmt::print("saved {}\n", options_.save);
    return 0;
  }

 private:
  /// The steps of the epoch that are left; returns the signal that cut it short, or 0.
  int run_epoch(Progress& progress) {
    const int64_t every = options_.checkpoint_every > 0 ? options_.checkpoint_every : batches_->num_batches();
    while (batches_->next()) {
      const std::vector<Array>& out = (*step_)(*batches_);
      sums_.add(out, static_cast<int64_t>(batches_->rows().size()));
      ++done_;
      if (checkpoints_ && (done_ % every == 0 || done_ == total_)) checkpoint();
      std::string status = fmt::format("epoch {} loss {}", epoch_ + 1, score(sums_.mean(sums_.loss)));
      if (out.size() > 2) status += fmt::format(" {} {}", metric_name_, score(sums_.mean(sums_.metric)));
      progress.step(done_, status);
      if (const int signal = InterruptGuard::signal(); signal != 0 && done_ < total_) return signal;
    }
    return 0;
  }

  /// A loss or metric as lines show it: a NaN without its sign, which means nothing.
  static std::string score(double value) { return std::isnan(value) ? "nan" : fmt::format("{:.4f}", value); }

  void report_epoch(Progress& progress) {
    std::string line = fmt::format("epoch {}/{}: loss {}", epoch_ + 1, options_.epochs, score(sums_.mean(sums_.loss)));
    if (!metric_name_.empty()) line += fmt::format(", {} {}", metric_name_, score(sums_.mean(sums_.metric)));
    if (!data_.test.empty()) {
      const std::vector<double> test = evaluate(session_, report_fetches_, data_, 1000);
      line += fmt::format("; test loss {}", score(test[0]));
      if (test.size() > 1) line += fmt::format(", test {} {}", metric_name_, score(test[1]));
    }
    progress.line(line);
  }

  /// Goes on from the newest checkpoint; false when there is none.
  bool resume() {
    if (!checkpoints_) return false;
    if (!options_.resume) {
      const std::vector<int64_t> steps = value_or_throw(checkpoints_->steps());
      if (steps.empty()) return false;
      throw Exception(make_error(ErrorCode::kAlreadyExists,
                                 "{}: there are checkpoints of a training already, up to "
                                 "step {}",
                                 options_.checkpoint_dir, steps.back())
                          .note("add --resume to go on with that training, or name another folder"));
    }
    const std::optional<RestoredCheckpoint> saved = value_or_throw(checkpoints_->restore(session_));
    if (!saved) return false;
    for (const Error& e : saved->skipped) fmt::print(stderr, "dlc: warning: passed over {}\n", e.message);
    Expected<void> placed = batches_->restore(saved->metadata);
    if (!placed) throw Exception(std::move(placed).error().note(fmt::format("restoring {}", saved->path.string())));
    sums_.restore(saved->metadata);
    done_ = saved->step;
    epoch_ = batches_->epoch();
    if (const auto it = saved->metadata.find("model"); it != saved->metadata.end() && it->second != model_checksum_)
      fmt::print(stderr,
                 "dlc: warning: the model is not the one that {} was saved with; the training goes on with the new "
                 "one\n",
                 saved->path.string());
    fmt::print("resuming after step {} (epoch {}) from {}\n", done_, epoch_ + 1, saved->path.string());
    return true;
  }

  std::filesystem::path checkpoint() {
    Metadata metadata = batches_->position();
    metadata["model"] = model_checksum_;
    sums_.save(metadata);
    return value_or_throw(checkpoints_->save(session_, done_, metadata));
  }

  /// The variables alone, for `dlc run`.
  void save() {
    NamedArrays arrays;
    for (const Tensor& v : session_.graph().variables()) arrays.emplace_back(v.name(), session_.value(v));
    value_or_throw(save_checkpoint(options_.save, arrays,
                                   {{"epoch", fmt::format("{}", epoch_ + 1)},
                                    {"step", fmt::format("{}", done_)},
                                    {"rng_state", fmt::format("{}", session_.rng_state())}}));
  }

  /// What a signal leaves behind, and what the user reads then.
  void put_away(int signal) {
    std::string saved = "nothing was saved; with --checkpoint-dir DIR it would go on from here";
    if (checkpoints_) {
      saved = fmt::format("saved {}; the same command with --resume goes on from there", checkpoint().string());
    } else if (!options_.save.empty()) {
      save();
      saved = fmt::format("saved {}", options_.save);
    }
    fmt::print(stderr, "dlc: stopped by {} after step {} of {}: {}\n", signal_name(signal), done_, total_, saved);
  }

  const TrainOptions& options_;
  Session session_;
  std::vector<Fetch> report_fetches_;
  std::string metric_name_;
  TrainingData data_;
  std::optional<Batcher> batches_;
  std::optional<BatchStep> step_;
  std::optional<CheckpointManager> checkpoints_;
  std::string model_checksum_;  ///< where there are checkpoints
  int64_t total_ = 0;           ///< steps
  int64_t done_ = 0, epoch_ = 0;
  EpochSums sums_;
};

}  // namespace

std::function<int()> setup_train(CLI::App& app) {
  auto o = std::make_shared<TrainOptions>();
  app.add_option("model", o->model, "Graph file (.dlc)")->required();
  add_silence_option(app, o->silenced);
  app.add_option("--data", o->data, "'digits' (embedded, generated) or 'mnist:DIR' (IDX files, plain or .gz)");
  app.add_option("--feed", o->feeds,
                 "NAME=FILE.npy or NAME=FILE.npz:ENTRY, instead of --data; batches run along the first axis");
  app.add_option("--test-feed", o->test_feeds, "The same for the validation after each epoch");
  app.add_option("--minimize", o->loss, "The loss")->required();
  app.add_option("--step", o->step,
                 "The operation that makes a step; default: 'train' of the model, else an optimiser over the loss");
  app.add_option("--optimizer", o->optimizer, "Where the model has no step: sgd, momentum (0.9) or adam")
      ->check(CLI::IsMember({"sgd", "momentum", "adam"}))
      ->capture_default_str();
  app.add_option("--learning-rate", o->learning_rate, "Of that optimiser")->capture_default_str();
  app.add_option("--metric", o->metric, "A tensor to report beside the loss; default: 'accuracy' if the model has it");
  app.add_option("--batch-size", o->batch_size, "Examples of one step")
      ->check(CLI::Range(int64_t{1}, kMost))
      ->capture_default_str();
  app.add_option("--epochs", o->epochs, "Passes over the data")
      ->check(CLI::Range(int64_t{0}, kMost))
      ->capture_default_str();
  app.add_option("--seed", o->seed, "Of the order of examples")->capture_default_str();
  app.add_flag("--shuffle,!--no-shuffle", o->shuffle, "A new order in every epoch (the default)");
  app.add_option("--checkpoint", o->checkpoint, "Start from the variables of this safetensors file");
  app.add_option("--save", o->save, "Write all variables here after each epoch (safetensors, replaced at once)");
  app.add_option("--checkpoint-dir", o->checkpoint_dir,
                 "Keep the state of the training in this folder, for --resume; Ctrl-C saves it too");
  app.add_option("--checkpoint-every", o->checkpoint_every, "Steps from one checkpoint to the next; 0: one epoch")
      ->check(CLI::Range(int64_t{0}, kMost))
      ->capture_default_str();
  app.add_option("--keep", o->keep, "The newest checkpoints that stay; 0: all")
      ->check(CLI::Range(int64_t{0}, kMost))
      ->capture_default_str();
  app.add_flag(
      "--resume", o->resume,
      "Go on, bit for bit, from the newest whole checkpoint in --checkpoint-dir; from the start if it is empty");
  add_session_options(app, o->session);
  return [o] {
    Expected<Model> model = load_model(o->model, o->silenced);
    if (!model) return report(model.error());
    if (!model->graph)
      return report(make_error(ErrorCode::kInvalidArgument, "'{}' is IR text; training needs a graph file", o->model));
    if (o->resume && o->checkpoint_dir.empty())
      return report(make_error(ErrorCode::kInvalidArgument,
                               "--resume needs the folder of the checkpoints: "
                               "--checkpoint-dir DIR"));
    int signal = 0;
    {
      Training training(*model->graph, *o);
      signal = training.run();
    }
    if (signal != 0) end_by_signal(signal);
    return static_cast<int>(kDone);
  };
}

}  // namespace dlc::tools
