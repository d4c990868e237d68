// A training that is killed, interrupted or starved of disk goes on to the same bits.
//
// DLC_KILLS sets the number of kills; 10 without it, 200 in the target `nightly_kills`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "frontend/data/npy.h"
#include "tests/frontend/data/data_testing.h"
#include "tests/tools/tool.h"

namespace dlc {
namespace {

using namespace testing_data;
using testing::Ended;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::Tool;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Dropout: a step depends on the random state. Adam: on its slots and its step.
constexpr const char* kResumedModel = R"(
x = placeholder(f32[n, 8])
y = placeholder(f32[n, 1])
W = variable(he_normal(f32[8, 16], seed=1))
V = variable(he_normal(f32[16, 1], seed=2))
loss = reduce_mean(square(matmul(dropout(tanh(matmul(x, W)), rate=0.3), V) - y))
train = adam(loss, learning_rate=0.01)
)";
constexpr int kBatches = 6;  // of an epoch: 40 examples in batches of 7

class TrainResume : public ::testing::Test {
 protected:
  void SetUp() override {
    write_plain(dir / "model.dlc", kResumedModel);
    std::mt19937 random(7);
    for (const auto& [name, columns] : {std::pair("x.npy", 8), std::pair("y.npy", 1)}) {
      Array a(kFloat32, {40, columns});
      for (int64_t i = 0; i < a.num_elements(); ++i)
        a.set_from_double(i, static_cast<double>(random() % 1000) / 500 - 1);
      value_or_throw(write_npy(dir / name, a));
    }
  }

  /// The command of all tests. Without a folder for checkpoints it is what the others are compared with.
  static std::vector<std::string> command(int epochs, const std::string& save, const std::string& checkpoints) {
    std::vector<std::string> args = {"train",        "model.dlc",
                                     "--feed",       "x=x.npy",
                                     "--feed",       "y=y.npy",
                                     "--test-feed",  "x=x.npy",
                                     "--test-feed",  "y=y.npy",
                                     "--minimize",   "loss",
                                     "--epochs",     fmt::format("{}", epochs),
                                     "--batch-size", "7",
                                     "--seed",       "3",
                                     "--threads",    "1",
                                     "--save",       save};
    if (!checkpoints.empty())
      for (const char* arg : {"--resume", "--checkpoint-every", "1", "--keep", "2", "--checkpoint-dir"})
        args.emplace_back(arg);
    if (!checkpoints.empty()) args.push_back(checkpoints);
    return args;
  }

