// A folder of checkpoints: training goes on from it with the same bits, whatever has happened to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "frontend/dlc.h"
#include "tests/frontend/data/data_testing.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using namespace testing_data;
using ::testing::ElementsAre;
using testing::error_of;
using testing::expect_unchanged;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::snapshot;
namespace fs = std::filesystem;

/// A small network with dropout, so that a step depends on the random state, and Adam.
class CheckpointManagerTest : public ::testing::Test {
 protected:
  CheckpointManagerTest() {
    reset_default_graph();
    x = placeholder(kFloat32, {"n", 4}, "x");
    const Tensor w = get_variable("w", {4, 3}, glorot_uniform(1));
    const Tensor hidden = dropout(tanh(matmul(x, w)), 0.5, Seed(3));
    const Tensor loss = reduce_mean(square(hidden - 0.25));
    train = AdamOptimizer(0.05).minimize(loss);
    Array rows(kFloat32, {10, 4});
    for (int64_t i = 0; i < rows.num_elements(); ++i) rows.set_from_double(i, static_cast<double>(i % 7) - 3);
    data = {{"x", rows}};
  }

  Batcher batches(BatchOptions options = {.batch_size = 3, .seed = 5}) const {
    return value_or_throw(Batcher::create(data, options));
  }
  static CheckpointManager open(const fs::path& folder, int keep = 3) {
    return value_or_throw(CheckpointManager::open(folder, {.keep = keep}));
  }
  /// `steps` steps, over as many epochs as they take.
  void run_steps(Session& session, Batcher& batches, int steps) const {
    for (int i = 0; i < steps; ++i) {
      if (!batches.next()) {
        batches.start_epoch(batches.epoch() + 1);
        ASSERT_TRUE(batches.next());
      }
      session.run(train, {{x, batches.array("x")}});
    }
  }
  /// A folder with checkpoints of steps 1, 2 and 3.
  void fill(const fs::path& folder) {
    CheckpointManager checkpoints = open(folder, 0);
    Session session;
    session.run(global_variables_initializer());
    Batcher b = batches();
    for (int64_t step = 1; step <= 3; ++step) {
      run_steps(session, b, 1);
      value_or_throw(checkpoints.save(session, step, b.position()));
    }
  }

  Tensor x;
  Operation train;
  NamedArrays data;
};

TEST_F(CheckpointManagerTest, TrainingGoesOnWithTheSameBitsFromEveryStep) {
  constexpr int kSteps = 12;  // three epochs, the last batch of each smaller
  Session whole;
  whole.run(global_variables_initializer());
  Batcher all = batches();
  run_steps(whole, all, kSteps);
  const auto expected = snapshot(whole);

  for (int cut = 0; cut < kSteps; ++cut) {
    SCOPED_TRACE(fmt::format("cut after step {}", cut));
    const TempDir dir;
    {
      CheckpointManager checkpoints = open(dir / "run");
      Session session;
      session.run(global_variables_initializer());
      Batcher b = batches();
      run_steps(session, b, cut);
      ASSERT_TRUE(succeeded(checkpoints.save(session, cut, b.position())));
    }
    CheckpointManager checkpoints = open(dir / "run");
    Session session;
    Batcher b = batches();
    const auto saved = checkpoints.restore(session);
    ASSERT_TRUE(succeeded(saved));
    ASSERT_TRUE(saved->has_value());
    EXPECT_EQ((*saved)->step, cut);
    EXPECT_THAT((*saved)->skipped, IsEmpty());
    ASSERT_TRUE(succeeded(b.restore((*saved)->metadata)));
    run_steps(session, b, kSteps - cut);
    expect_unchanged(session, expected);
    EXPECT_EQ(session.rng_state(), whole.rng_state());
  }
}

TEST_F(CheckpointManagerTest, AnEmptyFolderRestoresNothing) {
  const TempDir dir;
  Session session;
  const auto saved = open(dir / "a" / "b").restore(session);
  ASSERT_TRUE(succeeded(saved));
  EXPECT_FALSE(saved->has_value());
  EXPECT_TRUE(fs::is_directory(dir / "a" / "b"));
}

TEST_F(CheckpointManagerTest, KeepsTheNewest) {
  const TempDir dir;
  Session session;
  session.run(global_variables_initializer());
  write_plain(dir / "checkpoint-007.safetensors", "not ours");
  write_plain(dir / "checkpoint-x.safetensors", "not ours");
  {
    CheckpointManager checkpoints = open(dir.path(), 2);
    for (const int64_t step : {9, 10, 11, 100}) ASSERT_TRUE(succeeded(checkpoints.save(session, step)));
    EXPECT_THAT(value_or_throw(checkpoints.steps()), ElementsAre(11, 100));
  }
  CheckpointManager all = open(dir.path(), 0);
  for (const int64_t step : {101, 102}) ASSERT_TRUE(succeeded(all.save(session, step)));
  EXPECT_THAT(value_or_throw(all.steps()), ElementsAre(11, 100, 101, 102));
  EXPECT_EQ(dir.num_files(), 6u);
}

