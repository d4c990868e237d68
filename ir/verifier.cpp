#include "ir/verifier.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include "ir/op_def.h"
#include "ir/printer.h"

namespace dlc::ir {
namespace {

constexpr size_t kMaxProblems = 50;

/// Why `op` may not be in a function of `stage`; nullptr if it may.
const char* stage_objection(const Op& op, Stage stage) {
  if (stage == Stage::kAny) return nullptr;
  if (stage != Stage::kFused && op.is(OpKind::kFusion)) return "fusion comes later";
  if (stage == Stage::kGraph) return nullptr;
  switch (op.kind()) {
    case OpKind::kGradients: return "the autodiff pass expands it";
    case OpKind::kPin:
    case OpKind::kOverride:
    case OpKind::kStopGradient: return "drop-pins removes it";
    default: break;
  }
  // A reshape is another name for a buffer: no kernel.
  if (stage == Stage::kFused && !op.is(OpKind::kFusion) && !op.is(OpKind::kReshape)) return "it belongs into a fusion";
  return nullptr;
}

class Verifier {
 public:
  explicit Verifier(Stage stage) : stage_(stage) {}

  /// `outer`: requirements of the functions around this region.
  void function(const Function& f, std::vector<Requirement> outer, bool is_region) {
    function_ = &f;
    params(f, is_region);
    std::vector<Requirement> required = std::move(outer);
    required.insert(required.end(), f.requirements().begin(), f.requirements().end());
    std::unordered_set<const Op*> defined;
    std::map<std::pair<const Op*, int>, int> reads;  // of (op, result index)
    for (int i = 0; i < f.num_params(); ++i) defined.insert(f.param(i).op);
    for (const auto& op : f.ops()) {
      if (full()) return;
      if (operands(*op, defined, reads)) this->op(*op, required, is_region);
      defined.insert(op);
    }
    if (!f.has_results()) {
      problem({}, "function @{} has no results", f.name());
    } else if (operands(*f.return_op(), defined, reads)) {
      results(f, is_region);
    }
    uses(f, reads);
    if (!is_region) symbols(f);
    for (const auto& op : f.ops())
      for (const auto& region : op->regions()) {
        if (region) function(*region, required, true);
        function_ = &f;
      }
  }

  std::vector<Error> take() { return std::move(problems_); }

 private:
  bool full() const { return problems_.size() >= kMaxProblems; }

  template <typename... Args>
  void problem(const Provenance& where, fmt::format_string<Args...> format, Args&&... args) {
    if (full()) return;
    Error e = make_error(ErrorCode::kInternal, "@{}: {}", function_->name(),
                         fmt::format(format, std::forward<Args>(args)...));
    e.loc = where.loc();
    if (!where.node().empty()) e.notes.push_back(fmt::format("node '{}'", where.node()));
    problems_.push_back(std::move(e));
  }

  template <typename... Args>
  void op_problem(const Op& op, fmt::format_string<Args...> format, Args&&... args) {
    // A broken op need not print; its name does.
    problem(op.provenance(), "{}: {}", op.parent() == function_ ? print(op) : op.name(),
            fmt::format(format, std::forward<Args>(args)...));
  }

  void params(const Function& f, bool is_region) {
    std::set<std::string> feeds, variables;
    int rng_states = 0;
    for (int i = 0; i < f.num_params(); ++i) {
      const ParamInfo& info = f.param_info(i);
      const Op& op = *f.param(i).op;
      const TensorType& type = op.type();
      if (op.parent() != &f) problem(op.provenance(), "parameter {} says it belongs to another function", i);
      dims(op.provenance(), type);
      if (is_region) {
        if (info.kind != ParamKind::kFeed) problem(op.provenance(), "parameter {} of a region is no plain one", i);
        continue;
      }
      if (info.kind == ParamKind::kRngState) {
        if (type != TensorType::scalar(kUInt64))
          problem(op.provenance(), "the state of random numbers is u64[], found {}", type);
        if (++rng_states > 1) problem(op.provenance(), "there are {} states of random numbers; one is", rng_states);
        continue;
      }
      std::set<std::string>& names = info.kind == ParamKind::kVariable ? variables : feeds;
      if (info.name.empty()) problem(op.provenance(), "parameter {} has no name", i);
      if (!names.insert(info.name).second) problem(op.provenance(), "two parameters are named '{}'", info.name);
    }
  }

  void dims(const Provenance& where, const TensorType& type) {
    for (const Dim& d : type.dims)
      if (d.is_constant() && d.constant() < 0) problem(where, "a dimension of {} is negative", type);
  }

