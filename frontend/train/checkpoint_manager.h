// CheckpointManager: a folder of checkpoints of one training, which goes on from it bit for bit,
// whenever and however it was stopped.
//
//   DLC_ASSIGN_OR_RETURN(CheckpointManager checkpoints, CheckpointManager::open("run1", {.keep = 3}));
//   DLC_ASSIGN_OR_RETURN(const auto saved, checkpoints.restore(session));
//   int64_t step = saved ? saved->step : 0;
//   if (saved) DLC_RETURN_IF_ERROR(batches.restore(saved->metadata));      // else initialise the variables
//   while (batches.next()) {
//     session.run(train, ...);
//     if (++step % 100 == 0) DLC_RETURN_IF_ERROR(checkpoints.save(session, step, batches.position()));
//   }
//
// A checkpoint holds every variable of the graph, those of optimisers too, the session's random state,
// the step, and text of the caller's, for what else the training depends on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "frontend/data/checkpoint.h"
#include "frontend/session/session.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct CheckpointOptions {
  /// How many checkpoints stay in the folder, the newest ones; 0: all.
  int keep = 3;
};

/// What CheckpointManager::restore found.
struct RestoredCheckpoint {
  FilePath path;
  int64_t step = 0;
  Metadata metadata;           ///< what was given to save, and the keys of the format
  std::vector<Error> skipped;  ///< of newer checkpoints, each of which is damaged: why
};

/// The files are DIR/checkpoint-STEP.safetensors, each written as save_checkpoint does: a process that is
/// killed while it saves leaves the checkpoints from before. For one thread at a time; the folder is
/// locked, so that a second manager, in this process or another, is refused.
class CheckpointManager {
 public:
  /// Makes the folder if it is not there and removes what a killed process left half written.
  /// kInvalidArgument for a negative `keep`; kFailedPrecondition when another manager has the folder;
  /// kIo when it cannot be made or read.
  static Expected<CheckpointManager> open(const FilePath& folder, const CheckpointOptions& options = {});
  CheckpointManager(CheckpointManager&& other) noexcept;
  CheckpointManager& operator=(CheckpointManager&&) = delete;
  ~CheckpointManager();

  /// Writes the state after `step` steps (>= 0; one that is there is replaced), then removes those that
  /// are too many. Call it between runs of the session. Returns the path. `metadata` must not have the
  /// keys "step" and "rng_state" or those of save_checkpoint. kFailedPrecondition when a variable is
  /// not initialised; kIo when the file cannot be written, the older checkpoints then stay.
  Expected<FilePath> save(const Session& session, int64_t step, const Metadata& metadata = {});

  /// Sets the session's variables and random state from the newest checkpoint that is whole; nothing when
  /// there is none at all. Ones that are damaged are passed over and told of in the result; it is kData
  /// when all of them are. kNotFound, kInvalidShape or kInvalidType when the checkpoint is of
  /// another graph. On an error the session is as it was.
  Expected<std::optional<RestoredCheckpoint>> restore(Session& session);

  /// The steps of the checkpoints in the folder, ascending.
  Expected<std::vector<int64_t>> steps() const;
  FilePath path_of(int64_t step) const;

 private:
  CheckpointManager() = default;
  void remove_old(int64_t newest);

  FilePath folder_;
  CheckpointOptions options_;
  std::vector<int64_t> damaged_;  ///< found so by restore
  int lock_ = -1;                 ///< of the folder, open and locked
};

}  // namespace dlc DLC_PUBLIC
