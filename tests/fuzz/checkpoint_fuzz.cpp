// The reader of checkpoints, and of the position of the batches in them, on any bytes: a checkpoint or an error. One
// that is read was written so: its checksum holds, and a position that is taken is given back as it was.
#include <cstdint>
#include <cstdlib>

#include "frontend/data/checkpoint.h"
#include "frontend/data/dataset.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dlc;
  const auto bytes = std::as_bytes(std::span(data, size));
  const Expected<Checkpoint> checkpoint = parse_checkpoint(bytes, "fuzz.safetensors");
  if (!checkpoint && (checkpoint.error().message.empty() || checkpoint.error().code == ErrorCode::kInternal))
    std::abort();

  // The checksum keeps nearly all changes from what is behind it; without it they get there.
  const Expected<Safetensors> file = parse_safetensors(bytes, "fuzz.safetensors");
  if (!file) return 0;
  Batcher batches = value_or_throw(Batcher::create({{"x", Array(kFloat32, {10, 2})}}, {.batch_size = 3, .seed = 5}));
  const Metadata before = batches.position();
  if (const Expected<void> restored = batches.restore(file->metadata); !restored) {
    if (restored.error().code == ErrorCode::kInternal || batches.position() != before) std::abort();
    return 0;
  }
  while (batches.next()) {
  }
  return 0;
}
