#include "ir/op_def.h"

#include <algorithm>
#include <map>

#include "support/check.h"

namespace dlc::ir {

#define DLC_OP(kind, name) OpDef name##_op();
#include "ir/ops/ops.def"
#undef DLC_OP

namespace {

struct Registry {
  std::vector<OpDef> defs;  // by OpKind
  std::vector<OpKind> kinds;
  std::map<std::string, OpKind, std::less<>> by_name;

  Registry() {
    defs.push_back({.name = "param", .doc = "A parameter of a function."});
    defs.push_back({.name = "return", .doc = "The results of a function."});
#define DLC_OP(kind, name) add(OpKind::kind, #name, name##_op());
#include "ir/ops/ops.def"
#undef DLC_OP
  }

  void add(OpKind kind, const char* name, OpDef def) {
    DLC_CHECK(static_cast<size_t>(kind) == defs.size(), "ops.def order");
    def.name = name;
    defs.push_back(std::move(def));
    kinds.push_back(kind);
    by_name.emplace(name, kind);
  }
};

const Registry& registry() {
  static const Registry instance;
  return instance;
}

}  // namespace

const OpDef& op_def(OpKind kind) { return registry().defs[static_cast<size_t>(kind)]; }

std::optional<OpKind> find_op(std::string_view name) {
  const auto it = registry().by_name.find(name);
  if (it == registry().by_name.end()) return std::nullopt;
  return it->second;
}

std::span<const OpKind> all_ops() { return registry().kinds; }

bool can_fail(const Op& op) {
  if (!op.def().can_fail) return false;
  const bool division = op.is(OpKind::kDiv) || op.is(OpKind::kRem);
  return !division || is_int(op.type().dtype);
}

bool admits(TypeClass c, DType t) {
  switch (c) {
    case TypeClass::kAny: return true;
    case TypeClass::kFloating: return is_float(t);
    case TypeClass::kInteger: return is_int(t);
    case TypeClass::kNumeric: return is_number(t);
    case TypeClass::kBoolean: return t == kBool;
    case TypeClass::kBitwise: return is_int(t) || t == kBool;
    case TypeClass::kIndex: return t == kInt32 || t == kInt64;
  }
  return false;
}

const char* to_string(TypeClass c) {
  switch (c) {
    case TypeClass::kAny: return "any type";
    case TypeClass::kFloating: return "f32 or f64";
    case TypeClass::kInteger: return "an integer type";
    case TypeClass::kNumeric: return "a number type";
    case TypeClass::kBoolean: return "bool";
    case TypeClass::kBitwise: return "bool or an integer type";
    case TypeClass::kIndex: return "i32 or i64";
  }
  return "?";
}

int OpDef::operand_index(const std::string& operand_name) const {
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].name == operand_name) return static_cast<int>(i);
  return -1;
}

const AttrSpec* OpDef::find_attr(const std::string& attr_name) const {
  for (const AttrSpec& a : attrs)
    if (a.name == attr_name) return &a;
  return nullptr;
}

bool OpDef::differentiable_operand(int i, DType dtype) const {
  if (!is_float(dtype) || gradient == nullptr) return false;
  return differentiable.empty() || static_cast<size_t>(i) >= differentiable.size() ||
         differentiable[static_cast<size_t>(i)];
}

namespace {

/// The spec of operand i, the variadic one standing for as many as there are.
const OperandSpec* spec_of(const OpDef& def, size_t i, size_t count) {
  const size_t n = def.operands.size();
  for (size_t s = 0; s < n; ++s) {
    if (!def.operands[s].variadic) continue;
    const size_t extra = count - std::min(count, n - 1);
    if (i < s) return &def.operands[i];
    if (i < s + extra) return &def.operands[s];
    return &def.operands[i - extra + 1];
  }
  return i < n ? &def.operands[i] : nullptr;
}

Expected<void> check_operands(const OpDef& def, std::span<const Value> operands) {
  const bool variadic =
      std::any_of(def.operands.begin(), def.operands.end(), [](const OperandSpec& s) { return s.variadic; });
  const size_t fixed = def.operands.size() - (variadic ? 1 : 0);
  if (variadic ? operands.size() < fixed : operands.size() != fixed)
    return make_error(ErrorCode::kInvalidArgument, "{}: needs {}{} operands, got {}", def.name,
                      variadic ? "at least " : "", fixed, operands.size());
  for (size_t i = 0; i < operands.size(); ++i) {
    const OperandSpec* spec = spec_of(def, i, operands.size());
    if (!admits(spec->types, operands[i].dtype()))
      return make_error(ErrorCode::kInvalidType, "{}: operand '{}' needs {}, got {}", def.name, spec->name,
                        to_string(spec->types), operands[i].type());
  }
  return {};
}

Expected<void> check_attrs(const OpDef& def, AttrMap& attrs) {
  for (const AttrSpec& spec : def.attrs) {
    const auto it = attrs.find(spec.name);
    if (it == attrs.end()) {
      if (!spec.optional)
        return make_error(ErrorCode::kInvalidArgument, "{}: attribute '{}' is missing", def.name, spec.name);
      attrs.emplace(spec.name, spec.example);
      continue;
    }
    if (it->second.index() == spec.example.index()) continue;
    // Numbers and empty lists are written alike; the declared type decides.
    if (const auto* i = std::get_if<int64_t>(&it->second); i && std::holds_alternative<double>(spec.example)) {
      it->second = static_cast<double>(*i);
    } else if (const auto* ints = std::get_if<Ints>(&it->second); ints && std::holds_alternative<Dims>(spec.example)) {
      it->second = Dims(ints->begin(), ints->end());
    } else {
      return make_error(ErrorCode::kInvalidType, "{}: attribute '{}' needs {}, got {} {}", def.name, spec.name,
                        attr_type_name(spec.example), attr_type_name(it->second), attr_str(it->second));
    }
  }
  for (const auto& [name, attr] : attrs)
    if (!def.find_attr(name))
      return make_error(ErrorCode::kInvalidArgument, "{}: there is no attribute '{}'", def.name, name);
  return {};
}

}  // namespace