  /// True when the op's operands can be looked at: not null, of this function, defined before it.
  bool operands(const Op& op, const std::unordered_set<const Op*>& defined,
                std::map<std::pair<const Op*, int>, int>& reads) {
    bool sound = true;
    if (op.parent() != function_) {
      op_problem(op, "says it belongs to another function");
      sound = false;
    }
    for (int i = 0; i < op.num_operands(); ++i) {
      const Value v = op.operand(i);
      if (!v) {
        op_problem(op, "operand {} is missing", i);
        sound = false;
        continue;
      }
      if (!defined.contains(v.op)) {
        // Whether it comes later or from elsewhere, the pointer may not be looked through otherwise.
        const bool later = std::any_of(function_->ops().begin(), function_->ops().end(),
                                       [&](const auto& other) { return other == v.op; });
        op_problem(
            op, "operand {} {}", i,
            later ? "is defined after it" : "is of another function: regions are isolated, captures are operands");
        sound = false;
        continue;
      }
      if (v.index < 0 || v.index >= v.op->num_results()) {
        op_problem(op, "operand {} is result {} of an op that has {}", i, v.index, v.op->num_results());
        sound = false;
        continue;
      }
      ++reads[{v.op, v.index}];
      const std::span<const Use> all = ir::uses(v);
      const Use expected{const_cast<Op*>(&op), i};
      if (std::count(all.begin(), all.end(), expected) != 1)
        op_problem(op, "operand {} is not once in the use list of {}", i, value_name(v));
    }
    return sound;
  }

  /// Every operand is in a use list (checked above); here, that the lists hold nothing else.
  void uses(const Function& f, const std::map<std::pair<const Op*, int>, int>& reads) {
    const auto check = [&](const Op& op) {
      for (int i = 0; i < op.num_results(); ++i) {
        const auto it = reads.find({&op, i});
        const size_t expected = it == reads.end() ? 0 : static_cast<size_t>(it->second);
        if (op.uses(i).size() != expected)
          problem(op.provenance(), "the use list of {} has {} entries, but {} operands read it",
                  value_name({const_cast<Op*>(&op), i}), op.uses(i).size(), expected);
      }
    };
    for (int i = 0; i < f.num_params(); ++i) check(*f.param(i).op);
    for (const auto& op : f.ops()) check(*op);
  }

  void op(const Op& op, const std::vector<Requirement>& required, bool is_region) {
    if (op.is(OpKind::kParam) || op.is(OpKind::kReturn)) {
      op_problem(op, "'{}' may not be among the ops", op.name());
      return;
    }
    if (!is_region)
      if (const char* objection = stage_objection(op, stage_))
        op_problem(op, "'{}' may not be in a function of stage '{}': {}", op.name(), to_string(stage_), objection);
    if (is_region && (op.is(OpKind::kGradients) || op.is(OpKind::kFusion)))
      op_problem(op, "'{}' may not be in a region", op.name());
    if (!regions(op)) return;

    AttrMap attrs = op.attrs();
    for (const AttrSpec& spec : op.def().attrs) {
      const auto it = attrs.find(spec.name);
      if (it == attrs.end() || it->second.index() != spec.example.index()) {
        op_problem(op, "attribute '{}' is missing or not of type {}", spec.name, attr_type_name(spec.example));
        return;
      }
    }
    Function scratch("scratch");  // takes the requirements that the type rule finds
    Expected<std::vector<TensorType>> types = infer(op, attrs, scratch);
    if (!types) {
      op_problem(op, "{}", types.error().message);
      return;
    }
    if (!op.regions().empty()) {
      const Function& body = *op.regions()[0];
      types->clear();
      for (int i = 0; i < body.num_results(); ++i) types->push_back(body.result(i).type());
    }
    if (static_cast<int>(types->size()) != op.num_results()) {
      op_problem(op, "has {} results, needs {}", op.num_results(), types->size());
      return;
    }
    for (int i = 0; i < op.num_results(); ++i) {
      if (op.type(i) != (*types)[static_cast<size_t>(i)])
        op_problem(op, "result {} is {}, but its type rule gives {}", i, op.type(i), (*types)[static_cast<size_t>(i)]);
      dims(op.provenance(), op.type(i));
    }
    for (const Requirement& r : scratch.requirements()) {
      const bool known = std::any_of(required.begin(), required.end(), [&](const Requirement& k) {
        return (k.a == r.a && k.b == r.b) || (k.a == r.b && k.b == r.a);
      });
      if (!known) op_problem(op, "needs {} == {}, which the function does not require", r.a, r.b);
    }
  }

