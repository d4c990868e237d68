#include "passes/pattern_set.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ir/op_def.h"
#include "passes/fusion/fusion_log.h"

namespace dlc::passes {

using ir::Function;
using ir::Op;
using ir::OpKind;
using ir::Value;

void PatternSet::add(const char* name, OpKind root, PatternFunction apply, const char* makes) {
  const auto kind = static_cast<size_t>(root);
  if (by_root_.size() <= kind) by_root_.resize(kind + 1);
  by_root_[kind].push_back({name, apply, makes});
  ++size_;
}

std::span<const Pattern> PatternSet::at(OpKind root) const {
  const auto kind = static_cast<size_t>(root);
  return kind < by_root_.size() ? std::span<const Pattern>(by_root_[kind]) : std::span<const Pattern>();
}

namespace {

class Driver {
 public:
  Driver(Function& function, const PatternSet& set, RewriteCounter& rewrites, FusionLog* log)
      : function_(function), set_(set), rewrites_(rewrites), log_(log), rw_(function) {
    rw_.on_changed = [this](Op& op) { push_with_new_operands(op); };
    rw_.on_erased = [this](Op& op) {
      if (op.scratch >= kQueued) worklist_[op.scratch - kQueued] = nullptr;
      if (log_) follow_into_composite(op);
      if (root_ == &op) root_ = nullptr;
      // An operand may have become dead, or have a single use now.
      for (const Value v : op.operands()) push(*v.op);
    };
  }

  Expected<bool> run() {
    bool any = false;
    // The worklist follows changes to neighbours; patterns that look deeper are found by going over
    // the whole function again until nothing fires.
    while (true) {
      for (const auto& op : function_.ops()) push(*op);
      DLC_ASSIGN_OR_RETURN(const bool changed, drain());
      any = any || changed;
      if (!changed) break;
    }
    for (const auto& op : function_.ops()) op->scratch = 0;
    for (const auto& op : function_.ops())
      for (const auto& region : op->regions()) {
        DLC_ASSIGN_OR_RETURN(const bool changed, Driver(*region, set_, rewrites_, log_).run());
        any = any || changed;
      }
    return any;
  }

 private:
  void push(Op& op) {
    if (op.is(OpKind::kParam) || op.is(OpKind::kReturn)) return;
    if (op.scratch >= kQueued) return;
    op.scratch = kQueued + static_cast<uint32_t>(worklist_.size());
    worklist_.push_back(&op);
  }

  /// An op is erased that a pattern replaces, or that has no use since: what only it read goes the same way.
  void follow_into_composite(const Op& op) {
    std::optional<Composite> composite;
    if (root_ == &op && makes_ != nullptr) composite = Composite{op.provenance().node(), makes_};
    if (const auto it = part_of_.find(&op); it != part_of_.end()) {
      if (root_ != &op) {
        composite = it->second;
        log_->became(op.provenance().node(), composite->node, composite->what);
      }
      part_of_.erase(it);
    }
    if (composite)
      for (const Value v : op.operands()) part_of_[v.op] = *composite;
  }

  void push_with_new_operands(Op& op) {
    if (op.is(OpKind::kParam)) return;
    const bool fresh = !op.is(OpKind::kReturn) && op.scratch == 0;
    push(op);
    if (fresh)
      for (const Value v : op.operands()) push_with_new_operands(*v.op);
  }

  Expected<bool> drain() {
    bool changed = false;
    for (size_t next = 0; next < worklist_.size(); ++next) {
      Op* const op = worklist_[next];
      if (op == nullptr) continue;  // erased since
      op->scratch = kSeen;
      // Only what a rewrite has made useless: changes beside the point would not be "unchanged".
      if (changed && op->unused() && !op->def().has_effects && op->num_results() > 0) {
        rw_.erase(*op);
        continue;
      }
      const std::span<const Pattern> patterns = set_.at(op->kind());
      if (patterns.empty()) continue;
      rw_.set_root(*op);
      for (const Pattern& pattern : patterns) {
        if (!rewrites_.may_rewrite()) break;
        rewrites_.consider(*op);
        root_ = op;
        makes_ = pattern.makes;
        if (!pattern.apply(*op, rw_)) continue;
        rewrites_.count(pattern.name);
        changed = true;
        if (++fired_ > limit())
          return make_error(ErrorCode::kInternal, "rewrite patterns do not settle in @{}; the last was '{}'",
                            function_.name(), pattern.name);
        // The root may be gone; if not, it comes again.
        if (root_ != nullptr) push(*root_);
        root_ = nullptr;
        break;
      }
    }
    worklist_.clear();
    return changed;
  }

  size_t limit() const { return 1000 + 100 * function_.num_ops(); }

  Function& function_;
  const PatternSet& set_;
  RewriteCounter& rewrites_;
  FusionLog* const log_;
  ir::Rewriter rw_;
  // Op::scratch: 0 for one that was never seen, kSeen, or kQueued plus its place in the worklist.
  static constexpr uint32_t kSeen = 1, kQueued = 2;
  std::vector<Op*> worklist_;    ///< in order; null where one was that is erased
  Op* root_ = nullptr;           ///< of the pattern that is applied; null when it is gone
  const char* makes_ = nullptr;  ///< Pattern::makes of that pattern
  size_t fired_ = 0;

  struct Composite {
    std::string node;
    const char* what = nullptr;
  };
  std::unordered_map<const Op*, Composite> part_of_;  ///< ops that a replaced one read; once erased, part of it
};

}  // namespace

Expected<bool> apply_patterns(Function& function, const PatternSet& set, RewriteCounter& rewrites, FusionLog* log) {
  return Driver(function, set, rewrites, log).run();
}

}  // namespace dlc::passes
