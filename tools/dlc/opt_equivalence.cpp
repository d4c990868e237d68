#include "tools/dlc/opt_equivalence.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "ir/interp/interpreter.h"
#include "tools/oracles/inputs.h"

namespace dlc::tools {
namespace {

using ir::Function;
using ir::SymbolBinding;

double ulp(double x, DType dtype) {
  if (dtype == kFloat64) return std::nextafter(std::abs(x), std::numeric_limits<double>::infinity()) - std::abs(x);
  const auto f = static_cast<float>(std::abs(x));
  return static_cast<double>(std::nextafter(f, std::numeric_limits<float>::infinity())) - static_cast<double>(f);
}

bool same_bits(const Array& a, const Array& b, int64_t i) {
  if (is_float(a.dtype()) && std::isnan(a.value_as_double(i)) && std::isnan(b.value_as_double(i))) return true;
  const size_t size = size_of(a.dtype());
  return std::memcmp(a.bytes() + static_cast<size_t>(i) * size, b.bytes() + static_cast<size_t>(i) * size, size) == 0;
}

/// The reason why result `i` differs, if it does.
std::optional<std::string> compare(int result, const Array& before, const Array& after, const Array& truth,
                                   passes::Exactness exactness) {
  if (before.dtype() != after.dtype() || before.shape() != after.shape())
    return fmt::format("result {} was {}, is {}", result, before.type_str(), after.type_str());
  const bool exact = exactness == passes::Exactness::kExact || !is_float(before.dtype());
  double largest = 0;
  for (int64_t i = 0; i < before.num_elements(); ++i)
    if (std::isfinite(before.value_as_double(i))) largest = std::max(largest, std::abs(before.value_as_double(i)));
  for (int64_t i = 0; i < before.num_elements(); ++i) {
    if (same_bits(before, after, i)) continue;
    const double b = before.value_as_double(i), a = after.value_as_double(i), t = truth.value_as_double(i);
    const auto differs = [&](std::string_view how) {
      return fmt::format("result {}, element {}: was {}, is {} ({})", result, i, b, a, how);
    };
    if (exact) return differs("an exact pass keeps all bits");
    if (!std::isfinite(b)) continue;
    if (!std::isfinite(a)) return differs("a pass may remove a NaN or an infinity, never add one");
    if (!std::isfinite(t)) continue;
    const double allowed = 8 * std::abs(b - t) + 4 * ulp(largest, before.dtype());
    if (std::abs(a - t) > allowed)
      return differs(fmt::format("in f64 {}; allowed error {:.3g}, found {:.3g}", t, allowed, std::abs(a - t)));
  }
  return std::nullopt;
}

std::vector<Array> widened(const std::vector<Array>& inputs) {
  std::vector<Array> out;
  for (const Array& a : inputs) out.push_back(a.dtype() == kFloat32 ? a.cast(kFloat64) : a);
  return out;
}

Equivalence run_trial(const Function& before, const Function& after, const Function& truth, int trial,
                      passes::Exactness exactness, const EquivalenceOptions& options) {
  const std::optional<SymbolBinding> sizes = oracles::pick_sizes(before, options.dims, options.seed, trial);
  if (!sizes) return {Verdict::kNotChecked, "no sizes were found that fulfil the requirements; give some with --dims"};
  const std::vector<Array> inputs =
      oracles::random_inputs(before, *sizes, options.seed, trial, exactness == passes::Exactness::kExact);
  const Expected<std::vector<Array>> expected = interpret(before, inputs);
  const Expected<std::vector<Array>> found = interpret(after, inputs);
  if (!expected && expected.error().code == ErrorCode::kFailedPrecondition)
    return {Verdict::kNotChecked, expected.error().message};
  if (!expected && !found) return {};  // a fault before is a fault after
  if (!expected)
    return {Verdict::kDiffers, fmt::format("failed before ({}), does not any more", expected.error().message)};
  if (!found) return {Verdict::kDiffers, fmt::format("ran before, now fails: {}", found.error().message)};
  const Expected<std::vector<Array>> exactly = interpret(truth, widened(inputs));
  for (size_t i = 0; i < expected->size(); ++i)
    if (std::optional<std::string> reason = compare(static_cast<int>(i), (*expected)[i], (*found)[i],
                                                    exactly ? (*exactly)[i] : (*expected)[i], exactness))
      return {Verdict::kDiffers, fmt::format("trial {} (seed {}): {}", trial, options.seed, *reason)};
  return {};
}

}  // namespace

Equivalence check_equivalent(const Function& before, const Function& after, passes::Exactness exactness,
                             const EquivalenceOptions& options) {
  if (before.num_params() != after.num_params() || before.num_results() != after.num_results())
    return {Verdict::kDiffers, "the numbers of parameters or results differ"};
  const std::unique_ptr<Function> truth = promote_to_f64(before);
  for (int trial = 0; trial < options.trials; ++trial) {
    Equivalence e = run_trial(before, after, *truth, trial, exactness, options);
    if (e.verdict != Verdict::kEqual) return e;
  }
  return {};
}

}  // namespace dlc::tools
