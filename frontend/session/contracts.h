// Contracts of performance, for tests of your own: each throws kFailedPrecondition with the reason and
// the remedy when it is broken, which any test framework prints.
//
//   const Explanation why = session.explain({train}, {{x, {kFloat32, {64, 784}}}, {labels, {kInt32, {64}}}});
//   require_fused(why, "matmul", "h1");
//   require_working_memory(why, 4 << 20);
//
//   const SessionStats before = session.stats();
//   for (const Batch& b : batches) session.run(train, {{x, b.x}, {labels, b.labels}});
//   require_compilations(before, session.stats(), 1);
#pragma once

#include <string_view>

#include "frontend/session/explain.h"
#include "frontend/session/session.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Nodes `a` and `b` share a kernel. kNotFound for a node that nothing is computed for.
void require_fused(const Explanation& why, std::string_view a, std::string_view b);
/// The step is at most so many kernel calls; the reason is each place at which kernels part.
void require_kernels(const Explanation& why, int most);
/// Nothing is copied, and no variable is updated through a second buffer.
void require_no_copies(const Explanation& why);
/// A run needs at most so many bytes beside feeds, results and variables; the reason is what takes them
/// when most are in use.
void require_working_memory(const Explanation& why, int64_t most_bytes);
/// Between two looks at a session's statistics at most so many programs were compiled; the reasons are
/// those of the compilations.
void require_compilations(const SessionStats& before, const SessionStats& after, int64_t most);

}  // namespace dlc DLC_PUBLIC
