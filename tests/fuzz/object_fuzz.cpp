// The reader and loader of compiled objects, on any bytes: linked or an error, never a crash. What is
// linked is not run.
#include <cstdint>
#include <cstdlib>

#include "backend/native/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto loaded = dlc::backend::native::load_object(bytes, [](std::string_view) { return nullptr; });
  if (!loaded && loaded.error().message.empty()) std::abort();
  return 0;
}
