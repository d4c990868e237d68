// A training is saved in the middle, and goes on in another session as if nothing had happened: the
// variables, those of the optimiser included, come back with the same bits.
//
// Prints:
//   saved 5 variables after 50 steps
//   after 100 steps: 4.9...
//   restored and run to 100 steps: 4.9...
//   equal bits: true
#include <fmt/format.h>

#include <filesystem>

#include "frontend/dlc.h"

using namespace dlc;

namespace {

void save(const Session& session, const std::filesystem::path& path) {
  NamedArrays values;
  for (const Tensor& v : session.graph().variables()) values.emplace_back(v.name(), session.value(v));
  // Written beside the path and renamed over it: the file is the old one or the new one, never half of it.
  value_or_throw(save_checkpoint(path, values));
}

void restore(Session& session, const std::filesystem::path& path) {
  const Checkpoint saved = value_or_throw(load_checkpoint(path));
  for (const Tensor& v : session.graph().variables()) {
    const Array* value = saved.find(v.name());
    if (value == nullptr) throw Exception(make_error(ErrorCode::kNotFound, "{} has no '{}'", path.string(), v.name()));
    session.set_value(v, *value);
  }
}

}  // namespace

int main() {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "dlc_save_and_restore.safetensors";
  Tensor w = variable(0.0f, "w");
  Operation train = AdamOptimizer(0.5).minimize(square(w - 5));

  Session first;
  first.run(global_variables_initializer());
  for (int i = 0; i < 50; ++i) first.run(train);
  save(first, path);
  fmt::print("saved {} variables after 50 steps\n", first.graph().variables().size());
  for (int i = 0; i < 50; ++i) first.run(train);
  fmt::print("after 100 steps: {}\n", first.value(w).item<float>());

  Session second;
  restore(second, path);
  for (int i = 0; i < 50; ++i) second.run(train);
  fmt::print("restored and run to 100 steps: {}\n", second.value(w).item<float>());
  fmt::print("equal bits: {}\n", first.value(w).identical(second.value(w)));
  std::filesystem::remove(path);
}
