// What users see of an Error of the type rules: their node, not our operator.
#pragma once

#include <string>

#include "support/error.h"

namespace dlc::ir {

/// The message without the operator or constraint that it begins with: "exp: operand 'x' needs ...",
/// "reshape_c2: ...". Other messages stay as they are.
Error without_op_name(Error error);

/// The same with the user's node in front, where it is known: "'best': axis 0 of f32[0,3] is empty".
Error in_words_of(const std::string& node, Error error);

}  // namespace dlc::ir
