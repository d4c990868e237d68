#include "ir/interp/interpreter.h"

#include <bit>
#include <unordered_map>

#include "ir/interp/bind_symbols.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "support/check.h"

namespace dlc::ir {

namespace {

using Results = std::vector<Array>;

/// "node 'dense/matmul' (dot_general)"; without a node just the op.
std::string site(const std::string& op, const Provenance& provenance) {
  return provenance.node().empty() ? op : fmt::format("node '{}' ({})", provenance.node(), op);
}

class Interpreter {
 public:
  Interpreter(const SymbolBinding& symbols, const InterpretOptions& options) : symbols_(symbols), options_(options) {}

  Expected<Results> run(const Function& function, std::span<const Array> params) const {
    std::unordered_map<Value, Array> values;
    for (int i = 0; i < function.num_params(); ++i) values.emplace(function.param(i), params[static_cast<size_t>(i)]);
    const auto read = [&](const Op& op) {
      Results operands;
      for (const Value v : op.operands()) operands.push_back(values.at(v));
      return operands;
    };
    for (const auto& op : function.ops()) {
      DLC_ASSIGN_OR_RETURN(Results results, run_op(*op, read(*op)));
      for (int i = 0; i < op->num_results(); ++i)
        values.insert_or_assign(op->result(i), std::move(results[static_cast<size_t>(i)]));
    }
    return read(*function.return_op());
  }

  Expected<Results> run_op(const Op& op, std::span<const Array> operands) const {
    std::vector<TensorType> types;
    for (int i = 0; i < op.num_results(); ++i) {
      auto type = evaluate_type(op.type(i), symbols_);
      if (!type) return located(op, std::move(type).error());
      if (num_elements(type->shape()) > options_.max_value_bytes / static_cast<int64_t>(size_of(type->dtype)))
        return located(op, make_error(ErrorCode::kResourceExhausted, "a result of {} is over the limit of {} bytes",
                                      *type, options_.max_value_bytes));
      types.push_back(std::move(type).value());
    }
    DLC_ASSIGN_OR_RETURN(Results results, meaning(op, operands, types));
    for (size_t i = 0; i < types.size(); ++i)
      DLC_CHECK(results[i].dtype() == types[i].dtype && results[i].shape() == types[i].shape(),
                "{}: result {} is {}, its type is {}", op.name(), i, results[i].type_str(), types[i]);
    return results;
  }

 private:
  static Error located(const Op& op, Error error) {
    error.message = fmt::format("{}: {}", site(op.name(), op.provenance()), error.message);
    return std::move(error).at(op.provenance().loc());
  }

  Expected<Results> meaning(const Op& op, std::span<const Array> operands, std::span<const TensorType> types) const {
    const OpDef& def = op.def();
    if (def.reference) return run_reference(op, operands, types);
    if (def.num_regions > 0) return run(*op.regions()[0], operands);
    if (def.decompose) return run_decomposed(op, operands);
    return located(op, make_error(ErrorCode::kFailedPrecondition,
                                  "cannot be run as it is: the autodiff pass must expand it before"));
  }

  Expected<Results> run_reference(const Op& op, std::span<const Array> operands,
                                  std::span<const TensorType> types) const {
    std::optional<ReferenceContext::Fault> fault;
    try {
      Results results = op.def().reference({op, operands, types, symbols_, &fault});
      if (fault) return fault_error(op.kind(), op.provenance(), fault->element, fault->value);
      return results;
    } catch (const Exception& e) {  // an attribute's dims that cannot be evaluated
      if (e.code() == ErrorCode::kInternal) throw;
      return located(op, e.error());
    }
  }

  /// Composites: the op is made again in a scratch function, decomposed there, and that is run.
  Expected<Results> run_decomposed(const Op& op, std::span<const Array> operands) const {
    Function scratch(op.name());
    std::vector<Value> params;
    for (const Value v : op.operands()) params.push_back(scratch.add_param(v.type(), {}));
    Builder b(scratch);
    b.set_provenance(op.provenance());
    Op* copy = b.create_like(op, params);
    scratch.set_results(op.def().decompose(b, *copy));
    Rewriter(scratch).erase(*copy);
    return run(scratch, operands);
  }

  const SymbolBinding& symbols_;
  const InterpretOptions& options_;
};

}  // namespace

Expected<std::vector<Array>> interpret(const Function& function, std::span<const Array> params,
                                       const InterpretOptions& options) {
  DLC_CHECK(function.has_results(), "@{} has no results", function.name());
  DLC_ASSIGN_OR_RETURN(const SymbolBinding symbols, bind_symbols(function, params));
  const FpStateGuard fp(options.fp_mode);
  return Interpreter(symbols, options).run(function, params);
}

Expected<std::vector<Array>> interpret(const Function& function, std::initializer_list<Array> params,
                                       const InterpretOptions& options) {
  return interpret(function, std::span<const Array>(params.begin(), params.size()), options);
}

Expected<std::vector<Array>> interpret_op(const Op& op, std::span<const Array> operands, const SymbolBinding& symbols,
                                          const InterpretOptions& options) {
  const FpStateGuard fp(options.fp_mode);
  return Interpreter(symbols, options).run_op(op, operands);
}

Error fault_error(OpKind kind, const Provenance& provenance, int64_t element, int64_t value) {
  const std::string where = site(op_def(kind).name, provenance);
  if (kind == OpKind::kDiv || kind == OpKind::kRem)
    return make_error(ErrorCode::kArithmetic, "{}: integer division by zero at element {}", where, element)
        .at(provenance.loc());
  if (kind == OpKind::kCheckNumerics)
    return make_error(ErrorCode::kArithmetic, "{}: element {} is {}", where, element, std::bit_cast<double>(value))
        .at(provenance.loc());
  return make_error(ErrorCode::kOutOfRange, "{}: index {} (element {} of the indices) is out of range", where, value,
                    element)
      .at(provenance.loc());
}

}  // namespace dlc::ir
