#include "support/array.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace dlc {
namespace {

constexpr std::align_val_t kAlignment{64};

std::shared_ptr<void> allocate(size_t bytes) {
  // One vector of slack lets a caller over-read the last lanes of an owned buffer safely.
  void* p = ::operator new(bytes + 64, kAlignment);
  return {p, [](void* q) { ::operator delete(q, kAlignment); }};
}

/// Shortest text that reads back as the same value; "inf", "nan" as they are.
std::string element_str(const Array& a, int64_t i) {
  return dispatch(a.dtype(), [&]<typename T>() -> std::string {
    const T v = a.data<T>()[static_cast<size_t>(i)];
    if constexpr (std::is_same_v<T, uint8_t>)
      return fmt::format("{}", static_cast<unsigned>(v));
    else
      return fmt::format("{}", v);
  });
}

void print_axis(const Array& a, size_t axis, int64_t& next, int64_t edge, std::string& out) {
  if (axis == a.shape().size()) {
    out += element_str(a, next++);
    return;
  }
  const int64_t n = a.shape()[axis];
  int64_t inner = 1;
  for (size_t d = axis + 1; d < a.shape().size(); ++d) inner *= a.shape()[d];
  out += '[';
  for (int64_t i = 0; i < n; ++i) {
    if (i > 0) out += ", ";
    if (edge > 0 && n > 2 * edge && i == edge) {
      out += "..., ";
      next += inner * (n - 2 * edge);
      i = n - edge;
    }
    print_axis(a, axis + 1, next, edge, out);
  }
  out += ']';
}

}  // namespace

Array::Array() : shape_{0} {}

Array::Array(DType dtype, Shape shape) : Array(uninitialized(dtype, std::move(shape))) {
  std::memset(data_, 0, num_bytes());
}

Array Array::uninitialized(DType dtype, Shape shape) {
  const int64_t n = value_or_throw(checked_num_elements(shape, dtype));
  std::shared_ptr<void> owner = allocate(static_cast<size_t>(n) * size_of(dtype));
  void* data = owner.get();
  return share(dtype, std::move(shape), std::move(owner), data);
}

Array Array::borrow(DType dtype, Shape shape, void* data) { return share(dtype, std::move(shape), nullptr, data); }

Array Array::borrow(DType dtype, Shape shape, const void* data) {
  return share(dtype, std::move(shape), nullptr, const_cast<void*>(data));
}

Array Array::share(DType dtype, Shape shape, std::shared_ptr<void> owner, void* data) {
  Array a(Unset{});
  a.dtype_ = dtype;
  a.num_elements_ = value_or_throw(checked_num_elements(shape, dtype));
  a.shape_ = std::move(shape);
  a.data_ = static_cast<std::byte*>(data);
  a.owner_ = std::move(owner);
  return a;
}

Array Array::full(DType dtype, Shape shape, double value) {
  Array a = uninitialized(dtype, std::move(shape));
  dispatch(dtype, [&]<typename T>() {
    const std::span<T> d = a.data<T>();
    std::fill(d.begin(), d.end(), convert_element<T>(value));
  });
  return a;
}

double Array::value_as_double(int64_t i) const {
  return dispatch(dtype_, [&]<typename T>() { return static_cast<double>(data<T>()[static_cast<size_t>(i)]); });
}

void Array::set_from_double(int64_t i, double value) {
  dispatch(dtype_, [&]<typename T>() { data<T>()[static_cast<size_t>(i)] = convert_element<T>(value); });
}

Array Array::clone() const {
  Array copy = uninitialized(dtype_, shape_);
  if (num_bytes() > 0) std::memcpy(copy.data_, data_, num_bytes());
  return copy;
}

Array Array::reshaped(Shape shape) const {
  DLC_CHECK(dlc::num_elements(shape) == num_elements_, "{} reshaped to {}", type_str(), shape_str(shape));
  Array a = *this;
  a.shape_ = std::move(shape);
  return a;
}

Array Array::cast(DType dtype) const {
  if (dtype == dtype_) return *this;
  Array to = uninitialized(dtype, shape_);
  dispatch(dtype_, [&]<typename From>() {
    dispatch(dtype, [&]<typename To>() {
      const std::span<const From> src = data<From>();
      std::transform(src.begin(), src.end(), to.data<To>().begin(), convert_element<To, From>);
    });
  });
  return to;
}

bool Array::identical(const Array& other) const {
  return dtype_ == other.dtype_ && shape_ == other.shape_ &&
         (num_bytes() == 0 || std::memcmp(data_, other.data_, num_bytes()) == 0);
}

std::string Array::str(int64_t max_elements) const {
  std::string out = type_str() + " ";
  int64_t next = 0;
  print_axis(*this, 0, next, num_elements_ > max_elements ? 3 : 0, out);
  return out;
}

void Array::check_type(DType t) const {
  if (t != dtype_) throw Exception(make_error(ErrorCode::kInvalidType, "an array of {} read as {}", type_str(), t));
}

void Array::check_single() const {
  if (num_elements_ != 1)
    throw Exception(make_error(ErrorCode::kInvalidShape, "item() needs an array of one element, got {}", type_str()));
}

int64_t Array::offset_of(std::span<const int64_t> index) const {
  if (index.size() != shape_.size())
    throw Exception(make_error(ErrorCode::kOutOfRange, "index of {} numbers into {}", index.size(), type_str()));
  int64_t offset = 0;
  for (size_t d = 0; d < index.size(); ++d) {
    if (index[d] < 0 || index[d] >= shape_[d])
      throw Exception(make_error(ErrorCode::kOutOfRange, "index {} is outside {} at axis {}", index[d], type_str(), d));
    offset = offset * shape_[d] + index[d];
  }
  return offset;
}

}  // namespace dlc