  /// The type rule's own invariants may break on a broken op: that is a finding too.
  static Expected<std::vector<TensorType>> infer(const Op& op, AttrMap& attrs, Function& scratch) {
    try {
      return infer_types(op.kind(), op.operands(), attrs, &scratch, op.provenance());
    } catch (const Exception& e) {
      return e.error();
    }
  }

  bool regions(const Op& op) {
    if (static_cast<int>(op.regions().size()) != op.def().num_regions) {
      op_problem(op, "has {} regions, needs {}", op.regions().size(), op.def().num_regions);
      return false;
    }
    for (const auto& region : op.regions()) {
      if (!region || !region->has_results()) {
        op_problem(op, "a region has no results");
        return false;
      }
      for (int i = 0; i < region->num_results(); ++i)
        if (!region->result(i)) {
          op_problem(op, "result {} of a region is missing", i);
          return false;
        }
    }
    if (!op.is(OpKind::kFusion)) return true;
    const Function& body = *op.regions()[0];
    if (body.num_params() != op.num_operands()) {
      op_problem(op, "has {} operands, its body {} parameters", op.num_operands(), body.num_params());
      return false;
    }
    for (int i = 0; i < op.num_operands(); ++i)
      if (body.param(i).type() != op.operand(i).type())
        op_problem(op, "operand {} is {}, the body's parameter {}", i, op.operand(i).type(), body.param(i).type());
    return true;
  }

  void results(const Function& f, bool is_region) {
    std::set<std::string> updated;
    for (int i = 0; i < f.num_results(); ++i) {
      const ResultInfo& info = f.result_info(i);
      if (info.kind != ResultKind::kUpdate) continue;
      const Provenance& where = f.result(i).op->provenance();
      if (is_region) {
        problem(where, "result {} of a region updates a variable", i);
        continue;
      }
      if (!updated.insert(info.name).second) problem(where, "variable '{}' is updated twice", info.name);
      int variable = 0;
      while (variable < f.num_params() &&
             !(f.param_info(variable).kind == ParamKind::kVariable && f.param_info(variable).name == info.name))
        ++variable;
      if (variable == f.num_params())
        problem(where, "result {} updates '{}', which is no variable of the function", i, info.name);
      else if (f.param(variable).type() != f.result(i).type())
        problem(where, "variable '{}' is {}, its update {}", info.name, f.param(variable).type(), f.result(i).type());
    }
  }

  /// A size that no parameter has cannot be known when the program runs.
  void symbols(const Function& f) {
    std::set<std::string> known;
    const auto collect = [](const TensorType& type, std::set<std::string>& into) {
      for (const Dim& d : type.dims) d.collect_symbols(into);
    };
    for (int i = 0; i < f.num_params(); ++i) collect(f.param(i).type(), known);
    const auto check = [&](const Provenance& where, const std::set<std::string>& used) {
      for (const std::string& name : used)
        if (known.insert(name).second) problem(where, "the dimension '{}' is in no parameter's type", name);
    };
    for (const Requirement& r : f.requirements()) {
      std::set<std::string> used;
      r.a.collect_symbols(used);
      r.b.collect_symbols(used);
      check(r.provenance, used);
    }
    for (const auto& op : f.ops()) {
      std::set<std::string> used;
      for (int i = 0; i < op->num_results(); ++i) collect(op->type(i), used);
      for (const auto& [name, attr] : op->attrs())
        if (const auto* dims = std::get_if<Dims>(&attr))
          for (const Dim& d : *dims) d.collect_symbols(used);
      check(op->provenance(), used);
    }
  }

  Stage stage_;
  const Function* function_ = nullptr;
  std::vector<Error> problems_;
};

}  // namespace

const char* to_string(Stage stage) {
  static constexpr const char* kNames[] = {"any", "graph", "differentiated", "fused"};
  return kNames[static_cast<size_t>(stage)];
}

std::vector<Error> find_problems(const Function& function, Stage stage) {
  Verifier verifier(stage);
  verifier.function(function, {}, false);
  return verifier.take();
}

Expected<void> verify(const Function& function, Stage stage) {
  std::vector<Error> problems = find_problems(function, stage);
  if (problems.empty()) return {};
  Error first = std::move(problems.front());
  for (size_t i = 1; i < problems.size(); ++i) first.notes.push_back(problems[i].str());
  return first;
}

}  // namespace dlc::ir
