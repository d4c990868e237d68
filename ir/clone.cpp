// Copies of functions: plain, with symbols replaced by numbers, or parameters by constants.
#include <algorithm>

#include "ir/builder.h"
#include "ir/freeze.h"
#include "ir/function.h"
#include "ir/op_def.h"
#include "ir/op_error.h"
#include "support/check.h"

namespace dlc::ir {

/// Copies a function, nested ones too; symbols are replaced on the way. Types are copied, not
/// inferred anew.
class FunctionCloner {
 public:
  explicit FunctionCloner(FlatMap<Dim> binding, std::map<int, Array> values = {})
      : binding_(std::move(binding)), values_(std::move(values)) {}

  Expected<std::unique_ptr<Function>> run(const Function& from, std::unordered_map<Value, Value>& map) const {
    return clone_function(from, map, values_);
  }

 private:
  Expected<std::unique_ptr<Function>> clone_function(const Function& from, std::unordered_map<Value, Value>& map,
                                                     const std::map<int, Array>& values) const {
    auto to = std::make_unique<Function>(from.name());
    Builder builder(*to);
    for (int i = 0; i < from.num_params(); ++i) {
      const Value param = from.param(i);
      builder.set_provenance(param.op->provenance());
      const auto value = values.find(i);
      map[param] = value == values.end()
                       ? to->add_param(substitute(param.type()), from.param_info(i), param.op->provenance())
                       : builder.constant(value->second);
    }
    DLC_RETURN_IF_ERROR(copy_requirements(from, *to));
    for (const auto& op : from.ops()) {
      DLC_ASSIGN_OR_RETURN(Op* const copy, clone_op(*op, *to, map));
      for (int i = 0; i < op->num_results(); ++i) map[Value{op, i}] = copy->result(i);
    }
    if (from.has_results()) {
      std::vector<Value> results;
      std::vector<ResultInfo> infos;
      for (int i = 0; i < from.num_results(); ++i) {
        results.push_back(map.at(from.result(i)));
        infos.push_back(from.result_info(i));
      }
      to->set_results(results, std::move(infos));
    }
    return to;
  }

  TensorType substitute(const TensorType& t) const {
    TensorType out = t;
    if (binding_.empty()) return out;
    for (Dim& d : out.dims) d = d.substitute(binding_);
    return out;
  }

  std::shared_ptr<const AttrMap> substitute(const AttrMap& attrs) const {
    AttrMap out = attrs;
    for (auto& [name, attr] : out)
      if (auto* dims = std::get_if<Dims>(&attr))
        for (Dim& d : *dims) d = d.substitute(binding_);
    return std::make_shared<const AttrMap>(std::move(out));
  }

  Expected<void> copy_requirements(const Function& from, Function& to) const {
    for (const Requirement& r : from.requirements()) {
      const Dim a = r.a.substitute(binding_), b = r.b.substitute(binding_);
      if (a.is_constant() && b.is_constant() && a.constant() != b.constant())
        return make_error(ErrorCode::kInvalidShape, "'{}' needs {}, but they are {} and {}", r.provenance.node(),
                          r.str(), a, b)
            .at(r.provenance.loc());
      DLC_RETURN_IF_ERROR(to.require(a, b, r.provenance));
    }
    return {};
  }

  /// A size may have become 0, which some type rules refuse.
  static Expected<void> check_empty(const Op& op) {
    const auto is_empty = [](Value v) {
      return std::any_of(v.dims().begin(), v.dims().end(), [](const Dim& d) { return d.is(0); });
    };
    if (!op.regions_.empty() || std::none_of(op.operands_.begin(), op.operands_.end(), is_empty)) return {};
    const auto types = infer_types_like(op, op.operands_, op.parent_, op.provenance_);
    if (types) return {};
    return in_words_of(op.provenance_.node(), types.error()).at(op.provenance_.loc());
  }

  Expected<Op*> clone_op(const Op& op, Function& to, const std::unordered_map<Value, Value>& map) const {
    auto copy = std::make_unique<Op>();
    copy->kind_ = op.kind_;
    for (int i = 0; i < op.num_results(); ++i) copy->results_.emplace_back(substitute(op.type(i)));
    copy->attrs_ = binding_.empty() ? op.attrs_ : substitute(op.attrs());
    copy->provenance_ = op.provenance_;
    copy->parent_ = &to;
    for (const auto& region : op.regions_) {
      std::unordered_map<Value, Value> inner;
      DLC_ASSIGN_OR_RETURN(auto body, clone_function(*region, inner, {}));
      copy->regions_.push_back(std::move(body));
    }
    copy->operands_.resize(op.operands_.size());
    for (int i = 0; i < op.num_operands(); ++i) copy->set_operand(i, map.at(op.operand(i)));
    if (!binding_.empty()) DLC_RETURN_IF_ERROR(check_empty(*copy));
    return to.ops_.insert(nullptr, std::move(copy));
  }

  FlatMap<Dim> binding_;
  std::map<int, Array> values_;  ///< of parameters of the outermost function
};

std::unique_ptr<Function> Function::clone(std::unordered_map<Value, Value>* map) const {
  std::unordered_map<Value, Value> own;
  auto copy = FunctionCloner({}).run(*this, map ? *map : own);
  DLC_CHECK(copy.has_value(), "a copy without substitution failed: {}", copy.error().str());
  return std::move(copy).value();
}

Expected<std::unique_ptr<Function>> Function::specialize(const SymbolBinding& binding) const {
  FlatMap<Dim> dims;
  for (const auto& [name, value] : binding) dims.emplace(name, Dim(value));
  std::unordered_map<Value, Value> map;
  return FunctionCloner(std::move(dims)).run(*this, map);
}

Expected<std::unique_ptr<Function>> freeze(const Function& function, const std::map<int, Array>& values) {
  for (const auto& [i, value] : values) {
    const TensorType& type = function.param(i).type();
    if (type == TensorType::of(value.dtype(), value.shape())) continue;
    return make_error(type.dtype == value.dtype() ? ErrorCode::kInvalidShape : ErrorCode::kInvalidType,
                      "'{}' is {}, its value is {}", function.param_info(i).name, type, value.type_str())
        .at(function.param(i).op->provenance().loc());
  }
  std::unordered_map<Value, Value> map;
  return FunctionCloner({}, values).run(function, map);
}

}  // namespace dlc::ir
