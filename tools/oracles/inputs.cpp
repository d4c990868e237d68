#include "tools/oracles/inputs.h"

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string_view>

#include "support/philox.h"

namespace dlc::oracles {
namespace {

using ir::Dim;
using ir::Function;
using ir::SymbolBinding;

using Random = std::mt19937_64;

double uniform(Random& random, double low, double high) {
  // Not std::uniform_real_distribution: its numbers differ between standard libraries.
  return low + (high - low) * (static_cast<double>(random() >> 11) * 0x1.0p-53);
}

bool fulfilled(const Function& f, const SymbolBinding& binding) {
  for (const ir::Requirement& r : f.requirements()) {
    const Expected<int64_t> a = r.a.evaluate(binding), b = r.b.evaluate(binding);
    if (!a || !b || *a != *b) return false;
  }
  for (int i = 0; i < f.num_params(); ++i)
    for (const Dim& d : f.param(i).type().dims) {
      const Expected<int64_t> size = d.evaluate(binding);
      if (!size || *size < 0) return false;
    }
  return true;
}

Array random_input(DType dtype, const Shape& shape, int trial, bool special, Random& random) {
  Array a(dtype, shape);
  static constexpr double kSpecial[] = {0.0,
                                        -0.0,
                                        1.0,
                                        -1.0,
                                        std::numeric_limits<double>::infinity(),
                                        -std::numeric_limits<double>::infinity(),
                                        std::numeric_limits<double>::quiet_NaN()};
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    double x = 0;
    if (is_float(dtype)) {
      const double range = trial == 2 ? 200.0 : 2.0;
      x = uniform(random, -range, range);
      if (trial == 3 && special && random() % 3 == 0) x = kSpecial[random() % std::size(kSpecial)];
    } else if (dtype == kBool) {
      x = static_cast<double>(random() % 2);
    } else {
      // Small: most integers in programs are indices and sizes. Trial 3 goes beyond both ends.
      x = trial == 3 ? static_cast<double>(random() % 15) - 2 : static_cast<double>(random() % 3);
    }
    a.set_from_double(i, x);
  }
  return a;
}

uint64_t hash(std::string_view name) {
  uint64_t h = name.size();
  for (const char c : name) h = mix64(h + static_cast<unsigned char>(c));
  return h;
}

}  // namespace

std::optional<SymbolBinding> pick_sizes(const Function& f, const SymbolBinding& given, uint64_t seed, int trial) {
  Random random(seed * 1000003 + static_cast<uint64_t>(trial));
  std::set<std::string> symbols;
  for (int i = 0; i < f.num_params(); ++i)
    for (const Dim& d : f.param(i).type().dims) d.collect_symbols(symbols);
  for (int attempt = 0; attempt < 200; ++attempt) {
    SymbolBinding binding = given;
    const auto common = static_cast<int64_t>(2 + random() % 5);
    for (const std::string& s : symbols)
      binding.emplace(s, attempt % 2 == 0 ? static_cast<int64_t>(2 + random() % 5) : common);
    if (fulfilled(f, binding)) return binding;
  }
  return std::nullopt;
}

std::vector<Array> random_inputs(const Function& f, const SymbolBinding& sizes, uint64_t seed, int trial,
                                 bool special) {
  std::vector<Array> inputs;
  for (int i = 0; i < f.num_params(); ++i) {
    Shape shape;
    for (const Dim& d : f.param(i).type().dims) shape.push_back(value_or_throw(d.evaluate(sizes)));
    Random random(mix64(seed * 1000003 + static_cast<uint64_t>(trial)) ^ hash(f.param_info(i).name));
    inputs.push_back(random_input(f.param(i).dtype(), shape, trial, special, random));
  }
  return inputs;
}

}  // namespace dlc::oracles
