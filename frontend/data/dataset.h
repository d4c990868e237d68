// Data sets for training: named arrays in a training and a test part, and batches of them.
//
//   DLC_ASSIGN_OR_RETURN(Dataset digits, make_digits(10000, 1000, /*seed=*/1));
//   NamedArrays train = {{"x", normalized_images(digits.train.images)}, {"y", digits.train.labels}};
//   DLC_ASSIGN_OR_RETURN(Batcher batches, Batcher::create(train, {.batch_size = 64, .seed = 1}));
//   for (int64_t epoch = 0; epoch < 3; ++epoch) {
//     batches.start_epoch(epoch);
//     while (batches.next()) step(batches.array("x"), batches.array("y"));
//   }
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/data/digits.h"
#include "frontend/data/named_arrays.h"
#include "support/array.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Images with their labels, for training and, never seen in it, for testing.
struct Dataset {
  std::string name;      ///< "digits", or "mnist:DIR"
  LabelledImages train;  ///< images u8[n,28,28], labels i32[n]
  LabelledImages test;
};

/// The four files of MNIST (or Fashion-MNIST) in `folder`, each plain or with ".gz":
/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte.
/// kNotFound names every file that is missing; kData when images and labels do not go together
/// or a label is above 9; else the errors of read_idx.
Expected<Dataset> load_mnist(const FilePath& folder);

/// The embedded data set (digits.h). Training and test images are different ones of one `seed`.
Expected<Dataset> make_digits(int64_t n_train, int64_t n_test, uint64_t seed);

/// f32[n, h*w]: u8 images of [n,h,w] (or any [n,...]) divided by 255, each in one row.
Array normalized_images(const Array& images);

struct BatchOptions {
  int64_t batch_size = 32;
  bool shuffle = true;     ///< a new order in every epoch; else the order of the arrays
  uint64_t seed = 0;       ///< the order is a function of (seed, epoch) alone, on every machine
  bool drop_last = false;  ///< leave out the last batch of an epoch if it is smaller than batch_size
};

/// Cuts arrays of equal first dimension into batches: row i of each belongs together. The batches are
/// gathered into buffers made at the start; next() allocates nothing. For one thread at a time.
class Batcher {
 public:
  /// kInvalidArgument on a batch size below 1 or no arrays; kInvalidShape on a scalar among them or
  /// different numbers of rows. The arrays are shared, not copied: keep them unchanged.
  static Expected<Batcher> create(NamedArrays arrays, const BatchOptions& options);

  int64_t num_rows() const { return static_cast<int64_t>(order_.size()); }
  int64_t num_batches() const;  ///< in one epoch; 0 if there are no rows
  int64_t epoch() const { return epoch_; }
  /// Begins epoch `epoch` >= 0; epochs may be repeated or left out. The Batcher starts in epoch 0.
  void start_epoch(int64_t epoch);
  /// Gathers the next batch; false at the end of the epoch, the arrays then are as they were.
  bool next();

  /// The current batch, [b,...] with b = batch_size, or fewer in the last batch. Valid until the
  /// next call of next(). DLC_CHECKs that the array exists.
  const Array& array(std::string_view name) const;
  const Array& array(size_t index) const { return arrays_[index].current(); }
  size_t num_arrays() const { return arrays_.size(); }
  /// Which rows the current batch holds.
  std::span<const int64_t> rows() const { return rows_; }

  /// Where it stands, as text for a checkpoint: the next batch after restore() is the one that would
  /// have come next here. Options, number of rows and a checksum of the data are part of it.
  Metadata position() const;
  /// Other keys of `position` are left alone. kInvalidArgument when it is of a Batcher with other options
  /// or other data; kData when it is none; the Batcher then is as it was.
  Expected<void> restore(const Metadata& position);

 private:
  struct Column {
    std::string name;
    Array source, full, tail;  // tail: the first rows of full's buffer, for the last batch
    bool at_tail = false;
    const Array& current() const { return at_tail ? tail : full; }
  };

  Batcher() = default;
  /// What must be the same where a training goes on.
  Metadata identity() const;
  /// Of all arrays, computed by the first call.
  const std::string& data_checksum() const;

  BatchOptions options_;
  std::vector<Column> arrays_;
  std::vector<int64_t> order_;  // the rows in this epoch's order
  std::span<const int64_t> rows_;
  int64_t epoch_ = 0;
  size_t position_ = 0;  // in order_, of the next batch
  mutable std::string data_checksum_;
};

}  // namespace dlc DLC_PUBLIC
