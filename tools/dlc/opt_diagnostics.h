// `// expected-error {{text}}` comments: an error on that line whose message contains the text.
// `expected-error@+1 {{text}}` and `@-2` say how many lines off; `@unknown` an error without a
// place in the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace dlc::tools {

/// Compares the errors found with those that the text expects. Returns what does not agree, one
/// line each; empty when all is as expected. `first_line` is the number of the text's first line.
std::vector<std::string> check_expected_errors(std::string_view text, int first_line, const std::string& file,
                                               const std::vector<Error>& found);

}  // namespace dlc::tools
