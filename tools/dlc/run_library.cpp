// dlc run on a library of `dlc compile --emit shared`: its program is called as it is.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "runtime/frame.h"
#include "runtime/open_program.h"
#include "runtime/parallel.h"
#include "support/suggest.h"
#include "tools/dlc/data_source.h"
#include "tools/dlc/model.h"
#include "tools/dlc/run.h"

namespace dlc::tools {
namespace {

DType dtype_of(const dlc_value& v) { return static_cast<DType>(v.dtype); }
Shape shape_of(const dlc_value& v) { return {v.dims, v.dims + v.rank}; }
std::string type_of(const dlc_value& v) { return type_str(dtype_of(v), shape_of(v)); }

/// "there is no feed 'y' ...; did you mean 'x'?"
Error no_such(const char* what, const std::string& name, std::span<const dlc_value> values) {
  std::vector<std::string> names;
  std::string listed;
  for (const dlc_value& v : values) {
    names.emplace_back(v.name);
    listed += fmt::format("{}'{}' {}", listed.empty() ? "" : ", ", v.name, type_of(v));
  }
  return make_error(ErrorCode::kNotFound, "the program has no {} '{}'{}", what, name, did_you_mean(name, names))
      .note(fmt::format("it was compiled with {}", listed.empty() ? "none" : listed));
}

/// A program with an array for each parameter and result.
class LibraryRun {
 public:
  LibraryRun(const dlc_program& program, const RunOptions& options)
      : program_(program),
        options_(options),
        inputs_(program.params, static_cast<size_t>(program.num_params)),
        outputs_(program.results, static_cast<size_t>(program.num_results)),
        params_(inputs_.size()),
        pool_({.num_threads = options.session.num_threads}),
        context_({.pool = &pool_}) {}

  Expected<NamedResults> run() {
    DLC_ASSIGN_OR_RETURN(frame_, runtime::Frame::create(program_));
    DLC_RETURN_IF_ERROR(read_feeds());
    DLC_RETURN_IF_ERROR(read_checkpoint());
    DLC_RETURN_IF_ERROR(choose_fetches());
    if (!options_.data.empty()) {
      DLC_ASSIGN_OR_RETURN(const Dataset dataset, load_dataset(options_.data));
      return run_on_images(dataset.test);
    }
    DLC_RETURN_IF_ERROR(check_complete());
    return run_once();
  }

 private:
  Expected<void> set(size_t i, const Array& value) {
    const dlc_value& want = inputs_[i];
    if (value.dtype() != dtype_of(want) || value.shape() != shape_of(want))
      return make_error(value.dtype() != dtype_of(want) ? ErrorCode::kInvalidType : ErrorCode::kInvalidShape,
                        "'{}' was compiled as {}, got {}", want.name, type_of(want), value.type_str());
    params_[i] = value.clone();  // variables are updated in place
    return {};
  }

  Expected<void> read_feeds() {
    for (const std::string& feed : options_.feeds) {
      DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=FILE.npy"));
      const auto at =
          std::find_if(inputs_.begin(), inputs_.end(), [&](const dlc_value& v) { return v.name == parts.first; });
      if (at == inputs_.end()) return no_such("parameter", parts.first, inputs_);
      DLC_ASSIGN_OR_RETURN(const Array value, read_array(parts.second));
      DLC_RETURN_IF_ERROR(set(static_cast<size_t>(at - inputs_.begin()), value));
    }
    return {};
  }

