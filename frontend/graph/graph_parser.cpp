// Graph files: from tokens to statements. Infix operators bind as in C++, with ** above them.
#include <charconv>
#include <limits>

#include "frontend/graph/graph_text.h"

namespace dlc::graph_text {

namespace {

struct Infix {
  std::string_view symbol;
  std::string_view op;
  int precedence;
};

constexpr Infix kInfix[] = {
    {"|", "bitwise_or", 1},     {"^", "bitwise_xor", 2}, {"&", "bitwise_and", 3}, {"==", "equal", 4},
    {"!=", "not_equal", 4},     {"<", "less", 5},        {"<=", "less_equal", 5}, {">", "greater", 5},
    {">=", "greater_equal", 5}, {"+", "add", 6},         {"-", "subtract", 6},    {"*", "multiply", 7},
    {"/", "divide", 7},         {"%", "mod", 7},         {"**", "pow", 9},
};
constexpr int kLowest = 1, kEquality = 4, kRelation = 5, kPower = 9;

constexpr int kMaxNesting = 200;  // of brackets and signs: recursion of this parser
constexpr int kMaxDepth = 500;    // of trees: x + 1 + 1 + ... is a deep one

std::string shown(const Token& t) {
  switch (t.kind) {
    case TokenKind::kNewline: return "the end of the line";
    case TokenKind::kEnd: return "the end of the text";
    case TokenKind::kString: return "a string";
    case TokenKind::kQuotedName: return fmt::format("`{}`", t.text.substr(0, 40));
    default: return fmt::format("'{}'", t.text.substr(0, 40));
  }
}

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, Diagnostics& diagnostics) : tokens_(tokens), diagnostics_(diagnostics) {}

  std::vector<Statement> run() { return block(false); }

