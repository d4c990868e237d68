#include "support/check.h"

#include "support/error.h"

namespace dlc {

void check_failed(const char* file, int line, const char* condition, const std::string& message) {
  throw Exception(
      make_error(ErrorCode::kInternal, "internal error at {}:{}: check '{}' failed: {}", file, line, condition, message)
          .note("this is a bug in dlc; please report it with the program that shows it"));
}

}  // namespace dlc
