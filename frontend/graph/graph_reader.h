// From the syntax tree of a graph file to a Graph. For frontend/graph only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/data/elements.h"
#include "frontend/graph/graph_state.h"
#include "frontend/graph/graph_text.h"
#include "frontend/graph/tensor_arg.h"
#include "support/diagnostics.h"

namespace dlc {
class Optimizer;
}

namespace dlc::graph_text {

/// Loads the file of large constants that the text names.
using LoadConstants = std::function<Expected<NamedArrays>(const std::string& name, const std::string& digest)>;

class GraphReader {
 public:
  GraphReader(std::string file, Diagnostics& diagnostics, const NamedArrays* stored, LoadConstants load)
      : file_(std::move(file)), diagnostics_(diagnostics), stored_(stored), load_(std::move(load)) {}
  /// What it says of `statements` counts only when the Diagnostics are ok.
  Graph read(const std::vector<Statement>& statements);

 private:
  // In what follows an empty result means: reported already.

  /// Arguments of a call by name of the parameter.
  struct Arguments {
    std::map<std::string, const Expr*, std::less<>> by_name;
    const Expr* paired_type = nullptr;  ///< f32[2,3], standing for dtype and dims
    const Expr* find(std::string_view name) const {
      const auto it = by_name.find(name);
      return it == by_name.end() ? nullptr : it->second;
    }
  };
  using Function = std::optional<Operation> (GraphReader::*)(const Expr& call, const std::string& name);
  static const std::map<std::string, Function, std::less<>>& functions();

  void declare(const std::vector<Statement>& statements, const std::string& prefix);
  void run(const std::vector<Statement>& statements);
  void run(const Statement& statement);
  void run_block(const Statement& statement);
  bool run_directive(const Statement& statement);
  void run_silence(const Expr& call);
  void finish();

  // graph_reader.cpp: nodes. `name`: exactly, or empty for one made of the operator's.
  std::optional<Operation> node_of(const Expr& e, const std::string& name);
  std::optional<Operation> call(const Expr& e, const std::string& name);
  std::optional<Operation> call_op(const OpSpec& spec, const Expr& e, const std::string& name);
  std::optional<Operation> infix(const Expr& e, const std::string& name);
  std::optional<Operation> index(const Expr& e, const std::string& name);
  std::optional<Operation> make(const Expr& e, std::string_view op, const std::vector<OperandArg>& operands,
                                ir::AttrMap attrs, const std::string& name, const std::vector<Operation>& control = {});
  std::string take_name(const std::string& name, std::string_view op);
  std::optional<Operation> find_node(const Expr& name);

  // graph_arguments.cpp: values.
  std::optional<Arguments> bind(const Expr& call, const std::vector<std::string>& params, const OpSpec* spec = nullptr);
  std::optional<OperandArg> operand(const Expr& e, const OperandSpec& spec);
  std::optional<TensorArg> tensor_arg(const Expr& e, const std::string& what);
  std::optional<Tensor> tensor(const Expr& e, const std::string& what);
  std::optional<std::vector<Tensor>> tensors(const Expr* e, const std::string& what);
  std::optional<std::vector<Operation>> operations(const Expr* e, const std::string& what);
  std::optional<Literal> literal(const Expr& e, const std::string& what, size_t depth = 0);
  std::optional<ir::Attr> attribute(const Expr& e, const AttrSpec& spec);
  std::optional<ir::Dims> dims(const Expr& e);
  std::optional<ir::Dim> dim(const std::string& text, Place place);
  std::optional<ir::TensorType> type(const Expr& e);

  // graph_functions.cpp: what is no operator, or means more than its operator.
  std::optional<Operation> constant(const Expr& e, const std::string& name);
  std::optional<Operation> stored_constant(const Expr& e, const std::string& name);
  std::optional<Operation> group(const Expr& e, const std::string& name);
  std::optional<Operation> initializer(const Expr& e, const std::string& name);
  std::optional<Operation> gradients(const Expr& e, const std::string& name);
  std::optional<Operation> gradient_descent(const Expr& e, const std::string& name);
  std::optional<Operation> momentum(const Expr& e, const std::string& name);
  std::optional<Operation> adam(const Expr& e, const std::string& name);
  /// Calls a function of the API that makes nodes under the current scope; the last is named `name`.
  std::optional<Operation> build(const Expr& e, std::string_view op, const std::string& name, const Expr* control,
                                 const std::function<Operation(const std::string& local_name)>& api);
  void swap_names(std::string a, std::string b);
  std::optional<Operation> minimize(const Expr& e, const std::string& name, const std::vector<std::string>& params,
                                    const std::function<std::unique_ptr<Optimizer>(const Arguments&)>& optimizer);
  std::optional<TensorArg> hyper_parameter(const Expr& e, const Arguments& args, const std::string& param,
                                           std::optional<double> by_default);

  std::nullopt_t error(Place place, ErrorCode code, std::string message) {
    diagnostics_.error(place.line, place.column, code, std::move(message));
    return std::nullopt;
  }
  std::nullopt_t error(Place place, const Error& e) {
    diagnostics_.error(place.line, place.column, e);
    return std::nullopt;
  }
  SourceLoc loc(Place place) const { return {file_, place.line, place.column}; }
  /// Nodes from `first` on that know no place of their own get this.
  void locate(size_t first, Place place);

  std::string file_;
  Diagnostics& diagnostics_;
  const NamedArrays* stored_;
  LoadConstants load_;
  NamedArrays loaded_;
  Graph graph_;
  GraphState& state_ = *graph_.state();
  std::map<std::string, Place> declared_;  // full names of all targets
  std::set<const Statement*> refused_;     // whose names are taken
  std::set<std::string> failed_;           // whose statements were wrong: their users are not to blame
};

}  // namespace dlc::graph_text
