// Objects into executable memory of this process: a loader for what generated code consists of.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/native/native.h"
#include "support/expected.h"

namespace dlc::backend::native {

/// Code and read-only data of one object, linked. Freed with the last holder.
class LoadedObject {
 public:
  LoadedObject() = default;
  LoadedObject(const LoadedObject&) = delete;
  LoadedObject& operator=(const LoadedObject&) = delete;
  ~LoadedObject();

  /// The address of a symbol that the object defines for others; null if there is none.
  const void* symbol(std::string_view name) const {
    const auto it = symbols_.find(name);
    return it == symbols_.end() ? nullptr : it->second;
  }
  /// Every function, those that only the object itself calls included.
  const std::vector<MachineFunction>& functions() const { return functions_; }
  /// Bytes of machine code.
  int64_t code_bytes() const { return code_bytes_; }
  /// Bytes of memory that it takes.
  int64_t memory_bytes() const { return static_cast<int64_t>(size_); }

 private:
  friend class Loader;
  std::map<std::string, const void*, std::less<>> symbols_;
  std::vector<MachineFunction> functions_;
  int64_t code_bytes_ = 0;
  unsigned char* memory_ = nullptr;
  size_t size_ = 0;
};

/// The address of a symbol from outside the object, or null.
using Resolver = std::function<const void*(std::string_view)>;

/// Links an ELF object (kept only during the call). Names that the resolver does not know must be
/// memcpy, memmove or memset: generated code needs nothing else of the process. Errors: kData when
/// the object is damaged, kInternal for a symbol or a relocation that generated code must not have,
/// kResourceExhausted when there is no memory for it.
Expected<std::shared_ptr<LoadedObject>> load_object(std::string_view object, const Resolver& resolve);

}  // namespace dlc::backend::native
