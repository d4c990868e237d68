// Compiled mathematics has the bits of interpreted mathematics, in every feature class that this
// machine can run and for scalars as for vectors.
#include <gtest/gtest.h>

#include "backend/native/native.h"
#include "tests/backend/math_cases.h"
#include "tests/backend/native_testing.h"

namespace dlc::backend::loops {
namespace {

template <typename T>
Array array_of(const std::vector<T>& values) {
  return Array::of<T>({static_cast<int64_t>(values.size())}, values);
}

/// One thread suffices: the kernels have no parallel region.
template <typename T>
void expect_same_bits(const Kernel& kernel, const std::vector<std::vector<T>>& inputs, const std::string& target) {
  std::vector<Array> buffers;
  for (const auto& x : inputs) buffers.push_back(array_of(x));
  const auto n = static_cast<int64_t>(inputs[0].size());
  buffers.push_back(Array(dtype_of<T>(), {n}));
  const auto program = value_or_throw(compile_native({&kernel, 1}, {}, testing::options_for(target)));
  const auto expected = testing::run_interpreted(kernel, buffers, {n});
  const auto found = testing::run_native(program->kernel(kernel.name), buffers, {n});
  const Array &want = expected.buffers.back(), &got = found.buffers.back();
  for (int64_t i = 0; i < n; ++i) {
    if (testing::same_element(want, got, i)) continue;
    ADD_FAILURE() << kernel.name << " for " << target << " at " << inputs[0][static_cast<size_t>(i)]
                  << ": the interpreter gives " << want.value_as_double(i) << ", compiled code "
                  << got.value_as_double(i);
    return;
  }
}

class MathNative : public ::testing::TestWithParam<MathCase> {};

template <typename T>
void check_case(const MathCase& c) {
  const std::vector<T> x = samples<T>(c.strata, 300, 5);
  for (const std::string& target : testing::targets_here()) {
    for (const int lanes : {1, 8, 16}) {
      // Scalars in one class only: they take as long to compile as vectors.
      if (lanes == 1 && target != "host") continue;
      if (lanes == 16 && sizeof(T) == 8) continue;
      const Kernel k = build<T>(
          c.name, 1, target != "sse2", lanes,
          [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) { return c.function(b, v[0], o); });
      expect_same_bits<T>(k, {x}, target);
    }
  }
}

TEST_P(MathNative, F32HasTheBitsOfTheInterpreter) { check_case<float>(GetParam()); }
TEST_P(MathNative, F64HasTheBitsOfTheInterpreter) { check_case<double>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Functions, MathNative, ::testing::ValuesIn(kCases),
                         [](const ::testing::TestParamInfo<MathCase>& info) { return std::string(info.param.name); });

template <typename T>
void check_two(const char* name, Value (*f)(LoopBuilder&, Value, Value, math::MathOptions)) {
  std::vector<T> x, y;
  const std::vector<T> special = special_values<T>();
  for (const T a : special)
    for (const T b : special) x.push_back(a), y.push_back(b);
  const std::vector<T> a = samples<T>({{0, 8}}, 500, 1), b = samples<T>({{-20, 20}}, 500, 2);
  x.insert(x.end(), a.begin(), a.end());
  y.insert(y.end(), b.begin(), b.end());
  for (const std::string& target : testing::targets_here()) {
    const Kernel k = build<T>(
        name, 2, target != "sse2", 8,
        [&](LoopBuilder& lb, const std::vector<Value>& v, math::MathOptions o) { return f(lb, v[0], v[1], o); });
    expect_same_bits<T>(k, {x, y}, target);
  }
}

TEST(MathNativePow, HasTheBitsOfTheInterpreter) {
  check_two<float>("pow", math::pow);
  check_two<double>("pow", math::pow);
}
TEST(MathNativeAtan2, HasTheBitsOfTheInterpreter) {
  check_two<float>("atan2", math::atan2);
  check_two<double>("atan2", math::atan2);
}

}  // namespace
}  // namespace dlc::backend::loops
