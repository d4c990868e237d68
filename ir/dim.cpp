#include "ir/dim.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <map>

#include "support/check.h"

namespace dlc::ir {

namespace {
enum AtomKind { kSymbol, kFloorDiv, kMin, kMax, kMul };
const char* function_name(int kind) {
  static constexpr const char* kNames[] = {"?", "floordiv", "min", "max", "mul"};
  return kNames[kind];
}
/// A product whose terms have more factors than this, all together, stays a product, written
/// mul(a,b): (a+b)*(c+d)*... must not fill the memory.
constexpr size_t kMaxFactors = 256;

int64_t saturating_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}
int64_t saturating_mul(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? ((a < 0) != (b < 0) ? INT64_MIN : INT64_MAX) : product;
}

int64_t floor_div_int(int64_t a, int64_t b) {
  if (b == -1) return saturating_mul(a, b);
  const int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}
}  // namespace

struct Dim::Atom {
  int kind = kSymbol;
  std::string name;       // kSymbol
  std::vector<Dim> args;  // functions
  bool operator==(const Atom& o) const { return kind == o.kind && name == o.name && args == o.args; }
  bool operator<(const Atom& o) const {
    if (kind != o.kind) return kind < o.kind;
    if (name != o.name) return name < o.name;
    return args < o.args;
  }
  std::string str() const {
    if (kind == kSymbol) return name;
    return fmt::format("{}({},{})", function_name(kind), args[0], args[1]);
  }
};

struct Dim::Poly {
  std::map<Monomial, int64_t> terms;  // no zero coefficients
  size_t factors = 0;                 // about as many as are printed, those in functions included
  void add(const Monomial& m, int64_t coefficient) {
    const auto [it, fresh] = terms.emplace(m, 0);
    it->second = saturating_add(it->second, coefficient);
    if (it->second == 0) terms.erase(it);
  }
};

struct Dim::Shared {
  explicit Shared(Poly p) : poly(std::move(p)) {}
  const Poly poly;
  std::atomic<uint32_t> owners{1};
};

