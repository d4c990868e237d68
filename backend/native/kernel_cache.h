// The kernels of this process, by target and name, so that equal kernels of two programs are
// compiled once.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "backend/native/load.h"

namespace dlc::backend::native {

/// Thread-safe. Keeps the objects used last alive, up to a bound of bytes; those beyond it are found
/// as long as some program has them.
class KernelCache {
 public:
  explicit KernelCache(int64_t limit_bytes) : limit_(limit_bytes) {}

  /// The process's own, of 64 MiB.
  static KernelCache& instance();

  /// The object that defines the kernel, or null.
  std::shared_ptr<LoadedObject> find(std::string_view target, std::string_view name);
  void insert(std::string_view target, std::string_view name, std::shared_ptr<LoadedObject> object);

  /// Bytes of the objects that the cache itself keeps alive.
  int64_t held_bytes() const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct Entry {
    std::weak_ptr<LoadedObject> object;
    std::list<std::pair<Key, std::shared_ptr<LoadedObject>>>::iterator held;  ///< held_.end(): not held
  };
  void hold(const Key& key, Entry& entry, std::shared_ptr<LoadedObject> object);
  void drop_expired();

  const int64_t limit_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> kernels_;
  std::list<std::pair<Key, std::shared_ptr<LoadedObject>>> held_;  ///< used last in front
  int64_t held_bytes_ = 0;
  size_t next_sweep_ = 1024;  ///< entries at which expired ones are dropped
};

}  // namespace dlc::backend::native
