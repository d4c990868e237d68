// The text of graph files as tokens and as syntax tree. For frontend/graph only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostics.h"
#include "support/dtype.h"

namespace dlc::graph_text {

/// How many dimensions a type or a nested list may have in a text.
inline constexpr size_t kMaxRank = 32;

struct Place {
  int line = 0;
  int column = 0;
};

enum class TokenKind : uint8_t {
  kName,        ///< loss, conv1.w
  kQuotedName,  ///< `dense1/w`: text without the quotes
  kNumber,      ///< as written
  kString,      ///< text with escapes replaced
  kSymbol,      ///< ( ) [ ] { } , = + ** <= ...
  kNewline,
  kWrong,  ///< reported already
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  Place place;
  bool is(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
};

/// Reports characters that make no token, and goes on behind them. Ends with kNewline, kEnd.
std::vector<Token> scan(std::string_view text, Diagnostics& diagnostics);

/// Whether `name` can stand in a text without quotes: neither a word of the language nor odd characters.
bool is_plain_name(std::string_view name);
/// `name`, in backquotes where it needs them.
std::string name_text(const std::string& name);

/// k of the symbol "_k" that a '?' has become.
std::optional<int64_t> fresh_symbol_number(std::string_view symbol);

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// One argument of a call; no keyword: positional.
struct Arg {
  std::string keyword;
  Place place;
  ExprPtr value;
};

struct Expr {
  enum class Kind : uint8_t {
    kInt,
    kFloat,
    kBool,
    kString,
    kName,     ///< text, and the number of the output
    kType,     ///< dtype, and dimensions if has_dims
    kUnknown,  ///< ?
    kList,     ///< args, all positional
    kCall,     ///< text names the function; args
    kInfix,    ///< text is the operator; two args, or one for those in front
    kIndex,    ///< args[0][args[1]]
  };
  Kind kind = Kind::kInt;
  Place place;
  std::string text;
  int64_t integer = 0;  ///< kInt, kBool; of kName the output
  double number = 0;    ///< kFloat
  DType dtype = kFloat32;
  bool has_dims = false;
  std::vector<std::string> dims;  ///< kType: the text of each dimension
  std::vector<Arg> args;
  std::string source;  ///< of what may be a dimension, without blanks: "2*n+1"
  int depth = 1;       ///< of the tree

  bool is(Kind k) const { return kind == k; }
  /// "a number", "a list", ... for messages.
  std::string describe() const;
};

struct Target {
  std::string name;
  Place place;
};

struct Statement {
  Place place;
  std::vector<Target> targets;  ///< may be empty
  ExprPtr value;                ///< null: reported already
  bool has_block = false;       ///< name_scope("a") { ... }
  std::vector<Statement> block;
};

/// Reports every statement that does not follow the grammar and goes on behind it. What it would have
/// named comes without a value.
std::vector<Statement> parse_statements(const std::vector<Token>& tokens, Diagnostics& diagnostics);

/// The operator that an infix symbol stands for, "" if none; "-" in front is "negative".
std::string_view infix_op(std::string_view symbol, bool unary);
/// The symbol that an operator of two operands prints as, "" if it prints as a function.
std::string_view infix_symbol(std::string_view op);

}  // namespace dlc::graph_text
