#include "support/array.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "support/convert.h"

namespace dlc {
namespace {

template <size_t kAlignment>
std::shared_ptr<void> allocate_aligned(size_t bytes) {
  constexpr std::align_val_t alignment{kAlignment};
  void* p = ::operator new(bytes, alignment, std::nothrow);
  if (p == nullptr) return nullptr;
  return {p, [](void* q) { ::operator delete(q, alignment); }};
}

std::shared_ptr<void> allocate(size_t bytes) {
  // One vector of slack lets a caller over-read the last lanes of an owned buffer safely.
  bytes += 64;
  // Large arrays lie in huge pages, which spares page faults and misses of the address cache (measured: x * y + x
  // of 80 MB each takes 1.2 times as long in small ones); what reaches three quarters into a last one is given
  // all of it.
  constexpr size_t kHugePage = size_t{2} << 20;
  const size_t huge = (bytes + kHugePage / 4) / kHugePage * kHugePage;
  if (huge == 0) return allocate_aligned<64>(bytes);
  std::shared_ptr<void> memory = allocate_aligned<kHugePage>(std::max(bytes, huge));
  if (memory) madvise(memory.get(), huge, MADV_HUGEPAGE);  // advice: refusal costs only speed
  return memory;
}

/// Shortest text that reads back as the same value; "inf" as it is, "nan" whatever its sign, which means nothing.
std::string element_str(const Array& a, int64_t i) {
  return dispatch(a.dtype(), [&]<typename T>() -> std::string {
    const T v = a.data<T>()[static_cast<size_t>(i)];
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(v)) return "nan";
    if constexpr (std::is_same_v<T, uint8_t>)
      return fmt::format("{}", static_cast<unsigned>(v));
    else
      return fmt::format("{}", v);
  });
}

/// Prints nested lists. Axes longer than 2 * `edge` keep their ends when `edge` > 0; when `budget`
/// (elements and brackets) is spent the rest is "...", whatever the rank.
class ListPrinter {
 public:
  ListPrinter(const Array& a, int64_t edge, int64_t budget)
      : array_(a), strides_(row_major_strides(a.shape())), edge_(edge), budget_(budget) {}

  void print(size_t axis, int64_t first, std::string& out) {
    if (--budget_ < 0) {
      out += "...";
      return;
    }
    if (axis == array_.shape().size()) {
      out += element_str(array_, first);
      return;
    }
    const int64_t n = array_.shape()[axis];
    out += '[';
    for (int64_t i = 0; i < n; ++i) {
      if (i > 0) out += ", ";
      if (edge_ > 0 && n > 2 * edge_ && i == edge_) {
        out += "..., ";
        i = n - edge_;
      }
      print(axis + 1, array_.num_elements() == 0 ? 0 : first + i * strides_[axis], out);
      if (budget_ < 0) break;
    }
    out += ']';
  }

 private:
  const Array& array_;
  const Shape strides_;
  const int64_t edge_;
  int64_t budget_;
};

}  // namespace

Array::Array(Unset) {}
Array::Array() : shape_{0} {}

Array::Array(DType dtype, Shape shape) : Array(uninitialized(dtype, std::move(shape))) {
  std::memset(data_, 0, num_bytes());
}

Array Array::uninitialized(DType dtype, Shape shape) {
  const int64_t n = value_or_throw(checked_num_elements(shape, dtype));
  const size_t bytes = static_cast<size_t>(n) * size_of(dtype);
  std::shared_ptr<void> owner = allocate(bytes);
  if (owner == nullptr)
    throw Exception(make_error(ErrorCode::kResourceExhausted, "no memory for {}: the system does not give {} bytes",
                               dlc::type_str(dtype, shape), bytes));
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
  const int64_t n = value_or_throw(checked_num_elements(shape, dtype_));
  if (n != num_elements_)
    throw Exception(make_error(ErrorCode::kInvalidShape, "cannot reshape {} to {}: {} elements, but {} are needed",
                               type_str(), shape_str(shape), num_elements_, n));
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
  // An empty array may still have a long axis, and an array of rank 40 has no long one.
  const bool abbreviate = num_elements_ > max_elements || num_elements_ == 0;
  const int64_t brackets = 2 * std::max<int64_t>(max_elements, 0) + rank() + 8;
  ListPrinter(*this, abbreviate ? 3 : 0, max_elements + brackets).print(0, 0, out);
  return out;
}

void Array::check_type(DType t) const {
  if (t != dtype_) throw Exception(make_error(ErrorCode::kInvalidType, "an array of {} read as {}", type_str(), t));
}

void Array::check_count(size_t values) const {
  if (values != static_cast<size_t>(num_elements_))
    throw Exception(make_error(ErrorCode::kInvalidShape, "{} values given for {}, which holds {}", values, type_str(),
                               num_elements_));
}

void Array::check_single() const {
  if (num_elements_ != 1)
    throw Exception(make_error(ErrorCode::kInvalidShape, "item() needs an array of one element, got {}", type_str()));
}

std::string Array::type_str() const { return dlc::type_str(dtype_, shape_); }

int64_t Array::offset_of(std::initializer_list<int64_t> index) const {
  if (index.size() != shape_.size())
    throw Exception(make_error(ErrorCode::kOutOfRange, "index of {} numbers into {}", index.size(), type_str()));
  int64_t offset = 0;
  for (size_t d = 0; d < index.size(); ++d) {
    if (index.begin()[d] < 0 || index.begin()[d] >= shape_[d])
      throw Exception(
          make_error(ErrorCode::kOutOfRange, "index {} is outside {} at axis {}", index.begin()[d], type_str(), d));
    offset = offset * shape_[d] + index.begin()[d];
  }
  return offset;
}

}  // namespace dlc
