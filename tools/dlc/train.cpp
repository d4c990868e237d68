// dlc train: trains a graph file on a data set or on arrays.
#include <algorithm>
#include <memory>

#include "frontend/data/checkpoint.h"
#include "frontend/train/optimizer.h"
#include "tools/dlc/data_source.h"
#include "tools/dlc/model.h"
#include "tools/dlc/progress.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct TrainOptions {
  std::string model, data, loss, step, metric, optimizer = "adam", checkpoint, save;
  std::vector<std::string> feeds, test_feeds;
  double learning_rate = 1e-3;
  int64_t batch_size = 64, epochs = 5, seed = 0;
  bool shuffle = true;
  int threads = 0;
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
    DLC_ASSIGN_OR_RETURN(data.test, read_feeds(graph, options.test_feeds, nullptr));
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

Expected<void> save(Session& session, const std::string& path, int64_t epoch, int64_t steps) {
  NamedArrays arrays;
  for (const Tensor& v : session.graph().variables()) arrays.emplace_back(v.name(), session.value(v));
  return save_checkpoint(path, arrays,
                         {{"epoch", fmt::format("{}", epoch)},
                          {"step", fmt::format("{}", steps)},
                          {"rng_state", fmt::format("{}", session.rng_state())}});
}

void train(const Graph& graph, const TrainOptions& options) {
  const Tensor loss = value_or_throw(find_tensor(graph, options.loss));
  const Fetch step_op = value_or_throw(find_step(graph, options, loss));
  std::vector<Fetch> report_fetches{loss};
  std::string metric_name = options.metric;
  if (metric_name.empty() && graph.find_operation("accuracy")) metric_name = "accuracy";
  if (!metric_name.empty()) report_fetches.emplace_back(value_or_throw(find_tensor(graph, metric_name)));
  std::vector<Fetch> fetches{step_op};
  fetches.insert(fetches.end(), report_fetches.begin(), report_fetches.end());

  fmt::print("loading {}\n", options.data.empty() ? "arrays" : options.data);
  const TrainingData data = value_or_throw(load_data(graph, options, fetches));
  Batcher batches = value_or_throw(Batcher::create(
      data.train,
      {.batch_size = options.batch_size, .shuffle = options.shuffle, .seed = static_cast<uint64_t>(options.seed)}));

  Session session(graph, {.num_threads = options.threads});
  value_or_throw(initialize(session, options.checkpoint));
  BatchStep step(session, fetches, data.tensors);
  const int64_t total = batches.num_batches() * options.epochs;
  fmt::print("training '{}' on {} examples: {} epochs of {} steps, batch size {}\n", loss.name(), batches.num_rows(),
             options.epochs, batches.num_batches(), options.batch_size);
  std::fflush(stdout);
  Progress progress("train", total);
  const auto start = std::chrono::steady_clock::now();
  int64_t done = 0;
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    batches.start_epoch(epoch);
    double loss_sum = 0, metric_sum = 0;
    int64_t rows = 0;
    while (batches.next()) {
      const std::vector<Array>& out = step(batches);
      const int64_t n = static_cast<int64_t>(batches.rows().size());
      loss_sum += mean_of(out[1]) * static_cast<double>(n);
      if (out.size() > 2) metric_sum += mean_of(out[2]) * static_cast<double>(n);
      rows += n;
      ++done;
      std::string status = fmt::format("epoch {} loss {:.4f}", epoch + 1, loss_sum / static_cast<double>(rows));
      if (out.size() > 2) status += fmt::format(" {} {:.4f}", metric_name, metric_sum / static_cast<double>(rows));
      progress.step(done, status);
    }
    std::string line = fmt::format("epoch {}/{}: loss {:.4f}", epoch + 1, options.epochs,
                                   loss_sum / static_cast<double>(std::max<int64_t>(rows, 1)));
    if (!metric_name.empty())
      line += fmt::format(", {} {:.4f}", metric_name, metric_sum / static_cast<double>(std::max<int64_t>(rows, 1)));
    if (!data.test.empty()) {
      const std::vector<double> test = evaluate(session, report_fetches, data, 1000);
      line += fmt::format("; test loss {:.4f}", test[0]);
      if (test.size() > 1) line += fmt::format(", test {} {:.4f}", metric_name, test[1]);
    }
    progress.line(line);
    if (!options.save.empty()) value_or_throw(save(session, options.save, epoch + 1, done));
  }
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("trained {} steps in {} ({:.0f} examples/s)\n", done, duration_str(seconds),
             static_cast<double>(done * options.batch_size) / std::max(seconds, 1e-9));
  if (!options.save.empty()) fmt::print("saved {}\n", options.save);
}

}  // namespace

std::function<int()> setup_train(CLI::App& app) {
  auto o = std::make_shared<TrainOptions>();
  app.add_option("model", o->model, "Graph file (.dlc)")->required();
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
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--epochs", o->epochs, "Passes over the data")->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--seed", o->seed, "Of the order of examples")->capture_default_str();
  app.add_flag("--shuffle,!--no-shuffle", o->shuffle, "A new order in every epoch (the default)");
  app.add_option("--checkpoint", o->checkpoint, "Start from the variables of this safetensors file");
  app.add_option("--save", o->save, "Write all variables here after each epoch (safetensors, replaced at once)");
  app.add_option("--threads", o->threads, "Threads of a step; 0: all CPUs")->check(CLI::Range(0, 1024));
  return [o] {
    Expected<Model> model = load_model(o->model);
    if (!model) return report(model.error());
    if (!model->graph)
      return report(make_error(ErrorCode::kInvalidArgument, "'{}' is IR text; training needs a graph file", o->model));
    train(*model->graph, *o);
    return static_cast<int>(kDone);
  };
}

}  // namespace dlc::tools
