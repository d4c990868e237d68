#include "frontend/graph/tensor_arg.h"

#include <algorithm>

#include "frontend/graph/graph.h"
#include "support/convert.h"

namespace dlc {

Literal::Literal(std::initializer_list<Literal> items) : items_(items) {}
Literal::Literal(std::vector<Literal> items) : items_(std::move(items)) {}

void Literal::collect_kinds(bool& any_float, bool& any_int, bool& any_bool, bool& any_wide) const {
  for (const Literal& item : items_) item.collect_kinds(any_float, any_int, any_bool, any_wide);
  any_bool |= kind_ == Kind::kBool;
  any_int |= kind_ == Kind::kInteger;
  any_float |= kind_ == Kind::kFloating;
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

}  // namespace

Expected<void> Literal::append(DType dtype, size_t depth, const Shape& shape, Array& out, int64_t& at) const {
  if (is_list() != (depth < shape.size()))
    return make_error(ErrorCode::kInvalidShape, "the nested lists of numbers are not rectangular");
  if (is_list()) {
    if (static_cast<int64_t>(items_.size()) != shape[depth])
      return make_error(ErrorCode::kInvalidShape,
                        "the nested lists of numbers are not rectangular: {} items against {}", items_.size(),
                        shape[depth]);
    for (const Literal& item : items_) DLC_RETURN_IF_ERROR(item.append(dtype, depth + 1, shape, out, at));
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
  if (kind_ == Kind::kBool) return store(integer_ != 0);
  return kind_ == Kind::kInteger ? store(integer_) : store(floating_);
}

Expected<Array> Literal::to_array(DType dtype) const {
  Shape shape;  // as the first items say; append() checks the others against it
  for (const Literal* l = this; l->is_list(); l = &l->items_.front()) {
    shape.push_back(static_cast<int64_t>(l->items_.size()));
    if (l->items_.empty()) break;
  }
  Array out = Array::uninitialized(dtype, shape);
  int64_t at = 0;
  DLC_RETURN_IF_ERROR(append(dtype, 0, shape, out, at));
  return out;
}

TensorArg::TensorArg(Where where) : where_(where) {}
TensorArg::TensorArg(const Tensor& t, Where where) : is_tensor_(true), tensor_(t), where_(where) {}
TensorArg::TensorArg(const Array& a, Where where) : array_(std::make_shared<const Array>(a)), where_(where) {}
TensorArg::TensorArg(const Literal& numbers, Where where)
    : literal_(std::make_shared<const Literal>(numbers)), where_(where) {}
TensorArg::TensorArg(std::initializer_list<Literal> numbers, Where where) : TensorArg(Literal(numbers), where) {}

OperandArg::OperandArg(const TensorArg& a) {
  if (!a.empty()) args_.push_back(a);
}
OperandArg::OperandArg(const Tensor& t, std::source_location where) : OperandArg(TensorArg(t, where)) {}
OperandArg::OperandArg(std::vector<TensorArg> list) : args_(std::move(list)) {}
OperandArg::OperandArg(const std::vector<Tensor>& list, std::source_location where) {
  for (const Tensor& t : list) args_.emplace_back(t, where);
}

DimsArg::Item::Item(const char* text) : is_text_(true), text_(text) {}
DimsArg::Item::Item(std::string text) : is_text_(true), text_(std::move(text)) {}
DimsArg::Item::Item(const ir::Dim& dim) : dim_(dim) {}
DimsArg::DimsArg(std::initializer_list<Item> items) : items_(items) {}
DimsArg::DimsArg(std::vector<Item> items) : items_(std::move(items)) {}
DimsArg::DimsArg(const Shape& shape) : items_(shape.begin(), shape.end()) {}
DimsArg::DimsArg(const ir::Dims& dims) : items_(dims.begin(), dims.end()) {}

Axes::Axes(std::initializer_list<int64_t> axes) : all_(false), axes_(axes) {}
Axes::Axes(std::vector<int64_t> axes) : all_(false), axes_(std::move(axes)) {}

Expected<ir::Dims> DimsArg::resolve(Graph& graph) const { return resolve_items(&graph); }
Expected<ir::Dims> DimsArg::resolve_with_minus_one() const { return resolve_items(nullptr); }

Expected<ir::Dims> DimsArg::resolve_items(Graph* graph) const {
  const auto unknown = [&] { return graph ? ir::Dim::symbol(graph->fresh_symbol()) : ir::Dim(kUnknown); };
  ir::Dims dims;
  for (const Item& item : items_) {
    if (item.is_text_ ? item.text_ == "?" : item.dim_.is(kUnknown)) {
      dims.push_back(unknown());
    } else if (item.is_text_) {
      DLC_ASSIGN_OR_RETURN(ir::Dim dim, ir::parse_dim(item.text_));
      dims.push_back(std::move(dim));
    } else if (item.dim_.is_constant() && item.dim_.constant() < 0) {
      return make_error(ErrorCode::kInvalidShape,
                        "{} is no dimension: needs a size >= 0, -1 for one not yet known, or "
                        "a name",
                        item.dim_);
    } else {
      dims.push_back(item.dim_);
    }
  }
  return dims;
}

Expected<Shape> DimsArg::resolve_static(std::string_view what) const {
  Shape shape;
  for (const Item& item : items_) {
    if (item.is_text_ || !item.dim_.is_constant() || item.dim_.constant() < 0)
      return make_error(ErrorCode::kInvalidShape, "{} needs dimensions that are numbers >= 0, got {}", what,
                        item.is_text_ ? item.text_ : item.dim_.str());
    shape.push_back(item.dim_.constant());
  }
  return shape;
}

}  // namespace dlc
