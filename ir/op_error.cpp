#include "ir/op_error.h"

#include "ir/op_def.h"

namespace dlc::ir {

Error without_op_name(Error error) {
  const size_t colon = error.message.find(": ");
  if (colon == std::string::npos) return error;
  std::string_view name = std::string_view(error.message).substr(0, colon);
  const size_t constraint = name.rfind("_c");
  const bool numbered = constraint != std::string_view::npos && constraint + 2 < name.size() &&
                        name.find_first_not_of("0123456789", constraint + 2) == std::string_view::npos;
  if (numbered) name = name.substr(0, constraint);
  if (find_op(name)) error.message.erase(0, colon + 2);
  return error;
}

Error in_words_of(const std::string& node, Error error) {
  if (node.empty()) return error;
  error = without_op_name(std::move(error));
  error.message = fmt::format("'{}': {}", node, error.message);
  return error;
}

}  // namespace dlc::ir
