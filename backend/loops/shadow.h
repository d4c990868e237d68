// The shadow of memory in which the interpreter sees races: for each byte that a `parallel` has
// touched, who touched it.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace dlc::backend::loops {

class Shadow {
 public:
  struct Conflict {
    int64_t other_chunk;
    bool other_wrote;
  };

  /// Forgets everything: a new `parallel`.
  void clear() { pages_.clear(); }

  /// Notes that `chunk` (>= 0) reads or writes `bytes` bytes; the conflict with another chunk, if any.
  std::optional<Conflict> touch(uintptr_t address, size_t bytes, int64_t chunk, bool write) {
    for (size_t i = 0; i < bytes; ++i)
      if (auto conflict = touch_byte(address + i, static_cast<int32_t>(chunk), write)) return conflict;
    return std::nullopt;
  }

 private:
  static constexpr int32_t kNobody = -1, kMany = -2;
  static constexpr uintptr_t kPageBytes = 4096;
  struct Cell {
    int32_t writer = kNobody;
    int32_t reader = kNobody;  ///< kMany: at least two chunks
  };

  std::optional<Conflict> touch_byte(uintptr_t address, int32_t chunk, bool write) {
    Cell& cell = page(address / kPageBytes)[address % kPageBytes];
    if (cell.writer != kNobody && cell.writer != chunk) return Conflict{cell.writer, true};
    if (write) {
      if (cell.reader != kNobody && cell.reader != chunk) return Conflict{cell.reader, false};
      cell.writer = chunk;
    } else {
      cell.reader = cell.reader == kNobody || cell.reader == chunk ? chunk : kMany;
    }
    return std::nullopt;
  }

  std::vector<Cell>& page(uintptr_t number) {
    // Accesses come in runs: the last page is nearly always the next one.
    if (number != last_number_ || pages_.empty()) {
      std::vector<Cell>& cells = pages_[number];
      if (cells.empty()) cells.resize(kPageBytes);
      last_number_ = number;
      last_ = &cells;
    }
    return *last_;
  }

  std::unordered_map<uintptr_t, std::vector<Cell>> pages_;
  uintptr_t last_number_ = 0;
  std::vector<Cell>* last_ = nullptr;
};

}  // namespace dlc::backend::loops
