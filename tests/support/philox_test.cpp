#include "support/philox.h"

#include <gtest/gtest.h>

#include <set>

namespace dlc {
namespace {

// kat_vectors of the Random123 distribution, "philox4x32 10".
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0}, {0, 0, 0, 0}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones}, {ones, ones, ones, ones}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The words of the counter, and that all 64 bits of block and state count.
TEST(Philox, CounterIsBlockAndState) {
  const PhiloxKey key = {1, 2};
  EXPECT_EQ(philox_block(key, 0x0000000500000007, 0x0000000300000004), philox4x32(key, {4, 3, 7, 5}));
}

// Neighbouring seeds, and seeds exchanged, give keys of their own.
TEST(Philox, KeysOfSmallSeedsDiffer) {
  std::set<PhiloxKey> keys;
  for (int64_t graph = -8; graph < 8; ++graph)
    for (int64_t op = -8; op < 8; ++op) keys.insert(philox_key(graph, op));
  EXPECT_EQ(keys.size(), 256u);
}

}  // namespace
}  // namespace dlc
