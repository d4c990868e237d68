// The kernels that programs of this process hold, by target and name, so that equal kernels of two
// programs are compiled once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "backend/llvm/load.h"

namespace dlc::backend::native {

/// Thread-safe. Holds nothing alive: a kernel is found as long as some program has it.
class KernelCache {
 public:
  static KernelCache& instance();

  /// The object that defines the kernel, or null.
  std::shared_ptr<LoadedObject> find(std::string_view target, std::string_view name);
  void insert(std::string_view target, std::string_view name, const std::shared_ptr<LoadedObject>& object);

 private:
  void drop_expired();

  using Key = std::pair<std::string, std::string>;
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<LoadedObject>> kernels_;
  size_t next_sweep_ = 1024;  ///< entries at which expired ones are dropped
};

}  // namespace dlc::backend::native
