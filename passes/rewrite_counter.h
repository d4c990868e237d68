// RewriteCounter: numbers the rewrites of one compilation and stops them at a limit, so that a search
// can find the one that makes a result wrong (`dlc bisect`; after LLVM's -opt-bisect-limit).
//
//   for (Op& op : ops) {
//     if (!rewrites.may_rewrite()) break;
//     rewrites.consider(op);
//     if (simplify(op)) rewrites.count("neg-neg");
//   }
//
// A rewrite that the compilation can do without asks first; what is needed to get to kernels at all
// (autodiff, drop-pins, decompose, split-reductions, fuse with a region per op) neither asks nor counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ir/op.h"

namespace dlc::passes {

class RewriteCounter {
 public:
  /// Rewrites 1 to `limit` happen; with a negative limit all do.
  explicit RewriteCounter(int64_t limit = -1) : limit_(limit) {}

  bool may_rewrite() const { return count_ != limit_; }
  /// `op` may be rewritten next. It is remembered as text if that would be the last rewrite: the only
  /// one that anybody asks for, and afterwards the op may be gone.
  void consider(const ir::Op& op) {
    if (count_ + 1 == limit_) remember(op);
  }
  /// What was considered last was rewritten. `rewrite` is its name, "neg-neg".
  void count(std::string_view rewrite) {
    if (++count_ == limit_) describe(rewrite);
  }
  /// The rewrites that follow are of this pass.
  void begin_pass(const char* name) { pass_ = name; }

  int64_t num_rewrites() const { return count_; }
  /// The rewrite at the limit: "cse: merge-equal at add(%0, %1) : f32[4] of node 'loss' (a.dlc:3:5)";
  /// empty when the limit was not reached.
  const std::string& last() const { return last_; }

 private:
  void remember(const ir::Op& op);
  void describe(std::string_view rewrite);

  int64_t limit_;
  int64_t count_ = 0;
  const char* pass_ = "";
  std::string root_, last_;
};

}  // namespace dlc::passes
