#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>

#include "frontend/data/checksum.h"
#include "frontend/data/dataset.h"
#include "frontend/data/elements.h"
#include "frontend/data/random.h"

namespace dlc {
namespace {

/// The first `rows` rows of `a`, in the same buffer.
Array first_rows(const Array& a, int64_t rows) {
  Shape shape = a.shape();
  shape[0] = rows;
  const auto keep_alive = std::make_shared<Array>(a);
  return Array::share(a.dtype(), std::move(shape), keep_alive, keep_alive->bytes());
}

constexpr const char* kEpochKey = "batches.epoch";
constexpr const char* kNextRowKey = "batches.next_row";
constexpr const char* kDataKey = "batches.data";

/// A number of at least 0 under `key`.
Expected<int64_t> count_of(const Metadata& position, const char* key) {
  const auto it = position.find(key);
  const std::string_view text = it == position.end() ? std::string_view() : it->second;
  int64_t value = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0)
    return make_error(ErrorCode::kData, "batches: expected a number under '{}' in the position, found {}", key,
                      quote_text(text));
  return value;
}

}  // namespace

Expected<Batcher> Batcher::create(NamedArrays arrays, const BatchOptions& options) {
  if (options.batch_size < 1)
    return make_error(ErrorCode::kInvalidArgument, "batches: expected a batch size of at least 1, got {}",
                      options.batch_size);
  if (arrays.empty()) return make_error(ErrorCode::kInvalidArgument, "batches: expected at least one array, got none");

  Batcher batcher;
  batcher.options_ = options;
  const auto& [first_name, first] = arrays.front();
  const int64_t rows = first.rank() > 0 ? first.dim(0) : 0;
  // Where a batch is larger than the data, all of it is the smaller last batch.
  const int64_t buffer_rows = std::min(options.batch_size, rows);
  for (auto& [name, array] : arrays) {
    if (array.rank() == 0)
      return make_error(ErrorCode::kInvalidShape, "batches: array {} is a scalar; expected rows, [n,...]",
                        quote_text(name));
    if (array.dim(0) != rows)
      return make_error(
          ErrorCode::kInvalidShape, "batches: all arrays need as many rows; {} has {} ({}), but {} has {} ({})",
          quote_text(first_name), rows, first.type_str(), quote_text(name), array.dim(0), array.type_str());
    Shape shape = array.shape();
    shape[0] = buffer_rows;
    const Array full = Array::uninitialized(array.dtype(), std::move(shape));
    batcher.arrays_.push_back({name, array, full, first_rows(full, rows % options.batch_size)});
  }
  batcher.order_.resize(static_cast<size_t>(rows));
  batcher.start_epoch(0);
  return batcher;
}

int64_t Batcher::num_batches() const {
  const int64_t batch = options_.batch_size;
  const bool smaller_last = num_rows() % batch != 0 && !options_.drop_last;
  return num_rows() / batch + (smaller_last ? 1 : 0);
}

void Batcher::start_epoch(int64_t epoch) {
  DLC_CHECK(epoch >= 0, "epoch {}", epoch);
  // From the start each time: the order must not depend on the epochs before.
  std::iota(order_.begin(), order_.end(), int64_t{0});
  if (options_.shuffle) DataRandom(options_.seed, static_cast<uint64_t>(epoch)).shuffle(order_);
  epoch_ = epoch;
  position_ = 0;
  rows_ = {};
}

Metadata Batcher::identity() const {
  return {{"batches.rows", fmt::format("{}", num_rows())},
          {"batches.batch_size", fmt::format("{}", options_.batch_size)},
          {"batches.shuffle", fmt::format("{}", options_.shuffle)},
          {"batches.seed", fmt::format("{}", options_.seed)},
          {"batches.drop_last", fmt::format("{}", options_.drop_last)},
          {kDataKey, data_checksum()}};
}

const std::string& Batcher::data_checksum() const {
  if (data_checksum_.empty()) {
    NamedArrays data;
    for (const Column& column : arrays_) data.emplace_back(column.name, column.source);
    Checksum sum;
    sum.add(data);
    data_checksum_ = sum.str();
  }
  return data_checksum_;
}

Metadata Batcher::position() const {
  Metadata all = identity();
  all[kEpochKey] = fmt::format("{}", epoch_);
  all[kNextRowKey] = fmt::format("{}", position_);
  return all;
}

Expected<void> Batcher::restore(const Metadata& position) {
  for (const auto& [key, here] : identity()) {
    const auto it = position.find(key);
    if (it == position.end() && key == kDataKey) continue;  // of a version that did not look at the data
    if (it == position.end()) return make_error(ErrorCode::kData, "batches: the position lacks '{}'", key);
    if (it->second != here)
      return make_error(ErrorCode::kInvalidArgument, "batches: the position is of batches with {} = {}, these have {}",
                        key.substr(key.find('.') + 1), quote_text(it->second), here)
          .note("to go on bit for bit, batch size, seed, shuffling and data must be as they were");
  }
  DLC_ASSIGN_OR_RETURN(const int64_t epoch, count_of(position, kEpochKey));
  DLC_ASSIGN_OR_RETURN(const int64_t next_row, count_of(position, kNextRowKey));
  if (next_row > num_rows() || (next_row != num_rows() && next_row % options_.batch_size != 0))
    return make_error(ErrorCode::kData, "batches: the position {} = {} is at the start of no batch of {} rows",
                      kNextRowKey, next_row, options_.batch_size);
  start_epoch(epoch);
  position_ = static_cast<size_t>(next_row);
  return {};
}

bool Batcher::next() {
  const auto batch = static_cast<size_t>(options_.batch_size);
  const size_t n = std::min(batch, order_.size() - position_);
  if (n == 0 || (n < batch && options_.drop_last)) return false;
  rows_ = std::span<const int64_t>(order_).subspan(position_, n);
  position_ += n;
  for (Column& column : arrays_) {
    column.at_tail = n < batch;
    const size_t row_bytes = column.source.num_bytes() / order_.size();
    if (row_bytes == 0) continue;
    std::byte* to = column.full.bytes();
    for (const int64_t row : rows_) {
      std::memcpy(to, column.source.bytes() + static_cast<size_t>(row) * row_bytes, row_bytes);
      to += row_bytes;
    }
  }
  return true;
}

const Array& Batcher::array(std::string_view name) const {
  const auto it = std::find_if(arrays_.begin(), arrays_.end(), [&](const Column& c) { return c.name == name; });
  DLC_CHECK(it != arrays_.end(), "no array {} in the batches", quote_text(name));
  return it->current();
}

}  // namespace dlc
