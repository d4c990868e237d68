// InlineVector: a std::vector whose first N elements lie in the object itself. For the short lists that a program
// has very many of: operands, uses, dimensions. Elements move when the vector does, and iterators are invalid
// after whatever changes the size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace dlc {

template <typename T, uint32_t N>
class InlineVector {
  static_assert(N > 0);
  static_assert(std::is_nothrow_move_constructible_v<T>, "growing must not fail half way");

 public:
  using value_type = T;
  using size_type = size_t;
  using difference_type = std::ptrdiff_t;
  using reference = T&;
  using const_reference = const T&;
  using iterator = T*;
  using const_iterator = const T*;
  using reverse_iterator = std::reverse_iterator<iterator>;
  using const_reverse_iterator = std::reverse_iterator<const_iterator>;

  InlineVector() noexcept {}  // NOLINT(modernize-use-equals-default): the elements' memory stays as it is
  explicit InlineVector(size_t n) { resize(n); }
  InlineVector(size_t n, const T& value) { resize(n, value); }
  InlineVector(std::initializer_list<T> values) { append(values.begin(), values.end()); }
  template <std::input_iterator It>
  InlineVector(It first, It last) {
    append(first, last);
  }
  InlineVector(const InlineVector& other) { append(other.begin(), other.end()); }
  InlineVector(InlineVector&& other) noexcept { take(other); }
  InlineVector& operator=(const InlineVector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  InlineVector& operator=(InlineVector&& other) noexcept {
    if (this == &other) return *this;
    clear();
    release();
    take(other);
    return *this;
  }
  InlineVector& operator=(std::initializer_list<T> values) {
    assign(values.begin(), values.end());
    return *this;
  }
  ~InlineVector() {
    clear();
    release();
  }

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T* data() { return capacity_ == N ? reinterpret_cast<T*>(inline_) : heap_; }
  const T* data() const { return const_cast<InlineVector*>(this)->data(); }
  iterator begin() { return data(); }
  iterator end() { return data() + size_; }
  const_iterator begin() const { return data(); }
  const_iterator end() const { return data() + size_; }
  reverse_iterator rbegin() { return reverse_iterator(end()); }
  reverse_iterator rend() { return reverse_iterator(begin()); }
  const_reverse_iterator rbegin() const { return const_reverse_iterator(end()); }
  const_reverse_iterator rend() const { return const_reverse_iterator(begin()); }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T& front() { return data()[0]; }
  const T& front() const { return data()[0]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  void reserve(size_t n) {
    if (n > capacity_) grow_to(n);
  }
  template <typename... Args>
  T& emplace_back(Args&&... args) {
    // The element may be made of one that growing moves.
    if (size_ == capacity_) {
      T made(std::forward<Args>(args)...);
      grow_to(size_t{size_} + 1);
      return *std::construct_at(data() + size_++, std::move(made));
    }
    return *std::construct_at(data() + size_++, std::forward<Args>(args)...);
  }
  void push_back(const T& value) { emplace_back(value); }
  void push_back(T&& value) { emplace_back(std::move(value)); }
  void pop_back() { std::destroy_at(data() + --size_); }
  void clear() {
    std::destroy_n(data(), size_);
    size_ = 0;
  }
  void resize(size_t n) {
    reserve(n);
    while (size_ > n) pop_back();
    while (size_ < n) emplace_back();
  }
  void resize(size_t n, const T& value) {
    const T copy = value;  // NOLINT(performance-unnecessary-copy-initialization): it may be one that growing moves
    reserve(n);
    while (size_ > n) pop_back();
    while (size_ < n) emplace_back(copy);
  }
  /// The range must not be of this vector.
  template <std::input_iterator It>
  void assign(It first, It last) {
    clear();
    append(first, last);
  }
  iterator insert(const_iterator place, T value) {
    const auto at = place - begin();
    emplace_back(std::move(value));
    return shift_back(at, size_ - 1);
  }
  /// The range must not be of this vector.
  template <std::input_iterator It>
  iterator insert(const_iterator place, It first, It last) {
    const auto at = place - begin();
    const size_t old_size = size_;
    append(first, last);
    return shift_back(at, old_size);
  }
  iterator erase(const_iterator place) { return erase(place, place + 1); }
  iterator erase(const_iterator first, const_iterator last) {
    const iterator from = begin() + (first - begin());
    iterator to = from;
    for (iterator kept = begin() + (last - begin()); kept != end(); ++kept, ++to) *to = std::move(*kept);
    while (end() != to) pop_back();
    return from;
  }

  bool operator==(const InlineVector& other) const {
    if (size_ != other.size_) return false;
    for (size_t i = 0; i < size_; ++i)
      if (!((*this)[i] == other[i])) return false;
    return true;
  }
  bool operator<(const InlineVector& other) const {
    for (size_t i = 0; i < size_ && i < other.size_; ++i) {
      if ((*this)[i] < other[i]) return true;
      if (other[i] < (*this)[i]) return false;
    }
    return size_ < other.size_;
  }

 private:
  template <typename It>
  void append(It first, It last) {
    if constexpr (std::forward_iterator<It>) reserve(size_ + static_cast<size_t>(std::distance(first, last)));
    for (; first != last; ++first) emplace_back(*first);
  }
  /// Puts the elements from `from` on in front of the one at `at`; returns the place of the first.
  iterator shift_back(difference_type at, size_t from) {
    InlineVector moved;
    const iterator first = begin() + at, middle = begin() + from;
    moved.reserve(static_cast<size_t>(end() - middle));
    for (iterator i = middle; i != end(); ++i) moved.push_back(std::move(*i));
    for (iterator i = middle, to = end(); i != first;) *--to = std::move(*--i);
    for (size_t i = 0; i < moved.size(); ++i) first[i] = std::move(moved[i]);
    return first;
  }
  /// Memory for n elements and some more; n > capacity_.
  void grow_to(size_t n) {
    const size_t twice = 2 * size_t{capacity_};
    const size_t capacity = n > twice ? n : twice;
    if (capacity > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
    T* const memory = std::allocator<T>().allocate(capacity);
    std::uninitialized_move_n(data(), size_, memory);
    std::destroy_n(data(), size_);
    release();
    heap_ = memory;
    capacity_ = static_cast<uint32_t>(capacity);
  }
  /// Gives memory of the heap back; there are no elements in it.
  void release() {
    if (capacity_ != N) std::allocator<T>().deallocate(heap_, capacity_);
    capacity_ = N;
  }
  /// The elements of `other`, which becomes empty; this has none.
  void take(InlineVector& other) {
    if (other.capacity_ != N) {
      heap_ = std::exchange(other.heap_, nullptr);
      capacity_ = std::exchange(other.capacity_, N);
    } else {
      std::uninitialized_move_n(other.data(), other.size_, data());
      std::destroy_n(other.data(), other.size_);
    }
    size_ = std::exchange(other.size_, 0);
  }

  uint32_t size_ = 0;
  uint32_t capacity_ = N;  ///< N: the elements are in the object
  union {
    T* heap_;
    alignas(T) std::byte inline_[N * sizeof(T)];
  };
};

}  // namespace dlc
