// What users see of an Error of the type rules: their node, not our operator.
#pragma once

#include "support/error.h"

namespace dlc::ir {

/// The message without the operator or constraint that it begins with: "exp: operand 'x' needs ...",
/// "reshape_c2: ...". Other messages stay as they are.
Error without_op_name(Error error);

}  // namespace dlc::ir