TEST_F(CheckpointManagerTest, DamagedOnesArePassedOverAndToldOf) {
  const TempDir dir;
  fill(dir.path());
  const std::string whole = content_of(dir / "checkpoint-3.safetensors");
  write_plain(dir / "checkpoint-3.safetensors", whole.substr(0, whole.size() / 2));
  std::string flipped = content_of(dir / "checkpoint-2.safetensors");
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  write_plain(dir / "checkpoint-2.safetensors", flipped);

  CheckpointManager checkpoints = open(dir.path(), 1);
  Session session;
  const auto saved = checkpoints.restore(session);
  ASSERT_TRUE(succeeded(saved));
  EXPECT_EQ((*saved)->step, 1);
  ASSERT_THAT((*saved)->skipped, SizeIs(2));
  EXPECT_THAT((*saved)->skipped[0].message, HasSubstr("checkpoint-3.safetensors: "));
  EXPECT_THAT((*saved)->skipped[1].message, HasSubstr("checkpoint-2.safetensors: the checksum is"));
  // They count for nothing when old ones are removed: the one that is whole is not lost to them.
  ASSERT_TRUE(succeeded(checkpoints.save(session, 2)));
  EXPECT_THAT(value_or_throw(checkpoints.steps()), ElementsAre(2, 3));
  EXPECT_TRUE(succeeded(load_checkpoint(dir / "checkpoint-2.safetensors")));
}

TEST_F(CheckpointManagerTest, WhenAllAreDamagedItIsAnErrorAndNothingChanges) {
  const TempDir dir;
  fill(dir.path());
  for (const char* name : {"checkpoint-1.safetensors", "checkpoint-2.safetensors", "checkpoint-3.safetensors"})
    write_plain(dir / name, "");
  Session session;
  session.run(global_variables_initializer());
  const auto before = snapshot(session);
  const auto result = open(dir.path()).restore(session);
  EXPECT_TRUE(fails_with(result, ErrorCode::kData, "none of the 3 checkpoints is whole"));
  EXPECT_THAT(result.error().str(), HasSubstr("checkpoint-2.safetensors: expected a safetensors file"));
  expect_unchanged(session, before);
  EXPECT_EQ(dir.num_files(), 3u);
}

TEST_F(CheckpointManagerTest, OtherSafetensorsAreNoCheckpoint) {
  const TempDir dir;
  ASSERT_TRUE(succeeded(write_safetensors(dir / "checkpoint-1.safetensors", {{"w", Array(kFloat32, {4, 3})}})));
  Session session;
  const auto result = open(dir.path()).restore(session);
  EXPECT_TRUE(fails_with(result, ErrorCode::kData, "none of the 1 checkpoints is whole"));
  EXPECT_THAT(result.error().str(), HasSubstr("expected a checkpoint of dlc, found other safetensors"));
}

TEST_F(CheckpointManagerTest, OneOfAnotherGraphIsAnErrorAndNothingChanges) {
  const TempDir dir;
  fill(dir.path());
  const auto restore_into = [&](const Graph& graph) {
    Session session(graph);
    session.run(global_variables_initializer(graph));
    session.set_rng_state(77);
    const auto before = snapshot(session);
    auto result = open(dir.path()).restore(session);
    expect_unchanged(session, before);
    EXPECT_EQ(session.rng_state(), 77u);
    return result;
  };
  reset_default_graph();
  variable(Array(kFloat32, {4, 3}), "v");
  EXPECT_TRUE(fails_with(restore_into(default_graph()), ErrorCode::kNotFound, "variable 'v' is not in the checkpoint"));
  reset_default_graph();
  variable(Array(kFloat32, {3, 4}), "w");
  EXPECT_TRUE(fails_with(restore_into(default_graph()), ErrorCode::kInvalidShape,
                         "variable 'w' is f32[3,4], in the checkpoint f32[4,3]"));
  reset_default_graph();
  variable(Array(kFloat64, {4, 3}), "w");
  EXPECT_TRUE(fails_with(restore_into(default_graph()), ErrorCode::kInvalidType, "variable 'w' is f64[4,3]"));
  reset_default_graph();
  variable(Array(kFloat32, {4, 3}), "w");
  EXPECT_TRUE(fails_with(restore_into(default_graph()), ErrorCode::kNotFound, "which is no variable of the graph"));
}

TEST_F(CheckpointManagerTest, OneFolderOneTraining) {
  const TempDir dir;
  {
    const CheckpointManager first = open(dir.path());
    const auto second = CheckpointManager::open(dir.path());
    EXPECT_TRUE(fails_with(second, ErrorCode::kFailedPrecondition, "another training is saving its checkpoints there"));
  }
  EXPECT_TRUE(succeeded(CheckpointManager::open(dir.path())));
}

