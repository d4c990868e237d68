#include "support/error.h"

namespace dlc {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "invalid argument";
    case ErrorCode::kInvalidShape: return "invalid shape";
    case ErrorCode::kInvalidType: return "invalid type";
    case ErrorCode::kNotFound: return "not found";
    case ErrorCode::kAlreadyExists: return "already exists";
    case ErrorCode::kFailedPrecondition: return "failed precondition";
    case ErrorCode::kOutOfRange: return "out of range";
    case ErrorCode::kParse: return "parse error";
    case ErrorCode::kData: return "bad data";
    case ErrorCode::kIo: return "i/o error";
    case ErrorCode::kResourceExhausted: return "resource exhausted";
    case ErrorCode::kUnimplemented: return "not supported";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kArithmetic: return "arithmetic error";
    case ErrorCode::kInternal: return "internal error";
  }
  return "unknown error";
}

std::string Error::str() const {
  std::string text = message;
  if (loc.known()) text += fmt::format(" ({})", loc.str());
  for (const std::string& line : notes) text += "\n  " + line;
  return text;
}

Error&& Error::at(const SourceLoc& where) && {
  if (!loc.known()) loc = where;
  return std::move(*this);
}

Error&& Error::note(std::string text) && {
  notes.push_back(std::move(text));
  return std::move(*this);
}

}  // namespace dlc
