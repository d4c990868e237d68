#include "backend/llvm/kernel_cache.h"

#include <algorithm>

namespace dlc::backend::native {

KernelCache& KernelCache::instance() {
  static auto* const cache = new KernelCache;  // outlives programs in static storage
  return *cache;
}

std::shared_ptr<LoadedObject> KernelCache::find(std::string_view target, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto it = kernels_.find(Key(target, name));
  return it == kernels_.end() ? nullptr : it->second.lock();
}

void KernelCache::insert(std::string_view target, std::string_view name, const std::shared_ptr<LoadedObject>& object) {
  const std::lock_guard lock(mutex_);
  kernels_[Key(target, name)] = object;
  if (kernels_.size() >= next_sweep_) drop_expired();
}

void KernelCache::drop_expired() {
  std::erase_if(kernels_, [](const auto& entry) { return entry.second.expired(); });
  next_sweep_ = std::max<size_t>(1024, 2 * kernels_.size());
}

}  // namespace dlc::backend::native
