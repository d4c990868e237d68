// Expected<T>: a value or an Error, with the interface of C++23's std::expected.
//
//   Expected<int> parse(std::string_view text);
//   DLC_ASSIGN_OR_RETURN(const int n, parse(text));   // in a function that returns Expected
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "support/check.h"
#include "support/error.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// A DLC_CHECK that fails with the error's text.
[[noreturn]] void value_of_failed(const Error& error);

template <typename T>
class [[nodiscard]] Expected {
 public:
  using value_type = T;
  Expected(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Expected(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return value_.has_value(); }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(), *value_; }
  const T& value() const& { return checked(), *value_; }
  T&& value() && { return checked(), *std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Call only when there is no value.
  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  void checked() const {
    if (!has_value()) [[unlikely]]
      value_of_failed(error_);
  }
  std::optional<T> value_;
  Error error_;
};

/// Success without a value.
struct Ok {};

template <>
class [[nodiscard]] Expected<void> {
 public:
  using value_type = void;
  Expected() = default;
  Expected(Ok) {}                                                  // NOLINT
  Expected(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT

  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  void value() const {
    if (!ok_) [[unlikely]]
      value_of_failed(error_);
  }
  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool ok_ = true;
};

/// At the rim: the value, or the Error thrown as an Exception.
template <typename T>
T value_or_throw(Expected<T> expected) {
  if (!expected) throw Exception(std::move(expected).error());
  if constexpr (!std::is_void_v<T>) return std::move(expected).value();
}

}  // namespace dlc DLC_PUBLIC

#define DLC_CONCAT_INNER(a, b) a##b
#define DLC_CONCAT(a, b) DLC_CONCAT_INNER(a, b)
#define DLC_ASSIGN_OR_RETURN_IMPL(temp, lhs, ...) \
  auto temp = (__VA_ARGS__);                      \
  if (!temp) return std::move(temp).error();      \
  lhs = std::move(temp).value()
/// Evaluates an Expected<T>; on success assigns its value to `lhs`, else returns its Error.
#define DLC_ASSIGN_OR_RETURN(lhs, ...) DLC_ASSIGN_OR_RETURN_IMPL(DLC_CONCAT(dlc_expected_, __LINE__), lhs, __VA_ARGS__)
/// Evaluates an Expected<void> (or any Expected); returns its Error if it failed.
#define DLC_RETURN_IF_ERROR(...)                                                            \
  do {                                                                                      \
    if (auto dlc_status = (__VA_ARGS__); !dlc_status) return std::move(dlc_status).error(); \
  } while (false)
