// Arena: the one block of memory that a running program uses; the plan says what lies where.
//
//   DLC_ASSIGN_OR_RETURN(runtime::Arena arena, runtime::Arena::allocate(plan_bytes));
//   arena.poison();                          // tests: whoever reads before writing finds NaN
//   arena.write_canary(offset, 64);          // tests: whoever writes outside its buffer is found
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "support/expected.h"

namespace dlc::runtime {

/// Owns the block; movable. The contents are undefined at first. Two threads may use disjoint parts.
class Arena {
 public:
  static constexpr size_t kAlignment = 64;

  Arena() = default;
  /// A block of at least `num_bytes`, rounded up to whole cache lines and aligned to 64 bytes;
  /// blocks of 2 MiB and more are aligned to that and offered to the kernel for huge pages.
  /// kResourceExhausted when there is not that much memory. 0 bytes is legal.
  static Expected<Arena> allocate(size_t num_bytes);
  ~Arena() { release(); }
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }

  /// Fills the block with 0xFF: NaN as f32 and f64, -1 as an integer, no valid bool.
  void poison();

  /// Marks [offset, offset + num_bytes) as a gap between buffers that nobody may write.
  void write_canary(size_t offset, size_t num_bytes);
  /// The first offset in the range whose canary byte has changed, or `offset + num_bytes`.
  size_t first_damage(size_t offset, size_t num_bytes) const;

 private:
  void release();

  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace dlc::runtime
