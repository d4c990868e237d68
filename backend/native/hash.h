// Hashes of content: names of kernels, checksums of files. Fast and of good quality, but no defence
// against one who looks for collisions on purpose.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace dlc::backend {

/// 64 bits of `text`; another `seed` gives an independent hash. Reads eight bytes at a step: each is
/// mixed in by a multiplication whose upper and lower halves are folded (as wyhash and its kin do).
inline uint64_t hash64(std::string_view text, uint64_t seed = 0) {
  const auto mix = [](uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15, kOther = 0xd1342543de82ef95;
  uint64_t state = mix(seed ^ kOther, text.size() ^ kOdd);
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t n = text.size() < 8 ? text.size() : 8;
    std::memcpy(&word, text.data(), n);
    state = mix(state ^ word ^ kOdd, std::rotl(state, 29) ^ kOther);
    text.remove_prefix(n);
  }
  return mix(state ^ kOdd, kOther);
}

}  // namespace dlc::backend