TEST_F(CheckpointManagerTest, WhatAKilledProcessLeftHalfWrittenGoes) {
  const TempDir dir;
  for (const char* name : {".checkpoint-3.safetensors.tmp-123-0", ".other.safetensors.tmp-1-0", "checkpoint-3.tmp-1-0"})
    write_plain(dir / name, "half");
  const CheckpointManager checkpoints = open(dir.path());
  EXPECT_FALSE(fs::exists(dir / ".checkpoint-3.safetensors.tmp-123-0"));
  EXPECT_EQ(dir.num_files(), 2u);
  EXPECT_THAT(value_or_throw(checkpoints.steps()), IsEmpty());
}

TEST_F(CheckpointManagerTest, AFailedSaveKeepsTheOlderOnes) {
  const TempDir dir;
  fill(dir.path());
  CheckpointManager checkpoints = open(dir.path(), 1);
  Session session;
  EXPECT_TRUE(fails_with(checkpoints.save(session, 4), ErrorCode::kFailedPrecondition, "is not initialised"));
  ASSERT_TRUE(succeeded(checkpoints.restore(session)));
  {
    const FullDisk full(100);
    EXPECT_TRUE(fails_with(checkpoints.save(session, 4), ErrorCode::kIo,
                           "checkpoint-4.safetensors: cannot write its temporary file: File too large"));
  }
  EXPECT_TRUE(fails_with(checkpoints.save(session, -1), ErrorCode::kInvalidArgument, "a step of at least 0, got -1"));
  EXPECT_TRUE(fails_with(checkpoints.save(session, 4, {{"step", "5"}}), ErrorCode::kInvalidArgument,
                         "the metadata key 'step' is the manager's own"));
  EXPECT_THAT(value_or_throw(checkpoints.steps()), ElementsAre(1, 2, 3));
  EXPECT_EQ(dir.num_files(), 3u);
}

TEST_F(CheckpointManagerTest, FoldersThatCannotBe) {
  const TempDir dir;
  write_plain(dir / "file", "");
  EXPECT_TRUE(fails_with(CheckpointManager::open(dir / "file"), ErrorCode::kIo, "file: cannot make the folder: "));
  EXPECT_TRUE(fails_with(CheckpointManager::open(dir / "file" / "sub"), ErrorCode::kIo, "cannot make the folder: "));
  EXPECT_TRUE(fails_with(CheckpointManager::open("/proc/dlc"), ErrorCode::kIo, "/proc/dlc: cannot make the folder: "));
  EXPECT_TRUE(fails_with(CheckpointManager::open(dir.path(), {.keep = -1}), ErrorCode::kInvalidArgument, "got -1"));
}

TEST_F(CheckpointManagerTest, APositionFitsItsBatchesOnly) {
  Batcher b = batches();
  ASSERT_TRUE(b.next());
  const Metadata position = b.position();
  const auto refuses = [&](BatchOptions options, std::string_view why) {
    Batcher other = batches(options);
    EXPECT_TRUE(fails_with(other.restore(position), ErrorCode::kInvalidArgument, why));
  };
  refuses({.batch_size = 4, .seed = 5}, "of batches with batch_size = '3', these have 4");
  refuses({.batch_size = 3, .seed = 6}, "seed = '5', these have 6");
  refuses({.batch_size = 3, .shuffle = false, .seed = 5}, "shuffle = 'true', these have false");
  // As many rows of other numbers; a position that says nothing of the data is an older one.
  NamedArrays others;
  for (size_t i = 0; i < b.num_arrays(); ++i) others.emplace_back("x", Array::full(kFloat32, {b.num_rows(), 2}, 7));
  Batcher other = value_or_throw(Batcher::create(others, {.batch_size = 3, .seed = 5}));
  EXPECT_TRUE(fails_with(other.restore(position), ErrorCode::kInvalidArgument, "of batches with data = 'crc32:"));
  Metadata older = position;
  older.erase("batches.data");
  EXPECT_TRUE(succeeded(other.restore(older)));
  const auto damaged = [&](const char* key, const char* value, std::string_view why) {
    Metadata wrong = position;
    wrong[key] = value;
    EXPECT_TRUE(fails_with(b.restore(wrong), ErrorCode::kData, why));
  };
  damaged("batches.epoch", "-1", "expected a number under 'batches.epoch' in the position, found '-1'");
  damaged("batches.epoch", "", "found ''");
  damaged("batches.next_row", "1", "batches.next_row = 1 is at the start of no batch of 3 rows");
  damaged("batches.next_row", "12", "batches.next_row = 12");
  damaged("batches.next_row", "99999999999999999999", "found '99999999999999999999'");
  EXPECT_TRUE(fails_with(b.restore({}), ErrorCode::kData, "the position lacks 'batches."));
  EXPECT_EQ(b.position(), position);
}

}  // namespace
}  // namespace dlc
