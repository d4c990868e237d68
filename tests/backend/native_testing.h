// Running a kernel both ways: by the loops interpreter and compiled, for bitwise comparison.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "backend/loops/builder.h"
#include "backend/loops/interpreter.h"
#include "backend/loops/printer.h"
#include "backend/loops/verifier.h"
#include "backend/native/native.h"
#include "runtime/context.h"
#include "support/array.h"

namespace dlc::backend::testing {

inline NativeOptions options_for(std::string target = "host") {
  return {.target = std::move(target), .verify = true, .reuse = false};
}

/// Element `i` of two arrays of one type: the same bits, or both NaN (which NaN an operation of two
/// gives depends on the order of its operands, and that is not promised).
inline bool same_element(const Array& a, const Array& b, int64_t i) {
  const size_t width = size_of(a.dtype());
  const auto at = static_cast<size_t>(i) * width;
  if (std::memcmp(a.bytes() + at, b.bytes() + at, width) == 0) return true;
  if (!is_float(a.dtype())) return false;
  const double x = a.value_as_double(i), y = b.value_as_double(i);
  return x != x && y != y;
}

inline ::testing::AssertionResult same_arrays(const Array& expected, const Array& found) {
  for (int64_t i = 0; i < expected.num_elements(); ++i) {
    if (same_element(expected, found, i)) continue;
    return ::testing::AssertionFailure() << "element " << i << ": the interpreter gives " << expected.value_as_double(i)
                                         << ", compiled code " << found.value_as_double(i);
  }
  return ::testing::AssertionSuccess();
}

struct Outcome {
  std::vector<Array> buffers;
  std::optional<runtime::Fault> fault;
};

/// Copies of `buffers` after the kernel has been interpreted on them.
inline Outcome run_interpreted(const loops::Kernel& kernel, const std::vector<Array>& buffers,
                               const std::vector<int64_t>& scalars) {
  Outcome outcome;
  runtime::Context context;
  loops::RunArgs args{.scalars = scalars, .fault = [&](int64_t site, int64_t element, int64_t value) {
                        context.report_fault({site, element, value});
                      }};
  for (const Array& buffer : buffers) {
    Array copy = outcome.buffers.emplace_back(buffer.clone());
    args.buffers.push_back({copy.bytes(), copy.num_elements()});
  }
  value_or_throw(loops::interpret(kernel, args));
  outcome.fault = context.fault();
  return outcome;
}

/// The same with compiled code, `threads` threads (1: no pool).
inline Outcome run_native(dlc_entry_fn entry, const std::vector<Array>& buffers, const std::vector<int64_t>& scalars,
                          runtime::ThreadPool* pool = nullptr) {
  Outcome outcome;
  runtime::Context context({.pool = pool});
  std::vector<void*> pointers;
  for (const Array& buffer : buffers) pointers.push_back(outcome.buffers.emplace_back(buffer.clone()).bytes());
  runtime::run_entry(entry, context, pointers.data(), scalars.data());
  outcome.fault = context.fault();
  return outcome;
}

/// Compiles the kernel alone and expects both ways to leave the same bits and the same fault.
inline void expect_same(const loops::Kernel& kernel, const std::vector<Array>& buffers,
                        const std::vector<int64_t>& scalars, const std::string& target = "host") {
  SCOPED_TRACE(target + "\n" + loops::print(kernel));
  value_or_throw(loops::verify(kernel));
  const auto program = value_or_throw(compile_native({&kernel, 1}, {}, options_for(target)));
  const Outcome expected = run_interpreted(kernel, buffers, scalars);
  runtime::ThreadPool two({.num_threads = 2}), four({.num_threads = 4});
  for (runtime::ThreadPool* pool : {static_cast<runtime::ThreadPool*>(nullptr), &two, &four}) {
    const Outcome found = run_native(program->kernel(kernel.name), buffers, scalars, pool);
    for (size_t i = 0; i < buffers.size(); ++i)
      EXPECT_TRUE(same_arrays(expected.buffers[i], found.buffers[i])) << "in buffer " << i;
    EXPECT_EQ(expected.fault, found.fault);
  }
}

/// The feature classes that this machine can run, "host" standing for the widest.
inline std::vector<std::string> targets_here() {
  std::vector<std::string> found = {"host"};
  if (runs_here("avx2")) found.emplace_back("sse2");
  if (runs_here("avx512")) found.emplace_back("avx2");
  return found;
}

}  // namespace dlc::backend::testing
