#include "backend/native/kernel_cache.h"

#include <algorithm>

namespace dlc::backend::native {

KernelCache& KernelCache::instance() {
  static auto* const cache = new KernelCache(int64_t{64} << 20);  // outlives programs in static storage
  return *cache;
}

std::shared_ptr<LoadedObject> KernelCache::find(std::string_view target, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto it = kernels_.find(Key(target, name));
  if (it == kernels_.end()) return nullptr;
  std::shared_ptr<LoadedObject> object = it->second.object.lock();
  if (object) hold(it->first, it->second, object);
  return object;
}

void KernelCache::insert(std::string_view target, std::string_view name, std::shared_ptr<LoadedObject> object) {
  const std::lock_guard lock(mutex_);
  const auto [it, fresh] = kernels_.try_emplace(Key(target, name), Entry{object, held_.end()});
  // Two threads may have compiled one kernel: programs made from now on take the later object.
  if (!fresh && it->second.held != held_.end()) {
    held_bytes_ -= it->second.held->second->memory_bytes();
    held_.erase(it->second.held);
    it->second.held = held_.end();
  }
  it->second.object = object;
  hold(it->first, it->second, std::move(object));
  if (kernels_.size() >= next_sweep_) drop_expired();
}

int64_t KernelCache::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return held_bytes_;
}

void KernelCache::hold(const Key& key, Entry& entry, std::shared_ptr<LoadedObject> object) {
  if (entry.held != held_.end()) {
    held_.splice(held_.begin(), held_, entry.held);
    return;
  }
  held_bytes_ += object->memory_bytes();
  held_.emplace_front(key, std::move(object));
  entry.held = held_.begin();
  while (held_bytes_ > limit_) {
    kernels_.at(held_.back().first).held = held_.end();
    held_bytes_ -= held_.back().second->memory_bytes();
    held_.pop_back();
  }
}

void KernelCache::drop_expired() {
  std::erase_if(kernels_, [](const auto& entry) { return entry.second.object.expired(); });
  next_sweep_ = std::max<size_t>(1024, 2 * kernels_.size());
}

}  // namespace dlc::backend::native
