#include "support/expected.h"

#include "support/check.h"

namespace dlc {

void value_of_failed(const Error& error) {
  check_failed(__FILE__, __LINE__, "has_value()", "value() of a failed Expected: " + error.str());
}

}  // namespace dlc
