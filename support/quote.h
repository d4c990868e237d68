// Strings as all of the project's text forms write them: in double quotes, with \" \\ \n \t \xNN.
#pragma once

#include <string>
#include <string_view>

namespace dlc {

/// `s` in quotes; control characters are escaped, other bytes stand as they are.
std::string quote(std::string_view s);

}  // namespace dlc