const Dim::Poly& Dim::poly() const { return shared_->poly; }
void Dim::retain() const { shared_->owners.fetch_add(1, std::memory_order_relaxed); }
void Dim::release() const {
  if (shared_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete shared_;
}

Dim Dim::from_poly(Poly poly) {
  if (poly.terms.empty()) return Dim(0);
  if (poly.terms.size() == 1 && poly.terms.begin()->first.empty()) return Dim(poly.terms.begin()->second);
  poly.factors = poly.terms.size();
  for (const auto& [monomial, coefficient] : poly.terms)
    for (const Atom& atom : monomial) {
      ++poly.factors;
      for (const Dim& arg : atom.args) poly.factors += arg.is_constant() ? 1 : arg.poly().factors;
    }
  Dim d;
  d.shared_ = new Shared(std::move(poly));
  return d;
}

Dim::Poly Dim::to_poly() const {
  if (!is_constant()) return poly();
  Poly p;
  if (constant_ != 0) p.add({}, constant_);
  return p;
}

Dim Dim::symbol(const std::string& name) {
  Poly p;
  p.add({Atom{kSymbol, name, {}}}, 1);
  return from_poly(std::move(p));
}

Dim Dim::function(int kind, const Dim& a, const Dim& b) {
  Poly p;
  p.add({Atom{kind, "", {a, b}}}, 1);
  return from_poly(std::move(p));
}

Dim Dim::floor_div(const Dim& a, const Dim& b) {
  if (b.is(1)) return a;
  if (b.is_constant() && b.constant_ != 0) {
    if (a.is_constant()) return Dim(floor_div_int(a.constant_, b.constant_));
    // Terms divisible by the number leave the floor: floor((4n+3)/2) = 2n + 1.
    if (b.constant_ > 0) {
      Poly whole, rest;
      for (const auto& [m, c] : a.poly().terms) {
        const int64_t q = floor_div_int(c, b.constant_);
        if (m.empty() || c % b.constant_ == 0) {
          if (q != 0) whole.add(m, q);
          if (c - q * b.constant_ != 0) rest.add(m, c - q * b.constant_);
        } else {
          rest.add(m, c);
        }
      }
      const Dim r = from_poly(std::move(rest));
      const Dim tail = r.is_constant() ? Dim(floor_div_int(r.constant_, b.constant_)) : function(kFloorDiv, r, b);
      return from_poly(std::move(whole)) + tail;
    }
  } else if (const std::optional<Dim> q = a.divide_exactly(b)) {
    return *q;
  }
  return function(kFloorDiv, a, b);
}

Dim Dim::min(const Dim& a, const Dim& b) {
  if (a == b) return a;
  const Dim difference = a - b;
  if (difference.known_nonnegative()) return b;
  if ((b - a).known_nonnegative()) return a;
  return a < b ? function(kMin, a, b) : function(kMin, b, a);
}

Dim Dim::max(const Dim& a, const Dim& b) {
  if (a == b) return a;
  const Dim difference = a - b;
  if (difference.known_nonnegative()) return a;
  if ((b - a).known_nonnegative()) return b;
  return a < b ? function(kMax, a, b) : function(kMax, b, a);
}

bool Dim::known_nonnegative() const { return nonnegative(4); }

bool Dim::nonnegative(const Atom& atom, int depth) {
  if (atom.kind == kSymbol) return true;
  const bool a = atom.args[0].nonnegative(depth), b = atom.args[1].nonnegative(depth);
  return atom.kind == kMax ? a || b : a && b;
}

/// Certain when each monomial has a coefficient >= 0 and factors >= 0. Else a function atom is
/// replaced by bounds from below: min and max by one or both of their arguments, floor(a/k) by
/// a/k or (a-k+1)/k, the whole multiplied by k. `depth` bounds the search.
bool Dim::nonnegative(int depth) const {
  if (is_constant()) return constant_ >= 0;
  if (depth == 0) return false;
  constexpr int64_t kHuge = int64_t{1} << 30;
  const auto huge = [](const auto& term) { return term.second >= kHuge || term.second <= -kHuge; };
  if (std::any_of(poly().terms.begin(), poly().terms.end(), huge)) return false;  // products below might overflow
  const auto positive = [&](const auto& term) {
    return term.second >= 0 && std::all_of(term.first.begin(), term.first.end(),
                                           [&](const Atom& atom) { return nonnegative(atom, depth - 1); });
  };
  if (std::all_of(poly().terms.begin(), poly().terms.end(), positive)) return true;
  for (const auto& [m, c] : poly().terms) {
    if (m.size() != 1 || m[0].kind == kSymbol || m[0].kind == kMul) continue;
    const Dim &a = m[0].args[0], &b = m[0].args[1];
    const Dim rest = *this - c * function(m[0].kind, a, b);
    if (m[0].kind == kFloorDiv) {
      if (!b.is_constant() || b.constant_ <= 0 || b.constant_ >= int64_t{1} << 30) continue;
      const Dim bound = c < 0 ? a : a - b + 1;
      if ((b * rest + c * bound).nonnegative(depth - 1)) return true;
      continue;
    }
    const bool either = (m[0].kind == kMax) == (c > 0);
    const bool with_a = (rest + c * a).nonnegative(depth - 1), with_b = (rest + c * b).nonnegative(depth - 1);
    if (either ? with_a || with_b : with_a && with_b) return true;
  }
  return false;
}

int64_t Dim::constant() const {
  DLC_CHECK(is_constant(), "dimension {} is no number", str());
  return constant_;
}

std::optional<std::string> Dim::as_symbol() const {
  if (is_constant() || poly().terms.size() != 1) return std::nullopt;
  const auto& [monomial, coefficient] = *poly().terms.begin();
  if (coefficient != 1 || monomial.size() != 1 || monomial[0].kind != kSymbol) return std::nullopt;
  return monomial[0].name;
}

std::optional<std::pair<Dim, Dim>> Dim::as_max() const {
  if (is_constant() || poly().terms.size() != 1) return std::nullopt;
  const auto& [monomial, coefficient] = *poly().terms.begin();
  if (coefficient != 1 || monomial.size() != 1 || monomial[0].kind != kMax) return std::nullopt;
  return std::pair(monomial[0].args[0], monomial[0].args[1]);
}

Dim Dim::operator+(const Dim& o) const {
  if (is_constant() && o.is_constant()) return Dim(saturating_add(constant_, o.constant_));
  Poly p = to_poly();
  for (const auto& [m, c] : o.to_poly().terms) p.add(m, c);
  return from_poly(std::move(p));
}

Dim Dim::operator-(const Dim& o) const { return *this + o * Dim(-1); }

Dim Dim::operator*(const Dim& o) const {
  if (is_constant() && o.is_constant()) return Dim(saturating_mul(constant_, o.constant_));
  Poly p;
  const Poly a = to_poly(), b = o.to_poly();
  const bool scaled = is_constant() || o.is_constant();
  if (!scaled && a.terms.size() * b.factors + b.terms.size() * a.factors > kMaxFactors)
    return *this < o ? function(kMul, *this, o) : function(kMul, o, *this);
  for (const auto& [ma, ca] : a.terms)
    for (const auto& [mb, cb] : b.terms) {
      Monomial m = ma;
      m.insert(m.end(), mb.begin(), mb.end());
      std::sort(m.begin(), m.end());
      p.add(m, saturating_mul(ca, cb));
    }
  return from_poly(std::move(p));
}

std::optional<Dim> Dim::divide_exactly(const Dim& divisor) const {
  if (divisor.is(0)) return std::nullopt;
  if (divisor.is(1)) return *this;
  const Poly d = divisor.to_poly();
  if (d.terms.size() != 1) return *this == divisor ? std::optional<Dim>(Dim(1)) : std::nullopt;
  const auto& [dm, dc] = *d.terms.begin();
  Poly q;
  for (const auto& [m, c] : to_poly().terms) {
    if (c % dc != 0) return std::nullopt;
    Monomial rest = m;
    for (const Atom& atom : dm) {
      const auto it = std::find(rest.begin(), rest.end(), atom);
      if (it == rest.end()) return std::nullopt;
      rest.erase(it);
    }
    q.add(rest, c / dc);
  }
  return from_poly(std::move(q));
}

bool Dim::operator==(const Dim& o) const {
  if (is_constant() || o.is_constant()) return is_constant() && o.is_constant() && constant_ == o.constant_;
  return shared_ == o.shared_ || poly().terms == o.poly().terms;
}

bool Dim::operator<(const Dim& o) const {
  if (is_constant() || o.is_constant()) {
    if (is_constant() && o.is_constant()) return constant_ < o.constant_;
    return is_constant();
  }
  // One and the same is common, and deep to compare.
  return shared_ != o.shared_ && poly().terms < o.poly().terms;
}

Expected<int64_t> Dim::evaluate(const SymbolBinding& binding) const {
  if (is_constant()) return constant_;
  const auto overflow = [&] {
    return make_error(ErrorCode::kResourceExhausted, "dimension {} overflows 64 bits", str());
  };
  int64_t sum = 0;
  for (const auto& [m, c] : poly().terms) {
    int64_t term = c;
    for (const Atom& atom : m) {
      int64_t v = 0;
      if (atom.kind == kSymbol) {
        const auto it = binding.find(atom.name);
        if (it == binding.end())
          return make_error(ErrorCode::kInvalidShape, "dimension '{}' has no value yet", atom.name);
        v = it->second;
      } else {
        DLC_ASSIGN_OR_RETURN(const int64_t a, atom.args[0].evaluate(binding));
        DLC_ASSIGN_OR_RETURN(const int64_t b, atom.args[1].evaluate(binding));
        if (atom.kind == kFloorDiv) {
          if (b == 0) return make_error(ErrorCode::kInvalidShape, "dimension {} divides by zero", str());
          if (b == -1 && a == INT64_MIN) return overflow();
          v = floor_div_int(a, b);
        } else if (atom.kind == kMul) {
          if (__builtin_mul_overflow(a, b, &v)) return overflow();
        } else {
          v = atom.kind == kMin ? std::min(a, b) : std::max(a, b);
        }
      }
      if (__builtin_mul_overflow(term, v, &term)) return overflow();
    }
    if (__builtin_add_overflow(sum, term, &sum)) return overflow();
  }
  return sum;
}

Dim Dim::substitute(const FlatMap<Dim>& binding) const {
  if (is_constant()) return *this;
  Dim sum(0);
  for (const auto& [m, c] : poly().terms) {
    Dim term(c);
    for (const Atom& atom : m) {
      if (atom.kind == kSymbol) {
        const auto it = binding.find(atom.name);
        term = term * (it == binding.end() ? symbol(atom.name) : it->second);
        continue;
      }
      const Dim a = atom.args[0].substitute(binding), b = atom.args[1].substitute(binding);
      switch (atom.kind) {
        case kFloorDiv: term = term * floor_div(a, b); break;
        case kMin: term = term * min(a, b); break;
        case kMax: term = term * max(a, b); break;
        default: term = term * (a * b);
      }
    }
    sum = sum + term;
  }
  return sum;
}

std::vector<std::string> Dim::symbols() const {
  std::vector<std::string> names;
  if (is_constant()) return names;
  for (const auto& [m, c] : poly().terms)
    for (const Atom& atom : m) {
      if (atom.kind == kSymbol) names.push_back(atom.name);
      for (const Dim& arg : atom.args)
        for (std::string& name : arg.symbols()) names.push_back(std::move(name));
    }
  return names;
}

std::string Dim::str() const {
  if (is_constant()) return fmt::format("{}", constant_);
  std::string out;
  const auto append = [&](const Monomial& m, int64_t c) {
    if (!out.empty() && c >= 0) out += '+';
    if (m.empty()) {
      out += fmt::format("{}", c);
      return;
    }
    if (c == -1)
      out += '-';
    else if (c != 1)
      out += fmt::format("{}*", c);
    for (size_t i = 0; i < m.size(); ++i) out += (i > 0 ? "*" : "") + m[i].str();
  };
  for (const auto& [m, c] : poly().terms)
    if (!m.empty()) append(m, c);
  if (const auto it = poly().terms.find({}); it != poly().terms.end()) append({}, it->second);
  return out;
}

Dim product(std::span<const Dim> dims) {
  Dim p(1);
  for (const Dim& d : dims) p = p * d;
  return p;
}

std::string dims_str(std::span<const Dim> dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i > 0 ? "," : "") + dims[i].str();
  return out + "]";
}

