// For tests of Session: the Error that a call throws, and the bits of all variables.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "frontend/dlc.h"

namespace dlc::testing {

/// The Error that `f` throws.
template <typename F>
Error error_of(F&& f) {
  try {
    std::forward<F>(f)();
  } catch (const Exception& e) {
    return e.error();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// Copies of the values of all initialised variables of the session's graph.
inline std::vector<std::pair<Tensor, Array>> snapshot(const Session& session) {
  std::vector<std::pair<Tensor, Array>> values;
  for (const Tensor& v : session.graph().variables())
    if (session.is_initialized(v)) values.emplace_back(v, session.value(v));
  return values;
}

/// Fails for each variable whose bits are no longer those of `before`.
inline void expect_unchanged(const Session& session, const std::vector<std::pair<Tensor, Array>>& before) {
  for (const auto& [variable, value] : before)
    EXPECT_TRUE(session.value(variable).identical(value)) << variable.name() << " has changed";
}

}  // namespace dlc::testing
