#include "passes/rewrite_counter.h"

#include "ir/printer.h"

namespace dlc::passes {

void RewriteCounter::remember(const ir::Op& op) {
  root_ = print(op);
  if (!op.provenance().node().empty()) root_ += fmt::format(", node '{}'", op.provenance().node());
  if (op.provenance().loc().known()) root_ += fmt::format(" ({})", op.provenance().loc().str());
}

void RewriteCounter::describe(std::string_view rewrite) { last_ = fmt::format("{}: {} at {}", pass_, rewrite, root_); }

}  // namespace dlc::passes
