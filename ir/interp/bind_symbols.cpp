#include "ir/interp/bind_symbols.h"

#include <map>
#include <set>

#include "support/check.h"

namespace dlc::ir {

namespace {

/// Binds, and remembers where each symbol got its size.
class SymbolBinder {
 public:
  /// `all`: each parameter has its shape, else those without are left out.
  SymbolBinder(const Function& function, std::span<const std::optional<Shape>> shapes, bool all)
      : function_(function), shapes_(shapes), all_(all) {}

  Expected<SymbolBinding> run() {
    if (shapes_.size() != static_cast<size_t>(function_.num_params()))
      return make_error(ErrorCode::kInvalidArgument, "@{} has {} parameters, got {} values", function_.name(),
                        function_.num_params(), shapes_.size());
    for (int i = 0; i < function_.num_params(); ++i)
      if (known(i)) DLC_RETURN_IF_ERROR(bind_param(i));
    for (int i = 0; i < function_.num_params(); ++i)
      if (known(i)) DLC_RETURN_IF_ERROR(check_expressions(i));
    for (const Requirement& r : function_.requirements()) DLC_RETURN_IF_ERROR(check_requirement(r));
    return std::move(binding_);
  }

 private:
  struct Source {
    int param;
    size_t axis;
  };

  const TensorType& type(int i) const { return function_.param(i).type(); }
  bool known(int i) const { return shapes_[static_cast<size_t>(i)].has_value(); }
  const Shape& shape(int i) const { return *shapes_[static_cast<size_t>(i)]; }
  /// What was given: element types agree when sizes are looked at.
  std::string given(int i) const { return type_str(type(i).dtype, shape(i)); }
  std::string where(const Source& s) const {
    return fmt::format("axis {} of {}", s.axis, param_label(function_, s.param));
  }

  /// "feed 'x' needs f32[n,784], got f32[64,783]: " and what is wrong.
  template <typename... Args>
  Error mismatch(int i, fmt::format_string<Args...> format, Args&&... args) const {
    return make_error(ErrorCode::kInvalidShape, "{} needs {}, got {}: {}", param_label(function_, i), type(i), given(i),
                      fmt::format(format, std::forward<Args>(args)...))
        .at(function_.param(i).op->provenance().loc());
  }

  Expected<void> bind_param(int i) {
    if (static_cast<int64_t>(shape(i).size()) != type(i).rank())
      return mismatch(i, "its rank is {}, not {}", shape(i).size(), type(i).rank());
    for (size_t axis = 0; axis < shape(i).size(); ++axis) {
      const Dim& dim = type(i).dims[axis];
      const int64_t size = shape(i)[axis];
      if (dim.is_constant()) {
        if (dim.constant() != size) return mismatch(i, "axis {} is {}, not {}", axis, size, dim);
        continue;
      }
      const auto symbol = dim.as_symbol();
      if (!symbol) continue;
      const auto [it, fresh] = binding_.emplace(*symbol, size);
      if (fresh) {
        sources_.emplace(*symbol, Source{i, axis});
      } else if (it->second != size) {
        const Source& first = sources_.at(*symbol);
        return mismatch(i, "axis {} is {}, but '{}' is {} by {}, which is {}", axis, size, *symbol, it->second,
                        where(first), given(first.param));
      }
    }
    return {};
  }

  Expected<void> check_expressions(int i) const {
    for (size_t axis = 0; axis < shape(i).size(); ++axis) {
      const Dim& dim = type(i).dims[axis];
      if (dim.is_constant() || dim.as_symbol()) continue;
      const auto expected = dim.evaluate(binding_);
      if (!expected && !all_) continue;
      if (!expected)
        return mismatch(i,
                        "axis {} cannot be checked: {}; a symbol's size comes from a dimension that is the "
                        "symbol alone",
                        axis, expected.error().message);
      if (*expected != shape(i)[axis])
        return mismatch(i, "axis {} is {}, but {} is {}{}", axis, shape(i)[axis], dim, *expected, origins({dim}));
    }
    return {};
  }

