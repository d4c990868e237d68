// canonicalize: the rewrite patterns of this folder, until none fires.
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

PatternSet all_families() {
  PatternSet set;
  return set;
}

}  // namespace

Expected<bool> run_canonicalize(ir::Function& function, PassContext&) {
  static const PatternSet set = all_families();
  return apply_patterns(function, set);
}

}  // namespace dlc::passes