namespace {

/// Recursive descent over: sum = term (('+'|'-') term)*; term = ['-'] factor ('*' factor)*;
/// factor = number | name | name '(' sum ',' sum ')' | '(' sum ')'.
class DimParser {
 public:
  explicit DimParser(std::string_view text) : text_(text) {}
  /// Texts and normal forms are at most this long, so that what is printed reads back.
  static constexpr size_t kLongest = 2000;
  Expected<Dim> parse() {
    DLC_ASSIGN_OR_RETURN(Dim d, sum(0));
    skip();
    if (at_ != text_.size()) return fail();
    return d;
  }

 private:
  static constexpr int kMaxDepth = 50;
  static bool too_long(const Dim& d) { return !d.is_constant() && d.str().size() > kLongest; }
  Error fail() const { return make_error(ErrorCode::kParse, "'{}' is no dimension", text_.substr(0, 200)); }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool eat(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  Expected<Dim> sum(int depth) {
    if (depth > kMaxDepth) return fail();
    DLC_ASSIGN_OR_RETURN(Dim d, term(depth));
    while (true) {
      if (eat('+')) {
        DLC_ASSIGN_OR_RETURN(const Dim e, term(depth));
        d = d + e;
        if (too_long(d)) return fail();
      } else if (eat('-')) {
        DLC_ASSIGN_OR_RETURN(const Dim e, term(depth));
        d = d - e;
        if (too_long(d)) return fail();
      } else {
        return d;
      }
    }
  }
  Expected<Dim> term(int depth) {
    const bool negative = eat('-');
    DLC_ASSIGN_OR_RETURN(Dim d, factor(depth));
    while (eat('*')) {
      DLC_ASSIGN_OR_RETURN(const Dim e, factor(depth));
      d = d * e;
      if (too_long(d)) return fail();
    }
    return negative ? Dim(0) - d : d;
  }
  Expected<Dim> factor(int depth) {
    skip();
    if (at_ >= text_.size()) return fail();
    const char c = text_[at_];
    if (std::isdigit(static_cast<unsigned char>(c))) {
      int64_t v = 0;
      while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])))
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, text_[at_++] - '0', &v)) return fail();
      return Dim(v);
    }
    if (eat('(')) {
      DLC_ASSIGN_OR_RETURN(Dim d, sum(depth + 1));
      if (!eat(')')) return fail();
      return d;
    }
    if (!std::isalpha(static_cast<unsigned char>(c)) && c != '_') return fail();
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (!eat('(')) return Dim::symbol(name);
    DLC_ASSIGN_OR_RETURN(const Dim a, sum(depth + 1));
    if (!eat(',')) return fail();
    DLC_ASSIGN_OR_RETURN(const Dim b, sum(depth + 1));
    if (!eat(')')) return fail();
    Dim d;
    if (name == "floordiv")
      d = Dim::floor_div(a, b);
    else if (name == "min")
      d = Dim::min(a, b);
    else if (name == "max")
      d = Dim::max(a, b);
    else if (name == "mul")
      d = a * b;
    else
      return fail();
    if (too_long(d)) return fail();
    return d;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Expected<Dim> parse_dim(std::string_view text) {
  if (text.size() > DimParser::kLongest)
    return make_error(ErrorCode::kParse, "a dimension of {} characters; at most {} are read", text.size(),
                      DimParser::kLongest);
  return DimParser(text).parse();
}

}  // namespace dlc::ir
