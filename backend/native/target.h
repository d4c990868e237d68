// Targets by name, as far as dlc itself must know them: what the passes and schedules ask
// (ir::Target), and whether their code runs on this machine.
#pragma once

#include <string_view>

#include "ir/target.h"
#include "support/expected.h"

namespace dlc::backend {

/// "host": all that this machine can; or a feature class: "sse2", "avx2" (with FMA), "avx512".
/// kInvalidArgument for other names. Its `name` identifies the machine's features among caches.
Expected<ir::Target> native_target(std::string_view name);
/// native_target("host").
const ir::Target& host_target();
/// Whether code for the target runs on this machine. False for unknown names.
bool runs_here(std::string_view target);

}  // namespace dlc::backend