const std::string& InferContext::op_name() const { return def_.name; }

const std::string& InferContext::operand_name(int i) const {
  return spec_of(def_, static_cast<size_t>(i), operands_.size())->name;
}

Expected<void> InferContext::axis_in_range(const char* constraint, const std::string& attr_name, int64_t rank) const {
  const int64_t axis = int_attr(attr_name);
  if (axis < 0 || axis >= rank)
    return error(constraint, "'{}' is {}, needs 0 <= {} < {}", attr_name, axis, attr_name, rank);
  return {};
}

Expected<void> InferContext::axes_valid(const char* constraint, const std::string& attr_name, int64_t rank) const {
  const Ints& axes = attr<Ints>(attr_name);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= rank)
      return error(constraint, "'{}' has {}, needs 0 <= axis < {}", attr_name, axes[i], rank);
    if (i > 0 && axes[i] <= axes[i - 1])
      return error(constraint, "'{}' needs ascending axes, each once, got {}", attr_name, attr_str(Attr(axes)));
  }
  return {};
}

Expected<void> InferContext::require_equal(const char* constraint, const Dim& a, const Dim& b,
                                           const std::string& what) const {
  if (a == b) return {};
  const bool never = (a - b).is_constant();
  if (never || function_ == nullptr) return error(constraint, "{}: {} is not {}", what, a, b);
  return function_->require(a, b, provenance_);
}

Expected<void> InferContext::same_types(const char* constraint, int i, int j) const {
  if (operand(i).dtype != operand(j).dtype) {
    Error e = error(constraint, "operands '{}' and '{}' need one element type, got {} and {}", operand_name(i),
                    operand_name(j), operand(i), operand(j));
    e.code = ErrorCode::kInvalidType;
    return e;
  }
  return {};
}

Expected<void> InferContext::same_dims(const char* constraint, int i, int j) const {
  const TensorType &a = operand(i), &b = operand(j);
  if (a.dims == b.dims) return {};
  const std::string what = fmt::format("operands '{}' and '{}' need equal dimensions, got {} and {}", operand_name(i),
                                       operand_name(j), a, b);
  if (a.rank() != b.rank()) return error(constraint, "{}", what);
  for (int64_t d = 0; d < a.rank(); ++d) DLC_RETURN_IF_ERROR(require_equal(constraint, a.dim(d), b.dim(d), what));
  return {};
}

Value GradContext::result_grad(int i) const {
  if (has_result_grad(i)) return grads_[static_cast<size_t>(i)];
  return b.full(op_.type(i), 0.0);
}

void ReferenceContext::report(int64_t element, int64_t value) const {
  if (fault == nullptr) return;
  if (!*fault || element < (*fault)->element) *fault = Fault{element, value};
}

Shape ReferenceContext::shape_attr(std::string_view name) const {
  Shape s;
  for (const Dim& d : op.dims_attr(name)) s.push_back(value_or_throw(d.evaluate(symbols)));
  return s;
}

Array ReferenceContext::make_result(int i) const {
  const TensorType& t = result_types[static_cast<size_t>(i)];
  return Array::uninitialized(t.dtype, t.shape());
}

namespace {

Expected<std::vector<TensorType>> infer_sizes(const OpDef& def, const InferContext& context) {
  DLC_ASSIGN_OR_RETURN(std::vector<TensorType> types, def.infer(context));
  for (const TensorType& t : types)
    for (const Dim& d : t.dims)
      if (d.is(Dim::kTooLarge))
        return make_error(ErrorCode::kResourceExhausted, "{}: the result {} is too large for 64 bits",
                          context.op_name(), t);
  return types;
}

}  // namespace

Expected<std::vector<TensorType>> infer_types(OpKind kind, std::span<const Value> operands, AttrMap& attrs,
                                              Function* function, const Provenance& provenance) {
  const OpDef& def = op_def(kind);
  DLC_RETURN_IF_ERROR(check_operands(def, operands));
  DLC_RETURN_IF_ERROR(check_attrs(def, attrs));
  return infer_sizes(def, InferContext(def, operands, attrs, function, provenance));
}

Expected<std::vector<TensorType>> infer_types_like(const Op& op, std::span<const Value> operands, Function* function,
                                                   const Provenance& provenance) {
  const OpDef& def = op.def();
  DLC_RETURN_IF_ERROR(check_operands(def, operands));
  return infer_sizes(def, InferContext(def, operands, op.attrs(), function, provenance));
}

}  // namespace dlc::ir
