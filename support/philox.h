// Philox 4x32-10, the counter-based random number generator of J. Salmon et al., "Parallel Random
// Numbers: As Easy as 1, 2, 3", SC 2011. The one implementation: the interpreter, the initialisers
// and the tests use it, and compiled code computes the same bits.
//
//   const PhiloxKey key = philox_key(graph_seed, op_seed);
//   std::array<uint32_t, 4> four = philox4x32(key, {block, 0, 0, 0});
#pragma once

#include <array>
#include <cstdint>

namespace dlc {

using PhiloxKey = std::array<uint32_t, 2>;
using PhiloxBlock = std::array<uint32_t, 4>;

/// Ten rounds: four random words of `counter` under `key`.
constexpr PhiloxBlock philox4x32(PhiloxKey key, PhiloxBlock counter) {
  constexpr uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;  // golden ratio, sqrt(3) - 1
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = kMultiplier0 * counter[0], p1 = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
    key = {key[0] + kWeyl0, key[1] + kWeyl1};
  }
  return counter;
}

/// Every bit of the result depends on every bit of x (the finaliser of splitmix64).
constexpr uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// The key of one random op: both seeds mixed, so that neighbouring seeds give unrelated streams.
constexpr PhiloxKey philox_key(int64_t graph_seed, int64_t op_seed) {
  const uint64_t graph = mix64(static_cast<uint64_t>(graph_seed) + 0x9E3779B97F4A7C15);
  const uint64_t key = mix64(graph + static_cast<uint64_t>(op_seed) + 0x9E3779B97F4A7C15);
  return {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
}

/// The block that holds elements 4 * block .. 4 * block + 3 of a random array drawn at `state`.
constexpr PhiloxBlock philox_block(PhiloxKey key, uint64_t state, uint64_t block) {
  return philox4x32(key, {static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                          static_cast<uint32_t>(state), static_cast<uint32_t>(state >> 32)});
}

}  // namespace dlc
