// One operator, one file: what the registry tests of both registries hold the folders to.
#pragma once

#include <string>
#include <vector>

namespace dlc::test {

/// What breaks the rule in `folder`, one sentence each: a name without a <name>.cpp that defines it, a
/// file that defines an operator of another name. A file defines `name` by a line that begins with
/// "TYPE name_SUFFIX() {", for example "OpDef exp_op() {".
std::vector<std::string> op_file_violations(const std::string& folder, const std::vector<std::string>& names,
                                            const std::string& type, const std::string& suffix);

}  // namespace dlc::test
