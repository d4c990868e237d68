// One checkpoint file: what it holds, and that nothing can happen to it unnoticed.
#include "frontend/data/checkpoint.h"

#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

const NamedArrays kTensors = {{"dense/w", Array::of<float>({2}, {1, 2})},
                              {"z", Array(kFloat32, {0, 3})},
                              {"a", Array(kFloat64, {0})},
                              {"step", Array::scalar<int64_t>(5)}};

/// The bytes of a checkpoint of kTensors.
std::string checkpoint_bytes() {
  const TempDir dir;
  value_or_throw(save_checkpoint(dir / "c", kTensors, {{"epoch", "3"}}));
  return content_of(dir / "c");
}

Expected<Checkpoint> checkpoint_of(const std::string& text) { return parse_checkpoint(bytes(text), "c"); }

TEST(Checkpoint, RoundTripsWithMetadata) {
  const Expected<Checkpoint> back = checkpoint_of(checkpoint_bytes());
  ASSERT_TRUE(succeeded(back));
  EXPECT_EQ(back->tensors.size(), kTensors.size());
  for (const auto& [name, array] : kTensors) {
    ASSERT_NE(back->find(name), nullptr) << name;
    EXPECT_TRUE(same(*back->find(name), array)) << name;
  }
  EXPECT_EQ(back->find("absent"), nullptr);
  EXPECT_EQ(back->metadata.at("epoch"), "3");
  EXPECT_TRUE(is_own_checkpoint(*back));
}

TEST(Checkpoint, LoadsOthersButNotLaterVersionsOfItsOwn) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_safetensors(dir / "other", kTensors, {{"format", "pt"}})));
  const Expected<Checkpoint> other = load_checkpoint(dir / "other");
  ASSERT_TRUE(succeeded(other));
  EXPECT_FALSE(is_own_checkpoint(*other));
  ASSERT_TRUE(
      succeeded(write_safetensors(dir / "later", kTensors, {{"format", "dlc-checkpoint"}, {"format_version", "2"}})));
  EXPECT_TRUE(fails_with(load_checkpoint(dir / "later"), ErrorCode::kUnimplemented, "version '2' is not supported"));
}

TEST(Checkpoint, KeysOfTheFormatAreRefused) {
  const TempDir dir;
  for (const char* key : {"format", "format_version", "checksum"})
    EXPECT_TRUE(fails_with(save_checkpoint(dir / "c", kTensors, {{key, "x"}}), ErrorCode::kInvalidArgument,
                           fmt::format("the metadata key '{}' is the format's own", key)));
  EXPECT_EQ(dir.num_files(), 0u);
}

TEST(Checkpoint, EveryCutIsAnError) {
  const std::string whole = checkpoint_bytes();
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_TRUE(fails_with(checkpoint_of(whole.substr(0, n)), ErrorCode::kData, "c: ")) << n;
}

TEST(Checkpoint, EveryFlippedBitIsNoticed) {
  const std::string whole = checkpoint_bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const Expected<Checkpoint> result = checkpoint_of(flipped);
      // A flip in the word that makes the file ours makes it somebody else's, which has no checksum.
      if (result) {
        EXPECT_FALSE(is_own_checkpoint(*result)) << "byte " << at << ", bit " << bit;
        continue;
      }
      EXPECT_NE(result.error().code, ErrorCode::kInternal) << result.error().str();
      EXPECT_TRUE(result.error().message.starts_with("c: ")) << result.error().str();
    }
  }
}

TEST(Checkpoint, ItsChecksumMustBeThereAndMatch) {
  const TempDir dir;
  const Metadata ours = {{"format", "dlc-checkpoint"}, {"format_version", "1"}};
  ASSERT_TRUE(succeeded(write_safetensors(dir / "none", kTensors, ours)));
  EXPECT_TRUE(fails_with(load_checkpoint(dir / "none"), ErrorCode::kData, "has no checksum; the file is damaged"));
  Metadata wrong = ours;
  wrong["checksum"] = "crc32:00000000";
  ASSERT_TRUE(succeeded(write_safetensors(dir / "wrong", kTensors, wrong)));
  EXPECT_TRUE(fails_with(load_checkpoint(dir / "wrong"), ErrorCode::kData, "expected 'crc32:00000000'; the file is"));
}

TEST(Checkpoint, AFailedSaveKeepsTheOldOne) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(save_checkpoint(dir / "c", kTensors, {{"epoch", "3"}})));
  const std::string before = content_of(dir / "c");
  EXPECT_FALSE(save_checkpoint(dir / "c", {{"", Array::scalar<float>(2)}}));
  // The disk is full at every byte.
  for (size_t room = 0; room < before.size(); ++room) {
    const FullDisk full(room);
    EXPECT_TRUE(fails_with(save_checkpoint(dir / "c", kTensors, {{"epoch", "4"}}), ErrorCode::kIo,
                           "c: cannot write its temporary file: File too large; the file is as it was before"));
  }
  EXPECT_EQ(content_of(dir / "c"), before);
  EXPECT_EQ(dir.num_files(), 1u);
}

}  // namespace
}  // namespace dlc
