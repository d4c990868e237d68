// Explanation: what was decided on the way to a program, and why, in words. The reasons are those
// that the deciding code wrote down (passes/fusion, backend/plan).
//
//   DLC_ASSIGN_OR_RETURN(const Explanation why, explain(std::move(function), options));
//   fmt::print("{}", why.memory());
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "passes/fusion/fusion_log.h"
#include "support/expected.h"
#include "support/visibility.h"

namespace dlc::backend {

struct DLC_PUBLIC Explanation {
  struct Kernel {
    std::string name;                ///< of the machine code
    std::vector<std::string> nodes;  ///< the user's, in program order
    int64_t flops = 0, bytes = 0;    ///< of one call (backend/plan/cost.h)
  };
  struct Buffer {
    std::string node;  ///< whose value it holds first
    std::string type;  ///< "f32[32768]"
    int64_t bytes = 0;
    int first_call = 0, last_call = 0;  ///< calls between which it lives
    bool in_arena = false;              ///< else the caller's or the session's: feeds, results, variables
  };

  std::string program;
  passes::FusionLog fusion;
  std::vector<Kernel> kernels;  ///< one a call of the step, in order
  std::vector<Buffer> buffers;
  std::vector<passes::Copied> copies;
  int64_t arena_bytes = 0;  ///< working memory of one run

  /// Whether the nodes share a kernel, and if not, why and what can be done. kNotFound for a node that
  /// nothing is computed for.
  Expected<std::string> why_not_fused(std::string_view a, std::string_view b) const;
  /// The calls that compute a node. kNotFound likewise.
  Expected<std::string> kernels_of(std::string_view node) const;
  /// A line for each call: number, nodes, work.
  std::string kernel_table() const;
  /// Every place at which two nodes part.
  std::string partings() const;
  /// Why there are copies and second buffers; "" when there are none.
  std::string copy_reasons() const;
  /// The largest values at the moment at which most memory is in use, and what the caller holds.
  std::string memory() const;
  /// All of it.
  std::string str() const;
};

/// "1.5 KiB".
std::string bytes_str(int64_t bytes);
/// "12.3 MFLOP".
std::string flops_str(int64_t flops);
/// "h1 (+2 more)": the last of the nodes, which is what the kernel is for, and how many more.
std::string nodes_label(const std::vector<std::string>& nodes);

}  // namespace dlc::backend
