#include "runtime/arena.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace dlc::runtime {
namespace {

uintptr_t address(const Arena& arena) { return reinterpret_cast<uintptr_t>(arena.data()); }

TEST(Arena, AlignsToCacheLinesAndLargeBlocksToHugePages) {
  for (const size_t bytes : {size_t{1}, size_t{64}, size_t{1000}, size_t{1} << 20}) {
    const Arena arena = Arena::allocate(bytes).value();
    EXPECT_GE(arena.size(), bytes);
    EXPECT_EQ(address(arena) % 64, 0u);
  }
  const Arena large = Arena::allocate((size_t{4} << 20) + 1).value();
  EXPECT_EQ(address(large) % (size_t{2} << 20), 0u);
}

TEST(Arena, EmptyIsLegal) { EXPECT_EQ(Arena::allocate(0).value().size(), 0u); }

TEST(Arena, TooLargeIsAnError) {
  for (const size_t bytes : {~size_t{0}, ~size_t{0} / 4}) {
    const auto arena = Arena::allocate(bytes);
    ASSERT_FALSE(arena);
    EXPECT_EQ(arena.error().code, ErrorCode::kResourceExhausted);
  }
}

TEST(Arena, PoisonIsNaN) {
  Arena arena = Arena::allocate(64).value();
  arena.poison();
  float f;
  double d;
  std::memcpy(&f, arena.data(), sizeof f);
  std::memcpy(&d, arena.data() + 8, sizeof d);
  EXPECT_TRUE(std::isnan(f));
  EXPECT_TRUE(std::isnan(d));
}

TEST(Arena, CanaryFindsTheFirstDamagedByte) {
  Arena arena = Arena::allocate(256).value();
  arena.poison();
  arena.write_canary(64, 64);
  EXPECT_EQ(arena.first_damage(64, 64), 128u);
  std::memset(arena.data(), 0, 64);
  EXPECT_EQ(arena.first_damage(64, 64), 128u);
  std::memcpy(arena.data() + 100, arena.data() + 96, 4);  // canary bytes, but from another place
  EXPECT_EQ(arena.first_damage(64, 64), 100u);
  EXPECT_THROW(arena.write_canary(250, 64), Exception);
}

TEST(Arena, MovesItsBlock) {
  Arena a = Arena::allocate(64).value();
  const uintptr_t where = address(a);
  Arena b = std::move(a);
  EXPECT_EQ(address(b), where);
  EXPECT_EQ(a.data(), nullptr);  // NOLINT(bugprone-use-after-move)
  a = std::move(b);
  EXPECT_EQ(address(a), where);
}

}  // namespace
}  // namespace dlc::runtime
