// The .npz reader: ZIP and the .npy files in it, on any bytes: an array or an error, never a crash, a hang or memory
// that the input's size does not justify.
#include "frontend/data/npz.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto result = dlc::parse_npz(bytes, "fuzz.npz");
  if (!result && result.error().message.empty()) std::abort();
  return 0;
}
