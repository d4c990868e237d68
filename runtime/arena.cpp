#include "runtime/arena.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

namespace dlc::runtime {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

/// The canary byte at an offset: differs from byte to byte, so that a copy from a shifted place
/// does not look intact.
std::byte canary_at(size_t offset) { return static_cast<std::byte>(0xC5 ^ (offset * 31)); }

/// `num_bytes` (a multiple of a huge page) straight from the kernel, aligned to a huge page; null
/// when refused.
std::byte* map_huge(size_t num_bytes) {
  void* block = mmap(nullptr, num_bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return nullptr;
  auto* first = static_cast<std::byte*>(block);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(first) % kHugePage) % kHugePage;
  if (before > 0) munmap(first, before);
  if (before < kHugePage) munmap(first + before + num_bytes, kHugePage - before);
  madvise(first + before, num_bytes, MADV_HUGEPAGE);  // advice: refusal costs only speed
  return first + before;
}

}  // namespace

Expected<Arena> Arena::allocate(size_t num_bytes) {
  Arena arena;
  if (num_bytes == 0) return arena;
  const bool huge = num_bytes >= kHugePage;
  const size_t unit = huge ? kHugePage : kAlignment;
  if (num_bytes <= std::numeric_limits<size_t>::max() / 2) {
    arena.size_ = (num_bytes + unit - 1) / unit * unit;
    arena.data_ = huge ? map_huge(arena.size_) : static_cast<std::byte*>(std::aligned_alloc(unit, arena.size_));
  }
  if (!arena.data_) {
    return make_error(ErrorCode::kResourceExhausted, "the program needs an arena of {} bytes, which the system refused",
                      num_bytes)
        .note("use a smaller batch, or run on a machine with more memory");
  }
  return arena;
}

Arena::Arena(Arena&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Arena::release() {
  if (!data_) return;
  if (size_ >= kHugePage) {
    munmap(data_, size_);
  } else {
    std::free(data_);
  }
}

void Arena::poison() {
  if (size_ > 0) std::memset(data_, 0xFF, size_);
}

void Arena::write_canary(size_t offset, size_t num_bytes) {
  DLC_CHECK(offset <= size_ && num_bytes <= size_ - offset, "canary [{}, +{}) in an arena of {} bytes", offset,
            num_bytes, size_);
  for (size_t i = offset; i < offset + num_bytes; ++i) data_[i] = canary_at(i);
}

size_t Arena::first_damage(size_t offset, size_t num_bytes) const {
  DLC_CHECK(offset <= size_ && num_bytes <= size_ - offset, "canary [{}, +{}) in an arena of {} bytes", offset,
            num_bytes, size_);
  size_t i = offset;
  while (i < offset + num_bytes && data_[i] == canary_at(i)) ++i;
  return i;
}

}  // namespace dlc::runtime
