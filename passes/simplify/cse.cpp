// cse: of ops that compute the same, the first stays.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "ir/op_def.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "passes/simplify/families.h"

namespace dlc::passes {
namespace {

using ir::Attr;
using ir::Function;
using ir::Op;
using ir::OpKind;
using ir::Value;

void mix(size_t& seed, size_t h) { seed ^= h + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2); }

size_t hash_attr(const Attr& attr) {
  const auto* array = std::get_if<Array>(&attr);
  if (array == nullptr) return std::hash<std::string>()(attr_str(attr));
  const std::string_view bytes(reinterpret_cast<const char*>(array->bytes()), array->num_bytes());
  return std::hash<std::string_view>()(bytes);
}

/// pin and its kin keep apart, until differentiation, what would be one value (SEMANTICS).
bool may_merge(const Op& op) {
  switch (op.kind()) {
    case OpKind::kPin:
    case OpKind::kOverride:
    case OpKind::kGradients: return false;
    default: return !op.def().has_effects && op.num_results() > 0;
  }
}

/// Operands as they count for equality: those of a commutative op in a fixed order.
std::vector<Value> key_operands(const Op& op) {
  std::vector<Value> out(op.operands().begin(), op.operands().end());
  // Any fixed order does: both ops see the same addresses in one run of the pass.
  if (op.def().commutative && out.size() == 2 &&
      (std::less<const Op*>()(out[1].op, out[0].op) || (out[0].op == out[1].op && out[1].index < out[0].index)))
    std::swap(out[0], out[1]);
  return out;
}

/// Bodies of regions, as text without places.
std::string region_text(const Op& op) {
  std::string out;
  for (const auto& region : op.regions()) out += print(*region, {.locations = false});
  return out;
}

struct OpHash {
  size_t operator()(const Op* op) const {
    auto h = static_cast<size_t>(op->kind());
    for (const Value v : key_operands(*op)) mix(h, std::hash<Value>()(v));
    for (const auto& [name, attr] : op->attrs()) mix(h, hash_attr(attr));
    return h;
  }
};

struct OpEqual {
  bool operator()(const Op* a, const Op* b) const {
    if (a->kind() != b->kind() || a->num_results() != b->num_results()) return false;
    if (key_operands(*a) != key_operands(*b)) return false;
    for (int i = 0; i < a->num_results(); ++i)
      if (a->type(i) != b->type(i)) return false;
    const bool same_attrs =
        std::equal(a->attrs().begin(), a->attrs().end(), b->attrs().begin(), b->attrs().end(),
                   [](const auto& x, const auto& y) { return x.first == y.first && attr_equal(x.second, y.second); });
    return same_attrs && (a->regions().empty() || region_text(*a) == region_text(*b));
  }
};

bool merge_equal_ops(Function& function, RewriteCounter& rewrites) {
  ir::Rewriter rw(function);
  std::unordered_map<const Op*, Op*, OpHash, OpEqual> seen;
  bool changed = false;
  for (auto it = function.ops().begin(); it != function.ops().end();) {
    Op& op = **it++;
    for (const auto& region : op.regions()) changed |= merge_equal_ops(*region, rewrites);
    if (!may_merge(op) || !rewrites.may_rewrite()) continue;
    const auto [place, fresh] = seen.emplace(&op, &op);
    if (fresh) continue;
    std::vector<Value> values;
    for (int i = 0; i < op.num_results(); ++i) values.push_back(place->second->result(i));
    rewrites.consider(op);
    rw.replace(op, values);
    rewrites.count("merge-equal");
    changed = true;
  }
  return changed;
}

}  // namespace

Expected<bool> run_cse(Function& function, PassContext& context) { return merge_equal_ops(function, context.rewrites); }

}  // namespace dlc::passes
