// The machine code of a program by the names of the user's nodes, for debuggers and profilers.
#pragma once

#include <span>
#include <vector>

#include "backend/code_names.h"
#include "backend/native/native.h"
#include "backend/plan/plan.h"

namespace dlc::backend {

/// A kernel is "h1 (+2 more)", what runs one chunk of it "h1 (+2 more) chunk", the step "@step". Where
/// several calls share a kernel it has the name of the first; each node that a kernel computes is another
/// name for it.
std::vector<NamedCode> name_code(const Plan& plan, const NativeProgram& native);

/// Adds a line for each function to /tmp/perf-PID.map, which `perf` reads. Thread-safe. A map that cannot
/// be written is none: it is for people who look on.
void write_perf_map(std::span<const NamedCode> code);

}  // namespace dlc::backend
