// CodeNames: tells gdb what lies where in compiled code, so that breakpoints and backtraces speak of
// the user's nodes. Machine symbols are hashes of content; these names come from the plan.
//
//   const CodeNames names({{.name = "dense1/matmul (+2 more)", .address = at, .bytes = 640}});
//
// gdb learns of it through its JIT interface, when it runs the program or attaches to it later.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace dlc::backend {

struct NamedCode {
  std::string name;
  const void* address = nullptr;
  size_t bytes = 0;  ///< 0: another name for what lies there
};

/// gdb knows the names as long as this lives. Thread-safe.
class CodeNames {
 public:
  explicit CodeNames(const std::vector<NamedCode>& code);
  ~CodeNames();
  CodeNames(const CodeNames&) = delete;
  CodeNames& operator=(const CodeNames&) = delete;

 private:
  struct Registration;
  std::unique_ptr<Registration> registration_;
};

}  // namespace dlc::backend
