#include "support/interrupt.h"

namespace dlc {

Error Interrupt::error() const {
  return cancel.stop_requested() ? make_error(ErrorCode::kCancelled, "cancelled")
                                 : make_error(ErrorCode::kResourceExhausted, "not done at its deadline");
}

}  // namespace dlc
