// Random numbers for data: a counter-based generator, so that the k-th draw of stream s is a function
// of (seed, s, k) alone, on any machine and in any order. std::mt19937 would do as well, but
// std::uniform_*_distribution and std::shuffle differ between standard libraries.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace dlc {

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// One stream of draws. Streams of one seed are independent of each other.
class DataRandom {
 public:
  DataRandom(uint64_t seed, uint64_t stream)
      : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}, stream_(stream) {}

  uint32_t next() {
    if (used_ == 4) {
      block_ = philox4x32({static_cast<uint32_t>(count_), static_cast<uint32_t>(count_ >> 32),
                           static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
                          key_);
      ++count_;
      used_ = 0;
    }
    return block_[used_++];
  }

  /// In [0, 1), a multiple of 2^-24: exact in f32.
  float uniform() { return static_cast<float>(next() >> 8) * (1.0f / 16777216.0f); }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  /// In (-width, width), falling off linearly to both sides: a bell without logarithms.
  float triangular(float width) {
    const float first = uniform();  // C++ leaves the order of two draws in one expression open
    return width * (first - uniform());
  }

  /// In [0, n), every value equally likely (draws that would favour some are dropped). n > 0.
  uint64_t below(uint64_t n) {
    const uint64_t unbiased = ~uint64_t{0} - ~uint64_t{0} % n;
    uint64_t draw = 0;
    do {
      draw = uint64_t{next()} << 32;
      draw |= next();
    } while (draw >= unbiased);
    return draw % n;
  }

  /// Fisher-Yates; every order equally likely.
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::array<uint32_t, 2> key_;
  uint64_t stream_;
  uint64_t count_ = 0;
  std::array<uint32_t, 4> block_ = {};
  size_t used_ = 4;
};

}  // namespace dlc
