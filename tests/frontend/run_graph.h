// For tests: a small session over lowering, autodiff and the interpreter. It compiles nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "frontend/graph/lower.h"
#include "ir/interp/interpreter.h"
#include "passes/autodiff/autodiff.h"

namespace dlc::testing {

/// What `f` throws, as text.
inline std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.what();
  }
  return "nothing was thrown";
}

class GraphRunner {
 public:
  using Feeds = std::vector<std::pair<Tensor, Array>>;

  std::vector<Array> run(const std::vector<Fetch>& fetches, const Feeds& feeds = {}) {
    const Graph graph = fetches.front().operation().graph();
    std::vector<Tensor> fed;
    for (const auto& [tensor, value] : feeds) fed.push_back(tensor);
    const auto function = value_or_throw(lower(graph, fetches, fed));
    passes::PassContext context;
    value_or_throw(passes::run_autodiff(*function, context));
    value_or_throw(passes::run_drop_pins(*function, context));
    std::vector<Array> params;
    for (int i = 0; i < function->num_params(); ++i) {
      const ir::ParamInfo& info = function->param_info(i);
      if (info.kind == ir::ParamKind::kFeed) {
        params.push_back(feeds[static_cast<size_t>(i)].second);
      } else if (info.kind == ir::ParamKind::kVariable) {
        if (!variables.contains(info.name))
          throw Exception(make_error(ErrorCode::kFailedPrecondition, "variable '{}' is not initialised", info.name));
        params.push_back(variables.at(info.name));
      } else {
        params.push_back(Array::scalar<uint64_t>(rng_state++));
      }
    }
    std::vector<Array> results = value_or_throw(ir::interpret(*function, params));
    std::vector<Array> fetched;
    for (int i = 0; i < function->num_results(); ++i) {
      const ir::ResultInfo& info = function->result_info(i);
      if (info.kind == ir::ResultKind::kFetch)
        fetched.push_back(results[static_cast<size_t>(i)]);
      else
        variables[info.name] = results[static_cast<size_t>(i)].clone();
    }
    return fetched;
  }

  Array run_one(const Tensor& fetch, const Feeds& feeds = {}) { return run({fetch}, feeds).front(); }

  std::map<std::string, Array> variables;
  uint64_t rng_state = 0;
};

/// The value of a graph without variables.
inline Array evaluate(const Tensor& fetch, const GraphRunner::Feeds& feeds = {}) {
  return GraphRunner().run_one(fetch, feeds);
}

}  // namespace dlc::testing