  Expected<void> check_requirement(const Requirement& r) const {
    const auto a = r.a.evaluate(binding_), b = r.b.evaluate(binding_);
    if (!all_ && (!a || !b)) return {};
    const auto fail = [&](const std::string& found) {
      return make_error(ErrorCode::kInvalidShape, "'{}' needs {}, but {}{}",
                        r.provenance.node().empty() ? function_.name() : r.provenance.node(), r.str(), found,
                        origins({r.a, r.b}))
          .at(r.provenance.loc());
    };
    if (!a) return fail(a.error().message);
    if (!b) return fail(b.error().message);
    if (*a != *b) return fail(fmt::format("they are {} and {}", *a, *b));
    return {};
  }

  /// " (n is 5 by axis 0 of feed 'x', m is 7 by axis 0 of feed 'labels')".
  std::string origins(std::initializer_list<Dim> dims) const {
    std::set<std::string> symbols;
    for (const Dim& d : dims) d.collect_symbols(symbols);
    std::string text;
    for (const std::string& s : symbols)
      if (const auto it = sources_.find(s); it != sources_.end())
        text += fmt::format("{}'{}' is {} by {}", text.empty() ? " (" : ", ", s, binding_.at(s), where(it->second));
    return text.empty() ? text : text + ")";
  }

  const Function& function_;
  std::span<const std::optional<Shape>> shapes_;
  bool all_;
  SymbolBinding binding_;
  std::map<std::string, Source> sources_;
};

}  // namespace

std::string param_label(const Function& function, int i) {
  const ParamInfo& info = function.param_info(i);
  switch (info.kind) {
    case ParamKind::kFeed: break;
    case ParamKind::kVariable: return fmt::format("variable '{}'", info.name);
    case ParamKind::kRngState: return "the random state";
  }
  if (info.name.empty()) return fmt::format("feed number {}", i);
  // A variable that is fed is a parameter of a name of its own (frontend/graph/lower.cpp), not the user's.
  const std::string& node = function.param(i).op->provenance().node();
  return fmt::format("feed '{}'", info.name == node + ".fed" ? node : info.name);
}

Expected<SymbolBinding> bind_symbols(const Function& function, std::span<const Shape> shapes) {
  const std::vector<std::optional<Shape>> all(shapes.begin(), shapes.end());
  return SymbolBinder(function, all, true).run();
}

Expected<SymbolBinding> bind_known_symbols(const Function& function, std::span<const std::optional<Shape>> shapes) {
  return SymbolBinder(function, shapes, false).run();
}

Expected<SymbolBinding> bind_symbols(const Function& function, std::span<const Array> params) {
  std::vector<Shape> shapes;
  for (size_t i = 0; i < params.size(); ++i) {
    shapes.push_back(params[i].shape());
    if (static_cast<int>(i) >= function.num_params()) continue;  // counted below
    const Value param = function.param(static_cast<int>(i));
    if (params[i].dtype() != param.dtype())
      return make_error(ErrorCode::kInvalidType, "{} needs {}, got {}", param_label(function, static_cast<int>(i)),
                        param.type(), params[i].type_str())
          .at(param.op->provenance().loc());
  }
  return bind_symbols(function, std::span<const Shape>(shapes));
}

Expected<TensorType> evaluate_type(const TensorType& type, const SymbolBinding& binding) {
  Shape shape;
  for (const Dim& d : type.dims) {
    DLC_ASSIGN_OR_RETURN(const int64_t size, d.evaluate(binding));
    if (size < 0)
      return make_error(ErrorCode::kInvalidShape, "dimension {} of {} is {}: sizes are >= 0", d, type, size);
    shape.push_back(size);
  }
  DLC_RETURN_IF_ERROR(checked_num_elements(shape, type.dtype));
  return TensorType::of(type.dtype, shape);
}

}  // namespace dlc::ir
