#include "tools/dlc/reduce_graph.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "frontend/graph/graph_file.h"
#include "frontend/ops/core.h"
#include "tools/dlc/model.h"

namespace dlc::tools {
namespace {

/// A printed graph has a statement a line.
std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class GraphReducer {
 public:
  GraphReducer(const Graph& graph, const std::function<bool(const std::string&)>& interesting)
      : lines_(lines_of(print(graph))), interesting_(interesting) {}

  std::string run() {
    for (bool again = true; again;) {
      again = drop_statements();
      again |= cut_statements();
    }
    return text_of(lines_);
  }

 private:
  static std::string text_of(const std::vector<std::string>& lines) {
    return fmt::format("{}\n", fmt::join(lines, "\n"));
  }

  bool attempt(std::vector<std::string> lines) {
    const std::string text = text_of(lines);
    if (lines.empty() || !parse_graph(text, "candidate.dlc") || !interesting_(text)) return false;
    lines_ = std::move(lines);
    return true;
  }

  bool drop_statements() {
    bool any = false;
    for (size_t chunk = std::max<size_t>(1, lines_.size() / 2); chunk > 0; chunk /= 2) {
      for (size_t end = lines_.size(); end > 0;) {
        end = std::min(end, lines_.size());
        const size_t begin = end > chunk ? end - chunk : 0;
        std::vector<std::string> fewer = lines_;
        fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(begin), fewer.begin() + static_cast<ptrdiff_t>(end));
        any |= attempt(std::move(fewer));
        end = begin;
      }
    }
    return any;
  }

  /// What a statement computed becomes a placeholder: what it read may go.
  bool cut_statements() {
    bool any = false;
    for (size_t i = lines_.size(); i-- > 0;) {
      if (i >= lines_.size()) continue;
      const size_t equals = lines_[i].find(" = ");
      if (equals == std::string::npos || lines_[i].find(" = placeholder(") != std::string::npos) continue;
      const std::string name = lines_[i].substr(0, equals);
      const auto graph = parse_graph(text_of(lines_), "candidate.dlc");
      if (!graph) continue;
      const Operation op = graph->find_operation(name);
      if (!op || op.num_outputs() != 1) continue;
      std::vector<std::string> cut = lines_;
      const ir::TensorType& type = op.output().type();
      cut[i] = fmt::format("{} = placeholder({}[{}])", name, to_string(type.dtype), fmt::join(dim_texts(type), ", "));
      any |= attempt(std::move(cut));
    }
    return any;
  }

  static std::vector<std::string> dim_texts(const ir::TensorType& type) {
    std::vector<std::string> out;
    for (const ir::Dim& d : type.dims) out.push_back(d.str());
    return out;
  }

  std::vector<std::string> lines_;
  const std::function<bool(const std::string&)>& interesting_;
};

}  // namespace

std::string reduce_graph(const Graph& graph, const std::function<bool(const std::string&)>& interesting) {
  return GraphReducer(graph, interesting).run();
}

}  // namespace dlc::tools