  Expected<void> read_checkpoint() {
    if (options_.checkpoint.empty()) return {};
    DLC_ASSIGN_OR_RETURN(const Checkpoint saved, load_checkpoint(options_.checkpoint));
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].kind != DLC_VARIABLE || params_[i]) continue;
      const Array* value = saved.find(inputs_[i].name);
      if (!value) return missing_variable(saved, options_.checkpoint, inputs_[i].name);
      DLC_RETURN_IF_ERROR(set(i, *value));
    }
    return {};
  }

  Expected<void> choose_fetches() {
    for (const std::string& name : options_.fetches) {
      const auto at =
          std::find_if(outputs_.begin(), outputs_.end(), [&](const dlc_value& v) { return v.name == name; });
      if (at == outputs_.end()) return no_such("result", name, outputs_);
      fetched_.push_back(static_cast<size_t>(at - outputs_.begin()));
    }
    if (fetched_.empty())
      for (size_t r = 0; r < outputs_.size(); ++r) fetched_.push_back(r);
    return {};
  }

  Expected<void> check_complete() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const dlc_value& v = inputs_[i];
      if (v.kind == DLC_RNG_STATE && !params_[i]) params_[i] = Array(dtype_of(v), shape_of(v));
      if (params_[i]) continue;
      return make_error(ErrorCode::kFailedPrecondition, "'{}' {} needs a value: --feed {}=FILE.npy{}", v.name,
                        type_of(v), v.name, v.kind == DLC_VARIABLE ? ", or --checkpoint FILE" : "");
    }
    return {};
  }

  Expected<NamedResults> run_once() {
    std::vector<void*> in, out;
    std::vector<Array> results;
    for (std::optional<Array>& p : params_) in.push_back(p->bytes());
    for (const dlc_value& v : outputs_) {
      const bool update = v.kind == DLC_UPDATE;
      results.push_back(update ? *params_[static_cast<size_t>(v.param)] : Array(dtype_of(v), shape_of(v)));
      out.push_back(update ? nullptr : results.back().bytes());
    }
    frame_.run(context_, in, out);
    if (const auto fault = context_.fault()) return runtime::describe(program_, *fault);
    NamedResults named;
    for (const size_t r : fetched_) named.emplace_back(outputs_[r].name, results[r]);
    return named;
  }

  /// The number of the only feed that `fits` or -1; an Error when there are several.
  template <typename Fits>
  Expected<int> only_feed(const char* what, Fits fits) const {
    int found = -1;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].kind != DLC_FEED || params_[i] || !fits(dtype_of(inputs_[i]))) continue;
      if (found >= 0)
        return make_error(ErrorCode::kInvalidArgument, "a data set feeds one parameter with {}; here are '{}' and '{}'",
                          what, inputs_[static_cast<size_t>(found)].name, inputs_[i].name);
      found = static_cast<int>(i);
    }
    return found;
  }

  /// Test images batch by batch, as the program takes them, until `draw` of them are drawn.
  Expected<NamedResults> run_on_images(const LabelledImages& data) {
    DLC_ASSIGN_OR_RETURN(const int images, only_feed("images", is_float));
    DLC_ASSIGN_OR_RETURN(const int labels, only_feed("labels", is_int));
    const Shape want = images < 0 ? Shape{} : shape_of(inputs_[static_cast<size_t>(images)]);
    const int64_t batch = want.empty() ? 0 : want[0];
    if (batch < 1 || num_elements(want) != batch * kDigitSize * kDigitSize)
      return make_error(ErrorCode::kInvalidShape,
                        "images of 28x28 need one floating feed of [n,784]; the program has {}",
                        images < 0 ? "none" : type_of(inputs_[static_cast<size_t>(images)]));
    NamedResults results;
    const int64_t count = std::max<int64_t>(options_.draw, 1);
    for (int64_t first = 0; first < count; first += batch) {
      if (first + batch > data.images.dim(0))
        return make_error(ErrorCode::kInvalidArgument, "the data set has {} test images, not {}", data.images.dim(0),
                          first + batch);
      DLC_RETURN_IF_ERROR(feed_rows(images, normalized_images(rows(data.images, first, batch)).reshaped(want)));
      if (labels >= 0) DLC_RETURN_IF_ERROR(feed_rows(labels, rows(data.labels, first, batch)));
      DLC_RETURN_IF_ERROR(check_complete());
      DLC_ASSIGN_OR_RETURN(results, run_once());
      if (options_.draw == 0) return results;
      if (results.empty()) return make_error(ErrorCode::kInvalidArgument, "the program has no result to draw");
      DLC_RETURN_IF_ERROR(print_predictions(data, first, std::min(batch, count - first), results[0].second));
    }
    return NamedResults();
  }

  Expected<void> feed_rows(int param, const Array& values) {
    const auto i = static_cast<size_t>(param);
    return set(i, values.cast(dtype_of(inputs_[i])));
  }

  static Array rows(const Array& a, int64_t first, int64_t count) {
    Shape shape = a.shape();
    shape[0] = count;
    return Array::borrow(a.dtype(), shape, row(a, first).bytes());
  }

  const dlc_program& program_;
  const RunOptions& options_;
  const std::span<const dlc_value> inputs_, outputs_;
  std::vector<std::optional<Array>> params_;
  std::vector<size_t> fetched_;
  runtime::ThreadPool pool_;
  runtime::Context context_;
  runtime::Frame frame_;
};

}  // namespace

Expected<NamedResults> run_library(const RunOptions& options) {
  DLC_ASSIGN_OR_RETURN(const dlc_program* program, runtime::open_program(options.model));
  return LibraryRun(*program, options).run();
}

}  // namespace dlc::tools
