// Array: the one concrete n-dimensional buffer, row-major. Constants, feeds, fetches and
// variables all are Arrays.
//
//   Array a = Array::of<float>({2, 2}, {1, 2, 3, 4});
//   float x = a.at<float>({1, 0});        // 3
//   fmt::print("{}\n", a);                // f32[2,2] [[1, 2], [3, 4]]
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "support/dtype.h"
#include "support/format_text.h"
#include "support/shape.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// A handle: copying an Array shares its buffer (like a shared_ptr); `clone()` copies the
/// elements. The buffer is 64-byte aligned when owned. Sharing is thread-safe, writing is not.
class Array {
 public:
  /// An empty handle: f32[0].
  Array();
  /// Owned, elements zero.
  explicit Array(DType dtype, Shape shape);
  /// Owned, elements not initialised. These, and all that make an Array, throw kInvalidShape on a
  /// negative size and kResourceExhausted when there is no memory.
  static Array uninitialized(DType dtype, Shape shape);
  /// Borrows memory of the caller, who keeps it alive and unchanged while it is used.
  static Array borrow(DType dtype, Shape shape, void* data);
  static Array borrow(DType dtype, Shape shape, const void* data);
  /// Shares memory kept alive by `owner`.
  static Array share(DType dtype, Shape shape, std::shared_ptr<void> owner, void* data);

  /// Owned, with these elements in row-major order; throws kInvalidShape when their number is wrong.
  template <typename T>
  static Array of(Shape shape, std::span<const T> values) {
    Array a = uninitialized(dtype_of<T>(), std::move(shape));
    a.check_count(values.size());
    T* const to = a.data<T>().data();
    for (size_t i = 0; i < values.size(); ++i) to[i] = values[i];
    return a;
  }
  template <typename T>
  static Array of(Shape shape, std::initializer_list<T> values) {
    return of<T>(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }
  template <typename T>
  static Array of(Shape shape, const std::vector<T>& values) {
    return of<T>(std::move(shape), std::span<const T>(values));
  }
  template <typename T>
  static Array scalar(T value) {
    return of<T>({}, {value});
  }
  /// Every element `value`, converted to `dtype`.
  static Array full(DType dtype, Shape shape, double value);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t rank() const { return static_cast<int64_t>(shape_.size()); }
  int64_t dim(int64_t axis) const { return shape_[static_cast<size_t>(axis)]; }
  int64_t num_elements() const { return num_elements_; }
  size_t num_bytes() const { return static_cast<size_t>(num_elements_) * size_of(dtype_); }
  std::string type_str() const;

  std::byte* bytes() { return data_; }
  const std::byte* bytes() const { return data_; }
  /// The elements; T must be the C++ type of dtype().
  template <typename T>
  std::span<T> data() {
    check_type(dtype_of<T>());
    return {reinterpret_cast<T*>(data_), static_cast<size_t>(num_elements_)};
  }
  template <typename T>
  std::span<const T> data() const {
    check_type(dtype_of<T>());
    return {reinterpret_cast<const T*>(data_), static_cast<size_t>(num_elements_)};
  }
  /// The element at a full index; throws on a wrong rank, index or type.
  template <typename T>
  T at(std::initializer_list<int64_t> index) const {
    return data<T>()[static_cast<size_t>(offset_of(index))];
  }
  /// The only element of an array of one element; throws otherwise.
  template <typename T>
  T item() const {
    check_single();
    return data<T>()[0];
  }
  /// Element `i` in row-major order, converted to double (for printing, tests and tools).
  double value_as_double(int64_t i) const;
  /// Stores `value` converted to dtype() (floats to integers saturate) at row-major position `i`.
  void set_from_double(int64_t i, double value);

  Array clone() const;
  /// The same buffer under another shape of as many elements; throws kInvalidShape otherwise.
  Array reshaped(Shape shape) const;
  /// Element-wise conversion by the rules of SEMANTICS: float to integer saturates, NaN is 0.
  Array cast(DType dtype) const;
  /// Same type, shape and bytes.
  bool identical(const Array& other) const;

  /// "f32[2,2] [[1, 2], [3, 4]]"; long arrays are abbreviated with "..." beyond `max_elements`.
  std::string str(int64_t max_elements = 1000) const;

 private:
  struct Unset {};
  explicit Array(Unset);

  void check_type(DType t) const;
  void check_count(size_t values) const;
  void check_single() const;
  int64_t offset_of(std::initializer_list<int64_t> index) const;

  DType dtype_ = kFloat32;
  Shape shape_;
  int64_t num_elements_ = 0;
  std::byte* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

}  // namespace dlc DLC_PUBLIC

template <>
struct fmt::formatter<dlc::Array> : dlc::TextFormatter {
  auto format(const dlc::Array& a, fmt::format_context& context) const { return write(a.str(), context); }
};
