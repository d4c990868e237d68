// Models as the verbs take them: a graph file or IR text, told by content.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "frontend/data/checkpoint.h"
#include "frontend/data/elements.h"
#include "frontend/graph/graph.h"
#include "frontend/session/session.h"
#include "ir/function.h"
#include "support/expected.h"

namespace dlc::tools {

struct Model {
  std::string path;
  std::optional<Graph> graph;              ///< of a graph file
  std::unique_ptr<ir::Function> function;  ///< of IR text
};

/// Reads a graph file or IR text. What lint (frontend/graph/lint.h) says of a graph goes to standard error,
/// but for what `silenced` names: "DLC-L005", "DLC-L005=NODE-OR-SCOPE", "all".
Expected<Model> load_model(const std::string& path, const std::vector<std::string>& silenced = {});
/// --silence, of every verb that reads a model.
void add_silence_option(CLI::App& app, std::vector<std::string>& silenced);

/// "NAME=REST" in two; an Error that shows the form when there is no '='.
Expected<std::pair<std::string, std::string>> split_assignment(const std::string& text, const char* form);
/// "f32[64,784]": an element type and sizes.
Expected<FeedType> parse_feed_type(const std::string& text);
/// FILE.npy, or FILE.npz:ENTRY.
Expected<Array> read_array(const std::string& path);

/// "name", "name:k" or an operation's name, as something to fetch; the Error names what is close.
Expected<Fetch> find_fetch(const Graph& graph, const std::string& name);
Expected<Tensor> find_tensor(const Graph& graph, const std::string& name);
/// What a model is for: the outputs of nodes that no other node computes with, where taking the gradient of a
/// tensor is not computing with it. Variables, placeholders, constants, and updates with what reads their results,
/// are none.
std::vector<Fetch> default_fetches(const Graph& graph);
/// The placeholders that `fetches` need.
std::vector<Tensor> needed_placeholders(const Graph& graph, const std::vector<Fetch>& fetches);

/// The function of a model: IR as it stands, or a graph lowered for `fetch_names` (none: default_fetches),
/// with sizes as the `feeds` NAME=DTYPE[DIMS] have them. Takes the model's function.
Expected<std::unique_ptr<ir::Function>> function_of(Model& model, const std::vector<std::string>& fetch_names,
                                                    const std::vector<std::string>& feeds);

/// The type of a placeholder in a run: what `given` says by its name (NAME=DTYPE[DIMS]), else its own,
/// whose sizes must then all be numbers.
Expected<FeedType> feed_type(const Tensor& placeholder, const std::map<std::string, std::string>& given);

/// Initialises every variable of the session: from the checkpoint when one is given (all variables
/// must be in it), else by the graph's initialisers.
Expected<void> initialize(Session& session, const std::string& checkpoint);

/// What to say when a checkpoint lacks a variable of the model.
Error missing_variable(const Checkpoint& saved, const std::string& path, const std::string& name);

/// Runs `f`, an Exception becoming its Error.
template <typename F>
auto catching(F&& f) -> Expected<decltype(f())> {
  try {
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      return {};
    } else {
      return f();
    }
  } catch (const Exception& e) {
    return e.error();
  }
}

}  // namespace dlc::tools
