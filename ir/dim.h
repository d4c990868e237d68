// Dim: the size of one dimension, a number or an expression over named symbols.
//
//   Dim n = Dim::symbol("n");
//   Dim m = 2 * n + 1;            // prints "2*n+1"
//   m == n + n + 1;               // true: expressions are kept in a normal form
//
// The normal form is a polynomial over symbols and over floordiv/min/max of other Dims, so that
// equal sizes met on different ways through a program are seen to be equal. Equality is structural:
// Dims that compare equal are equal for every binding; the converse need not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/expected.h"
#include "support/flat_map.h"
#include "support/format_text.h"
#include "support/inline_vector.h"
#include "support/visibility.h"

namespace dlc::ir {

/// Sizes of the symbols, for evaluation.
using SymbolBinding = FlatMap<int64_t>;

class DLC_PUBLIC Dim {
 public:
  static constexpr int64_t kTooLarge = INT64_MAX;
  Dim(int64_t value = 0) : constant_(value) {}  // NOLINT(google-explicit-constructor)
  Dim(const Dim& o) : constant_(o.constant_), shared_(o.shared_) {
    if (shared_ != nullptr) retain();
  }
  Dim(Dim&& o) noexcept : constant_(o.constant_), shared_(std::exchange(o.shared_, nullptr)) {}
  Dim& operator=(Dim o) noexcept {
    std::swap(constant_, o.constant_);
    std::swap(shared_, o.shared_);
    return *this;
  }
  ~Dim() {
    if (shared_ != nullptr) release();
  }
  static Dim symbol(const std::string& name);
  /// Quotient rounded towards minus infinity; `b` must not be zero when evaluated.
  static Dim floor_div(const Dim& a, const Dim& b);
  static Dim min(const Dim& a, const Dim& b);
  static Dim max(const Dim& a, const Dim& b);

  bool is_constant() const { return shared_ == nullptr; }
  /// Call only when is_constant().
  int64_t constant() const;
  bool is(int64_t value) const { return is_constant() && constant_ == value; }
  /// The name when this is exactly one symbol.
  std::optional<std::string> as_symbol() const;
  /// The arguments when this is exactly one max().
  std::optional<std::pair<Dim, Dim>> as_max() const;

  /// What overflows is the largest number, or the least: kTooLarge, which no op's result may have.
  Dim operator+(const Dim& o) const;
  Dim operator-(const Dim& o) const;
  Dim operator*(const Dim& o) const;
  friend Dim operator+(int64_t a, const Dim& b) { return Dim(a) + b; }
  friend Dim operator-(int64_t a, const Dim& b) { return Dim(a) - b; }
  friend Dim operator*(int64_t a, const Dim& b) { return Dim(a) * b; }
  /// Whether it is certain to be >= 0, symbols being sizes and so >= 0; false: not known.
  bool known_nonnegative() const;
  /// Exact division by a number or by a common factor; nullopt when it does not divide in normal form.
  std::optional<Dim> divide_exactly(const Dim& divisor) const;

  bool operator==(const Dim& o) const;
  bool operator<(const Dim& o) const;

  /// The size under a binding; an Error names a symbol without a value, overflow, or division by zero.
  Expected<int64_t> evaluate(const SymbolBinding& binding) const;
  /// Symbols replaced where the binding knows them.
  Dim substitute(const FlatMap<Dim>& binding) const;
  /// Names of its symbols, each perhaps more than once.
  std::vector<std::string> symbols() const;
  /// Inserts them into a set.
  template <typename Set>
  void collect_symbols(Set& out) const {
    for (std::string& name : symbols()) out.insert(std::move(name));
  }

  /// "8", "n", "2*n+1", "floordiv(n-3,2)+1".
  std::string str() const;

 private:
  struct Atom;
  using Monomial = std::vector<Atom>;  // sorted product of atoms; empty: the constant term
  struct Poly;
  struct Shared;
  static Dim from_poly(Poly poly);
  Poly to_poly() const;
  static Dim function(int kind, const Dim& a, const Dim& b);
  static bool nonnegative(const Atom& atom, int depth);
  bool nonnegative(int depth) const;
  const Poly& poly() const;
  void retain() const;
  void release() const;

  int64_t constant_ = 0;
  Shared* shared_ = nullptr;  // null: a number; else a polynomial that counts its owners
};

/// Most arrays of a program have a rank of at most 3.
using Dims = InlineVector<Dim, 3>;

Dim product(std::span<const Dim> dims);
/// "[n,784]".
std::string dims_str(std::span<const Dim> dims);
/// Reads what Dim::str prints.
Expected<Dim> parse_dim(std::string_view text);

}  // namespace dlc::ir

template <>
struct fmt::formatter<dlc::ir::Dim> : dlc::TextFormatter {
  auto format(const dlc::ir::Dim& d, fmt::format_context& context) const { return write(d.str(), context); }
};