  /// The weights and the report of the last epoch when nothing disturbs the training.
  void train_undisturbed(int epochs) {
    const auto start = Clock::now();
    Tool tool(dir.path(), command(epochs, "whole.safetensors", ""));
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
    expected = content_of(dir / "whole.safetensors");
    expected_line = last_epoch(tool.out(), epochs);
    ASSERT_NE(expected_line, "") << tool.out();
    duration = Clock::now() - start;
  }
  void finish_and_compare(int epochs) {
    Tool tool(dir.path(), command(epochs, "final.safetensors", "run"));
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
    EXPECT_EQ(content_of(dir / "final.safetensors"), expected) << "other bits than without interruption";
    EXPECT_EQ(last_epoch(tool.out(), epochs), expected_line);
  }
  static std::string last_epoch(const std::string& out, int epochs) {
    const size_t at = out.find(fmt::format("epoch {0}/{0}: ", epochs));
    return at == std::string::npos ? "" : out.substr(at, out.find('\n', at) - at);
  }
  /// Steps of the newest checkpoint; 0 when there is none.
  int64_t newest() const {
    int64_t step = 0;
    std::error_code gone;  // files come and go
    for (fs::directory_iterator it(dir / "run", gone), end; !gone && it != end; it.increment(gone)) {
      const std::string name = it->path().filename();
      if (name.starts_with("checkpoint-")) step = std::max<int64_t>(step, std::atoll(name.c_str() + 11));
    }
    return step;
  }
  /// Waits until the training has saved a step after `step`; false when it ended before.
  bool wait_for_step_after(Tool& tool, int64_t step) const {
    while (newest() <= step) {
      if (!tool.running()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return tool.running();
  }

  TempDir dir;
  std::string expected, expected_line;
  Clock::duration duration{};
};

TEST_F(TrainResume, KilledAtAnyMomentItEndsWithTheSameBits) {
  constexpr int kEpochs = 40;
  const char* const wanted = std::getenv("DLC_KILLS");
  const int kills = wanted ? std::atoi(wanted) : 10;
  ASSERT_GT(kills, 0) << "DLC_KILLS=" << wanted;
  train_undisturbed(kEpochs);
  std::mt19937 random(1);  // the moments are seeded, as far as time can be
  int killed = 0, in_training = 0, trainings = 1;
  while (killed < kills) {
    Tool tool(dir.path(), command(kEpochs, "final.safetensors", "run"));
    // Every other time in the midst of training and saving, else anywhere from the start of the process on.
    if (killed % 2 == 0) {
      in_training += wait_for_step_after(tool, newest()) ? 1 : 0;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
    } else {
      std::this_thread::sleep_for(duration * (random() % 1000) / 1000);
    }
    tool.send(SIGKILL);
    const Ended ended = tool.wait();
    if (ended.signal == SIGKILL) {
      ++killed;
      continue;
    }
    // It was quicker than the kill: it must be right, and another begins.
    ASSERT_EQ(ended.exit_code, 0) << tool.err();
    EXPECT_EQ(content_of(dir / "final.safetensors"), expected);
    fs::remove_all(dir / "run");
    fs::remove(dir / "final.safetensors");
    ++trainings;
  }
  EXPECT_GT(in_training, 0) << "no kill met a training that had begun";
  finish_and_compare(kEpochs);
  fmt::print("{} kills, {} of them while it trained, in {} trainings of {} steps\n", killed, in_training, trainings,
             kEpochs * kBatches);
}

TEST_F(TrainResume, InterruptedItSavesAndEndsByTheSignal) {
  constexpr int kEpochs = 150;
  train_undisturbed(kEpochs);
  for (const auto& [signal, name] : {std::pair(SIGINT, "SIGINT"), std::pair(SIGTERM, "SIGTERM")}) {
    int64_t before = newest();
    Tool tool(dir.path(), command(kEpochs, "final.safetensors", "run"));
    ASSERT_TRUE(wait_for_step_after(tool, before)) << "the training is over too soon for this test\n" << tool.err();
    tool.send(signal);
    const Ended ended = tool.wait();
    EXPECT_EQ(ended.signal, signal) << "exit code " << ended.exit_code << "\n" << tool.err();
    const int64_t step = newest();
    EXPECT_EQ(tool.err(),
              fmt::format("dlc: stopped by {0} after step {1} of {2}: saved run/checkpoint-{1}.safetensors; "
                          "the same command with --resume goes on from there\n",
                          name, step, kEpochs * kBatches));
    EXPECT_GT(step, before);
  }
  finish_and_compare(kEpochs);
}

TEST_F(TrainResume, InterruptedWithoutAFolderItSaysThatNothingIsSaved) {
  std::vector<std::string> args = command(100'000'000, "unused", "");
  args.resize(args.size() - 2);  // without --save
  Tool tool(dir.path(), args);
  while (tool.out().find("epoch 2/") == std::string::npos) {
    ASSERT_TRUE(tool.running()) << tool.err();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  tool.send(SIGINT);
  EXPECT_EQ(tool.wait().signal, SIGINT);
  EXPECT_THAT(tool.err(), MatchesRegex("dlc: stopped by SIGINT after step [0-9]+ of 600000000: nothing was saved; "
                                       "with --checkpoint-dir DIR it would go on from here\n"));
}

TEST_F(TrainResume, ATrainingThatIsThereIsNotOverwritten) {
  std::vector<std::string> args = command(2, "final.safetensors", "run");
  {
    Tool tool(dir.path(), args);
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
  }
  std::erase(args, "--resume");
  Tool tool(dir.path(), args);
  EXPECT_EQ(tool.wait().exit_code, 1);
  EXPECT_EQ(tool.err(),
            "dlc: error: run: there are checkpoints of a training already, up to step 12\n"
            "  add --resume to go on with that training, or name another folder\n");
}

TEST_F(TrainResume, ADamagedCheckpointIsPassedOver) {
  constexpr int kEpochs = 3;
  train_undisturbed(kEpochs);
  {
    Tool tool(dir.path(), command(kEpochs, "final.safetensors", "run"));
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
  }
  const fs::path last = dir / "run" / "checkpoint-18.safetensors";
  write_plain(last, content_of(last).substr(0, 500));
  Tool tool(dir.path(), command(kEpochs, "final.safetensors", "run"));
  ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
  EXPECT_THAT(tool.err(), HasSubstr("dlc: warning: passed over run/checkpoint-18.safetensors: bad safetensors header"));
  EXPECT_THAT(tool.out(), HasSubstr("resuming after step 17 (epoch 3) from run/checkpoint-17.safetensors\n"));
  EXPECT_EQ(content_of(dir / "final.safetensors"), expected);
}

TEST_F(TrainResume, OtherBatchesAreRefused) {
  {
    Tool tool(dir.path(), command(1, "final.safetensors", "run"));
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
  }
  std::vector<std::string> args = command(1, "final.safetensors", "run");
  for (std::string& arg : args)
    if (arg == "7") arg = "8";
  Tool tool(dir.path(), args);
  EXPECT_EQ(tool.wait().exit_code, 1);
  EXPECT_THAT(tool.err(), HasSubstr("the position is of batches with batch_size = '7', these have 8\n"));
  EXPECT_THAT(tool.err(), HasSubstr("restoring run/checkpoint-6.safetensors\n"));
}

TEST_F(TrainResume, OfAModelThatChangedItWarns) {
  for (const int epochs : {1, 2}) {
    Tool tool(dir.path(), command(epochs, "final.safetensors", "run"));
    ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
    EXPECT_THAT(tool.err(), Not(HasSubstr("the model"))) << "as it is the same";
  }
  write_plain(dir / "model.dlc", std::string(kResumedModel) + "more = constant(1)\n");
  Tool tool(dir.path(), command(3, "final.safetensors", "run"));
  ASSERT_EQ(tool.wait().exit_code, 0) << tool.err();
  EXPECT_THAT(tool.err(),
              HasSubstr("dlc: warning: the model is not the one that run/checkpoint-12.safetensors was saved "
                        "with; the training goes on with the new one\n"));
}

TEST_F(TrainResume, OnAFullDiskItStopsAndGoesOnWhenThereIsRoom) {
  constexpr int kEpochs = 3;
  train_undisturbed(kEpochs);
  {
    Tool tool(dir.path(), command(kEpochs, "final.safetensors", "run"), /*max_file_bytes=*/1000);
    EXPECT_EQ(tool.wait().exit_code, 1);
    EXPECT_EQ(tool.err(),
              "dlc: error: run/checkpoint-1.safetensors: cannot write its temporary file: File too large; the file is "
              "as it was before\n");
    EXPECT_EQ(newest(), 0);
  }
  finish_and_compare(kEpochs);
}

}  // namespace
}  // namespace dlc
