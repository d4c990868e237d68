// Objects into executable memory of this process, with JITLink.
#pragma once

#include <llvm/ADT/SmallVector.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "support/expected.h"

namespace dlc::backend::native {

/// Code and read-only data of one object, linked. Freed with the last holder.
class LoadedObject {
 public:
  virtual ~LoadedObject() = default;
  /// The address of a symbol that the object defines for others; null if there is none.
  const void* symbol(std::string_view name) const {
    const auto it = symbols_.find(name);
    return it == symbols_.end() ? nullptr : it->second;
  }
  /// Bytes of machine code.
  int64_t code_bytes() const { return code_bytes_; }

 protected:
  std::map<std::string, const void*, std::less<>> symbols_;
  int64_t code_bytes_ = 0;
};

/// The address of a symbol from outside the object, or null.
using Resolver = std::function<const void*(std::string_view)>;

/// Links `object` (kept only during the call). Names that the resolver does not know must be memcpy,
/// memmove or memset: generated code needs nothing else of the process. kInternal otherwise.
Expected<std::shared_ptr<LoadedObject>> load_object(const llvm::SmallVectorImpl<char>& object, const Resolver& resolve);

}  // namespace dlc::backend::native