 private:
  const Token& here(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool at_end() const { return here().kind == TokenKind::kEnd; }
  bool is(TokenKind kind) const { return here().kind == kind; }
  bool eat(std::string_view symbol) {
    skip_lines_in_brackets();
    if (!here().is(symbol)) return false;
    ++at_;
    return true;
  }
  void skip_lines_in_brackets() {
    while (brackets_ > 0 && is(TokenKind::kNewline)) ++at_;
  }
  std::nullptr_t error(Place place, ErrorCode code, std::string message) {
    diagnostics_.error(place.line, place.column, code, std::move(message));
    return nullptr;
  }
  std::nullptr_t expected(std::string_view what) {
    if (is(TokenKind::kWrong)) return nullptr;  // reported by the scanner
    return error(here().place, ErrorCode::kParse, fmt::format("expected {}, found {}", what, shown(here())));
  }

  std::vector<Statement> block(bool braces) {
    std::vector<Statement> out;
    while (!at_end() && !diagnostics_.full()) {
      if (is(TokenKind::kNewline)) {
        ++at_;
        continue;
      }
      if (here().is("}") && braces) return out;
      const size_t begin = at_;
      brackets_ = 0;
      Statement s;
      bool ok = statement(s);
      // A block's closing brace may stand on the line of its last statement.
      if (ok && !is(TokenKind::kNewline) && !at_end() && !(braces && here().is("}"))) {
        expected("the end of the line after a statement");
        ok = false;
      }
      if (!ok) {
        brackets_ = 0;
        skip_statement(begin);
        s.value = nullptr;
        s.has_block = false;
      }
      if (ok || !s.targets.empty()) out.push_back(std::move(s));
    }
    return out;
  }

  /// To the next line, unless what is wrong begins one: then the brackets of the line before are open.
  void skip_statement(size_t begin) {
    const bool begins_line = at_ > begin && tokens_[at_ - 1].kind == TokenKind::kNewline && is(TokenKind::kName);
    if (begins_line) return;
    while (!is(TokenKind::kNewline) && !at_end()) ++at_;
  }

  bool statement(Statement& s) {
    s.place = here().place;
    if (!targets(s)) return false;
    s.value = expression();
    if (!s.value) return false;
    if (!here().is("{")) return true;
    return braces(s);
  }

  /// `a, b =` if the statement begins so.
  bool targets(Statement& s) {
    size_t k = 0;
    while (here(k).kind == TokenKind::kName || here(k).kind == TokenKind::kQuotedName) {
      if (here(k + 1).is("=")) {
        for (size_t i = 0; i <= k; i += 2) {
          if (here(i).kind == TokenKind::kName && !is_plain_name(here(i).text)) {
            error(here(i).place, ErrorCode::kParse,
                  fmt::format("'{}' is a word of the language; a node of that name stands in `backquotes`",
                              here(i).text));
            return false;
          }
          s.targets.push_back({here(i).text, here(i).place});
        }
        at_ += k + 2;
        return true;
      }
      if (!here(k + 1).is(",")) break;
      k += 2;
    }
    return true;
  }

  bool braces(Statement& s) {
    const bool opens = s.targets.empty() && s.value->is(Expr::Kind::kCall) &&
                       (s.value->text == "name_scope" || s.value->text == "control_dependencies");
    if (!opens)
      error(here().place, ErrorCode::kParse, "only name_scope(...) and control_dependencies(...) have a block {...}");
    const Place open = here().place;
    ++at_;
    if (++nesting_ > kMaxNesting) {
      error(open, ErrorCode::kResourceExhausted, fmt::format("blocks are nested more than {} deep", kMaxNesting));
      at_ = tokens_.size() - 1;
      return false;
    }
    s.has_block = true;
    s.block = block(true);
    --nesting_;
    if (here().is("}")) {
      ++at_;
      return opens;
    }
    if (opens && !diagnostics_.full()) error(open, ErrorCode::kParse, "the block is not closed by '}'");
    return false;
  }

  ExprPtr make(Expr::Kind kind, Place place) const {
    auto e = std::make_unique<Expr>();
    e->kind = kind;
    e->place = place;
    return e;
  }
  /// nullptr when the tree would be too deep.
  ExprPtr adopt(ExprPtr parent, ExprPtr child, std::string keyword = {}, Place place = {}) {
    parent->depth = std::max(parent->depth, child->depth + 1);
    if (parent->depth > kMaxDepth)
      return error(parent->place, ErrorCode::kResourceExhausted,
                   fmt::format("the expression is more than {} operations deep; name its parts", kMaxDepth));
    parent->args.push_back({std::move(keyword), place, std::move(child)});
    return parent;
  }

  ExprPtr expression(int precedence = kLowest) {
    if (++nesting_ > kMaxNesting) {
      --nesting_;
      return error(here().place, ErrorCode::kResourceExhausted,
                   fmt::format("the expression is nested more than {} deep; name its parts", kMaxNesting));
    }
    ExprPtr e = infix(precedence);
    --nesting_;
    return e;
  }

  ExprPtr infix(int lowest) {
    ExprPtr left = prefix();
    while (left) {
      skip_lines_in_brackets();
      const Infix* op = nullptr;
      if (is(TokenKind::kSymbol))
        for (const Infix& i : kInfix)
          if (here().is(i.symbol)) op = &i;
      if (!op || op->precedence < lowest || op->precedence == kPower) return left;
      ExprPtr e = make(Expr::Kind::kInfix, here().place);
      e->text = op->symbol;
      ++at_;
      ExprPtr right = expression(op->precedence + 1);
      if (!right) return nullptr;
      e = adopt(std::move(e), std::move(left));
      if (e) e = adopt(std::move(e), std::move(right));
      left = std::move(e);
      const bool chained =
          left && (op->precedence == kRelation || op->precedence == kEquality) && is(TokenKind::kSymbol);
      if (chained)
        for (const Infix& i : kInfix)
          if (here().is(i.symbol) && i.precedence == op->precedence)
            return error(here().place, ErrorCode::kParse,
                         fmt::format("comparisons do not chain: put '{}' and '{}' in parentheses or combine two with &",
                                     op->symbol, i.symbol));
    }
    return left;
  }

  /// - and ~ bind weaker than **, as in mathematics.
  ExprPtr prefix() {
    skip_lines_in_brackets();
    if (!here().is("-") && !here().is("~")) return power();
    const Token& sign = here();
    // -3 is a number, unless it is -3 ** 2.
    const bool number = here(1).kind == TokenKind::kNumber ||
                        (here(1).kind == TokenKind::kName && (here(1).text == "inf" || here(1).text == "nan"));
    if (sign.is("-") && number && !here(2).is("**")) {
      ++at_;
      ExprPtr e = literal(true);
      if (e) e->place = sign.place;
      return e;
    }
    ExprPtr e = make(Expr::Kind::kInfix, sign.place);
    e->text = sign.text;
    ++at_;
    if (++nesting_ > kMaxNesting) {
      --nesting_;
      return error(sign.place, ErrorCode::kResourceExhausted,
                   fmt::format("the expression is nested more than {} deep; name its parts", kMaxNesting));
    }
    ExprPtr operand = prefix();
    --nesting_;
    return operand ? adopt(std::move(e), std::move(operand)) : nullptr;
  }

  ExprPtr power() {
    ExprPtr base = postfix();
    if (!base) return nullptr;
    skip_lines_in_brackets();
    if (!here().is("**")) return base;
    ExprPtr e = make(Expr::Kind::kInfix, here().place);
    e->text = "**";
    ++at_;
    if (++nesting_ > kMaxNesting) {
      --nesting_;
      return error(e->place, ErrorCode::kResourceExhausted,
                   fmt::format("the expression is nested more than {} deep; name its parts", kMaxNesting));
    }
    ExprPtr exponent = prefix();
    --nesting_;
    if (!exponent) return nullptr;
    e = adopt(std::move(e), std::move(base));
    return e ? adopt(std::move(e), std::move(exponent)) : nullptr;
  }

  ExprPtr postfix() {
    ExprPtr e = primary();
    while (e && here().is("[")) {
      ExprPtr index = make(Expr::Kind::kIndex, here().place);
      ++at_;
      ++brackets_;
      ExprPtr i = expression();
      if (!i) return nullptr;
      if (!eat("]")) return expected("']' after an index");
      --brackets_;
      index = adopt(std::move(index), std::move(e));
      e = index ? adopt(std::move(index), std::move(i)) : nullptr;
    }
    return e;
  }

  ExprPtr primary() {
    skip_lines_in_brackets();
    const Token& t = here();
    switch (t.kind) {
      case TokenKind::kNumber: return literal(false);
      case TokenKind::kString: {
        ExprPtr e = make(Expr::Kind::kString, t.place);
        e->text = t.text;
        ++at_;
        return e;
      }
      case TokenKind::kName:
        if (here(1).is("(")) return call();
        if (dtype_from_string(t.text)) return type();
        if (!is_plain_name(t.text)) return literal(false);
        return name();
      case TokenKind::kQuotedName: return name();
      default: break;
    }
    if (t.is("?")) {
      ++at_;
      return make(Expr::Kind::kUnknown, t.place);
    }
    if (t.is("[")) return list();
    if (t.is("(")) {
      ++at_;
      ++brackets_;
      ExprPtr e = expression();
      if (!e) return nullptr;
      if (!eat(")")) return expected("')'");
      --brackets_;
      return e;
    }
    return expected("an expression");
  }

  ExprPtr name() {
    ExprPtr e = make(Expr::Kind::kName, here().place);
    e->text = here().text;
    ++at_;
    if (!here().is(":")) return e;
    ++at_;
    const std::string& digits = here().text;
    int output = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), output);
    if (!is(TokenKind::kNumber) || failure != std::errc() || end != digits.data() + digits.size())
      return expected("the number of an output after ':'");
    e->integer = output;
    ++at_;
    return e;
  }

  ExprPtr literal(bool negative) {
    const Token& t = here();
    ++at_;
    if (t.kind == TokenKind::kName) {
      ExprPtr e = make(t.text == "inf" || t.text == "nan" ? Expr::Kind::kFloat : Expr::Kind::kBool, t.place);
      e->integer = t.text == "true" ? 1 : 0;
      e->number = t.text == "inf" ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
      if (negative) e->number = -e->number;
      return e;
    }
    const std::string text = (negative ? "-" : "") + t.text;
    const char* const last = text.data() + text.size();
    const bool integer = t.text.find_first_of(".eE") == std::string::npos;
    ExprPtr e = make(integer ? Expr::Kind::kInt : Expr::Kind::kFloat, t.place);
    const auto [end, failure] =
        integer ? std::from_chars(text.data(), last, e->integer) : std::from_chars(text.data(), last, e->number);
    if (failure != std::errc() || end != last)
      return error(t.place, ErrorCode::kParse,
                   fmt::format("the number {}{} does not fit {}", text.substr(0, 40), text.size() > 40 ? "..." : "",
                               integer ? "an integer of 64 bits; write it with '.' for a floating one" : "f64"));
    return e;
  }

  /// f32 or f32[n, 784].
  ExprPtr type() {
    ExprPtr e = make(Expr::Kind::kType, here().place);
    e->dtype = *dtype_from_string(here().text);
    ++at_;
    if (!here().is("[")) return e;
    e->has_dims = true;
    ++at_;
    ++brackets_;
    std::string dim;
    int parentheses = 0;
    Place begin = here().place;
    while (true) {
      skip_lines_in_brackets();
      const Token& t = here();
      const bool stop = parentheses == 0 && (t.is(",") || t.is("]"));
      if (stop) {
        if (dim.empty() && !(t.is("]") && e->dims.empty())) return expected("a dimension");
        if (!dim.empty()) e->dims.push_back(std::exchange(dim, {}));
        if (e->dims.size() > kMaxRank)
          return error(begin, ErrorCode::kResourceExhausted,
                       fmt::format("a type of more than {} dimensions", kMaxRank));
        ++at_;
        if (t.is("]")) break;
        begin = here().place;
        continue;
      }
      if (t.is("(")) ++parentheses;
      if (t.is(")")) --parentheses;
      const bool part =
          t.kind == TokenKind::kName || t.kind == TokenKind::kNumber ||
          (t.kind == TokenKind::kSymbol && std::string_view("()+-*?,").find(t.text) != std::string_view::npos);
      if (!part || parentheses < 0) return expected("a dimension, ',' or ']' in a type");
      dim += t.text;
      ++at_;
    }
    --brackets_;
    return e;
  }

  ExprPtr list() {
    ExprPtr e = make(Expr::Kind::kList, here().place);
    ++at_;
    ++brackets_;
    while (!eat("]")) {
      if (!e->args.empty()) {
        if (!eat(",")) return expected("',' or ']' in a list");
        if (eat("]")) break;
      }
      skip_lines_in_brackets();
      const size_t begin = at_;
      ExprPtr item = expression();
      if (!item) return nullptr;
      keep_source(*item, begin);
      e = adopt(std::move(e), std::move(item));
      if (!e) return nullptr;
    }
    --brackets_;
    return e;
  }

  /// An item of a list may turn out to be a dimension.
  void keep_source(Expr& e, size_t begin) const {
    constexpr size_t kMostTokens = 1000;
    if (e.is(Expr::Kind::kString) || e.is(Expr::Kind::kList) || at_ - begin > kMostTokens) return;
    for (size_t i = begin; i < at_; ++i) e.source += tokens_[i].text;
  }

  ExprPtr call() {
    ExprPtr e = make(Expr::Kind::kCall, here().place);
    e->text = here().text;
    at_ += 2;
    ++brackets_;
    while (!eat(")")) {
      if (!e->args.empty()) {
        if (!eat(",")) return expected(fmt::format("',' or ')' in the arguments of {}", e->text));
        if (eat(")")) break;
      }
      skip_lines_in_brackets();
      std::string keyword;
      const Place place = here().place;
      if (is(TokenKind::kName) && here(1).is("=")) {
        keyword = here().text;
        at_ += 2;
      } else if (!e->args.empty() && !e->args.back().keyword.empty()) {
        return error(place, ErrorCode::kParse,
                     fmt::format("an argument without a name after one with a name, '{}='", e->args.back().keyword));
      }
      ExprPtr value = expression();
      if (!value) return nullptr;
      e = adopt(std::move(e), std::move(value), std::move(keyword), place);
      if (!e) return nullptr;
    }
    --brackets_;
    return e;
  }

  const std::vector<Token>& tokens_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  int brackets_ = 0;  // open ( and [: lines do not end statements inside
  int nesting_ = 0;
};

}  // namespace

std::string Expr::describe() const {
  switch (kind) {
    case Kind::kInt:
    case Kind::kFloat: return "a number";
    case Kind::kBool: return integer ? "true" : "false";
    case Kind::kString: return "a string";
    case Kind::kName: return fmt::format("the name '{}'", text);
    case Kind::kType: return has_dims ? "a type with dimensions" : fmt::format("the type {}", dtype);
    case Kind::kUnknown: return "'?'";
    case Kind::kList: return "a list";
    case Kind::kCall: return fmt::format("a call of {}", text);
    case Kind::kInfix:
    case Kind::kIndex: break;
  }
  return "an expression";
}

std::vector<Statement> parse_statements(const std::vector<Token>& tokens, Diagnostics& diagnostics) {
  return Parser(tokens, diagnostics).run();
}

std::string_view infix_op(std::string_view symbol, bool unary) {
  if (unary) return symbol == "-" ? "negative" : symbol == "~" ? "bitwise_not" : "";
  for (const Infix& i : kInfix)
    if (i.symbol == symbol) return i.op;
  return "";
}

std::string_view infix_symbol(std::string_view op) {
  for (const Infix& i : kInfix)
    if (i.op == op) return i.symbol;
  return "";
}

}  // namespace dlc::graph_text
