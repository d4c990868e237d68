// Rewrite patterns by the kind of their root, and the driver that applies them until none fires.
//
//   PatternSet set;
//   set.add("neg-neg", OpKind::kNeg, simplify_neg_neg);
//   bool changed = value(apply_patterns(function, set, context.rewrites));
#pragma once

#include <span>
#include <vector>

#include "ir/op.h"
#include "ir/rewriter.h"
#include "passes/rewrite_counter.h"
#include "support/expected.h"

namespace dlc::passes {

/// Rewrites at `root` and returns true, or changes nothing and returns false. The rewriter inserts
/// before `root`, with its provenance. New ops may only be made once the match is certain.
using PatternFunction = bool (*)(ir::Op& root, ir::Rewriter& rw);

struct Pattern {
  const char* name;  ///< "recognize-softmax-xent", for messages
  PatternFunction apply;
  /// What the ops that it matches become, for the fusion log: "softmax". Null: that is not told.
  const char* makes = nullptr;
};

class FusionLog;

class PatternSet {
 public:
  void add(const char* name, ir::OpKind root, PatternFunction apply, const char* makes = nullptr);
  /// In the order added.
  std::span<const Pattern> at(ir::OpKind root) const;
  size_t size() const { return size_; }

 private:
  std::vector<std::vector<Pattern>> by_root_;  ///< by the number of the kind
  size_t size_ = 0;
};

/// Applies the patterns to `function`, and to the regions in it, until none fires. Once one has
/// fired, ops without users are removed too. Returns whether anything fired; an Error (kInternal)
/// when the patterns undo each other without end. Stops where `rewrites` does.
/// `log`, when given, is told which ops became part of what.
Expected<bool> apply_patterns(ir::Function& function, const PatternSet& set, RewriteCounter& rewrites,
                              FusionLog* log = nullptr);

}  // namespace dlc::passes
