// The error story: inside the library what can fail through the user's fault returns
// Expected<T> (expected.h) holding an Error; at the rim of the C++ API an Error becomes a
// thrown Exception. Broken invariants of our own are DLC_CHECKs (check.h).
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/source_loc.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Who is at fault, and how. A short list; the message says the rest.
enum class ErrorCode {
  kInvalidArgument,     ///< a wrong attribute, option or value
  kInvalidShape,        ///< operand or feed shapes do not fit
  kInvalidType,         ///< operand or feed element types do not fit
  kNotFound,            ///< no node, file or entry of that name
  kAlreadyExists,       ///< the name is taken
  kFailedPrecondition,  ///< e.g. an uninitialised variable is read
  kOutOfRange,          ///< an index outside its bounds, at build or run time
  kParse,               ///< text that does not follow its grammar
  kData,                ///< a data file that is damaged or not of its format
  kIo,                  ///< the operating system refused
  kResourceExhausted,   ///< over a limit of memory, size or time
  kUnimplemented,       ///< a feature that is not supported
  kCancelled,           ///< stopped on request
  kArithmetic,          ///< integer division by zero and the like, at run time
  kInternal,            ///< a bug in dlc
};

/// The code's name as users see it, e.g. "invalid shape".
const char* to_string(ErrorCode code);

/// What went wrong, where, what was expected and what was found.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  SourceLoc loc;                   ///< the user's own place; may be unknown
  std::vector<std::string> notes;  ///< further lines: context, a remedy

  /// `message (file:line)` and one line per note.
  std::string str() const;

  Error&& at(const SourceLoc& where) &&;
  Error&& note(std::string text) &&;
};

/// Builds an Error from a format string: `make_error(ErrorCode::kIo, "cannot open {}", path)`.
template <typename... Args>
Error make_error(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return Error{code, fmt::format(format, std::forward<Args>(args)...), {}, {}};
}

/// What the public API throws. `what()` is the whole text, place and notes included.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error) : std::runtime_error(error.str()), error_(std::move(error)) {}
  ErrorCode code() const { return error_.code; }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace dlc DLC_PUBLIC
