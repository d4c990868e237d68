#include "frontend/graph/tensor_arg.h"

#include <algorithm>

#include "frontend/graph/graph.h"

namespace dlc {

void Literal::collect_kinds(bool& any_float, bool& any_int, bool& any_bool, bool& any_wide) const {
  if (const auto* list = std::get_if<std::vector<Literal>>(&value_)) {
    for (const Literal& item : *list) item.collect_kinds(any_float, any_int, any_bool, any_wide);
    return;
  }
  any_bool |= std::holds_alternative<bool>(value_);
  any_int |= std::holds_alternative<int64_t>(value_);
  any_float |= std::holds_alternative<double>(value_);
  any_wide |= wide_;
}

DType Literal::natural_dtype() const {
  bool any_float = false, any_int = false, any_bool = false, any_wide = false;
  collect_kinds(any_float, any_int, any_bool, any_wide);
  if (any_float) return kFloat32;
  if (any_int) return any_wide ? kInt64 : kInt32;
  return any_bool ? kBool : kFloat32;
}

namespace {

template <typename To, typename From>
bool fits(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return std::is_same_v<From, bool>;
  } else if constexpr (std::is_floating_point_v<To>) {
    return !std::is_same_v<From, bool>;
  } else {
    return !std::is_same_v<From, bool> && static_cast<From>(convert_element<To>(x)) == x;
  }
}

/// The shape that the first items say; append() checks the others against it.
template <typename Value>
const std::vector<Literal>* as_list(const Value& v) {
  return std::get_if<std::vector<Literal>>(&v);
}

}  // namespace

Expected<void> Literal::append(DType dtype, size_t depth, const Shape& shape, Array& out, int64_t& at) const {
  const auto* list = as_list(value_);
  if ((list != nullptr) != (depth < shape.size()))
    return make_error(ErrorCode::kInvalidShape, "the nested lists of numbers are not rectangular");
  if (list) {
    if (static_cast<int64_t>(list->size()) != shape[depth])
      return make_error(ErrorCode::kInvalidShape,
                        "the nested lists of numbers are not rectangular: {} items against {}", list->size(),
                        shape[depth]);
    for (const Literal& item : *list) DLC_RETURN_IF_ERROR(item.append(dtype, depth + 1, shape, out, at));
    return {};
  }
  const auto store = [&](auto number) -> Expected<void> {
    return dispatch(dtype, [&]<typename T>() -> Expected<void> {
      if (!fits<T>(number))
        return make_error(ErrorCode::kInvalidType, "the number {} is no {}; write it as one, or cast the other operand",
                          number, dtype);
      out.data<T>()[static_cast<size_t>(at++)] = static_cast<T>(number);
      return {};
    });
  };
  if (const auto* b = std::get_if<bool>(&value_)) return store(*b);
  if (const auto* i = std::get_if<int64_t>(&value_)) return store(*i);
  return store(std::get<double>(value_));
}

Expected<Array> Literal::to_array(DType dtype) const {
  Shape shape;
  for (const Literal* l = this;;) {
    const auto* list = as_list(l->value_);
    if (!list) break;
    shape.push_back(static_cast<int64_t>(list->size()));
    if (list->empty()) break;
    l = &list->front();
  }
  Array out = Array::uninitialized(dtype, shape);
  int64_t at = 0;
  DLC_RETURN_IF_ERROR(append(dtype, 0, shape, out, at));
  return out;
}

Expected<ir::Dims> DimsArg::resolve(Graph& graph) const { return resolve_items(&graph); }
Expected<ir::Dims> DimsArg::resolve_with_minus_one() const { return resolve_items(nullptr); }

Expected<ir::Dims> DimsArg::resolve_items(Graph* graph) const {
  const auto unknown = [&] { return graph ? ir::Dim::symbol(graph->fresh_symbol()) : ir::Dim(kUnknown); };
  ir::Dims dims;
  for (const Item& item : items_) {
    if (const auto* size = std::get_if<int64_t>(&item.value_)) {
      if (*size < kUnknown)
        return make_error(ErrorCode::kInvalidShape,
                          "{} is no dimension: needs a size >= 0, -1 for one not yet known, or "
                          "a name",
                          *size);
      dims.push_back(*size == kUnknown ? unknown() : ir::Dim(*size));
    } else if (const auto* text = std::get_if<std::string>(&item.value_)) {
      if (*text == "?") {
        dims.push_back(unknown());
        continue;
      }
      DLC_ASSIGN_OR_RETURN(ir::Dim dim, ir::parse_dim(*text));
      dims.push_back(std::move(dim));
    } else {
      dims.push_back(std::get<ir::Dim>(item.value_));
    }
  }
  return dims;
}

Expected<Shape> DimsArg::resolve_static(std::string_view what) const {
  Shape shape;
  for (const Item& item : items_) {
    int64_t size = -1;
    std::string text = "?";
    if (const auto* s = std::get_if<int64_t>(&item.value_)) {
      size = *s;
      text = fmt::format("{}", size);
    } else if (const auto* t = std::get_if<std::string>(&item.value_)) {
      text = *t;
    } else if (const ir::Dim& d = std::get<ir::Dim>(item.value_); d.is_constant()) {
      size = d.constant();
      text = d.str();
    }
    if (size < 0)
      return make_error(ErrorCode::kInvalidShape, "{} needs dimensions that are numbers >= 0, got {}", what, text);
    shape.push_back(size);
  }
  return shape;
}

}  // namespace dlc
