// cse: of ops that compute the same, the first stays.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "ir/op_def.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "passes/simplify/families.h"
#include "support/philox.h"

namespace dlc::passes {
namespace {

using ir::Attr;
using ir::Dim;
using ir::Dims;
using ir::Function;
using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Value;

void mix(size_t& seed, size_t h) { seed ^= h + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2); }

size_t hash_attr(const Attr& attr) {
  return std::visit(
      []<typename T>(const T& value) -> size_t {
        size_t h = 0;
        if constexpr (std::is_same_v<T, Ints>) {
          for (const int64_t i : value) mix(h, static_cast<size_t>(i));
        } else if constexpr (std::is_same_v<T, Dims>) {
          for (const Dim& d : value) mix(h, d.is_constant() ? static_cast<size_t>(d.constant()) : 0);
        } else if constexpr (std::is_same_v<T, Array>) {
          h = std::hash<std::string_view>()({reinterpret_cast<const char*>(value.bytes()), value.num_bytes()});
        } else {
          h = std::hash<T>()(value);
        }
        return h;
      },
      attr);
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

/// Bodies of regions, as text without places.
std::string region_text(const Op& op) {
  std::string out;
  for (const auto& region : op.regions()) out += print(*region, {.locations = false});
  return out;
}

/// The same for the operands of a commutative op in either order.
size_t hash_operands(const Op& op) {
  size_t h = 0;
  for (const Value v : op.operands()) {
    if (op.def().commutative)
      h += std::hash<Value>()(v);
    else
      mix(h, std::hash<Value>()(v));
  }
  return h;
}

size_t hash_op(const Op& op) {
  auto h = static_cast<size_t>(op.kind());
  mix(h, hash_operands(op));
  for (const auto& [name, attr] : op.attrs()) mix(h, hash_attr(attr));
  return mix64(h);  // addresses differ in their upper bits, the table looks at the lower ones
}

bool equal_operands(const Op& a, const Op& b) {
  const std::span<const Value> x = a.operands(), y = b.operands();
  if (std::equal(x.begin(), x.end(), y.begin(), y.end())) return true;
  return a.def().commutative && x.size() == 2 && y.size() == 2 && x[0] == y[1] && x[1] == y[0];
}

bool equal_ops(const Op& a, const Op& b) {
  if (a.kind() != b.kind() || a.num_results() != b.num_results() || !equal_operands(a, b)) return false;
  for (int i = 0; i < a.num_results(); ++i)
    if (a.type(i) != b.type(i)) return false;
  const bool same_attrs =
      std::equal(a.attrs().begin(), a.attrs().end(), b.attrs().begin(), b.attrs().end(),
                 [](const auto& x, const auto& y) { return x.first == y.first && attr_equal(x.second, y.second); });
  return same_attrs && (a.regions().empty() || region_text(a) == region_text(b));
}

/// The ops that are kept, by hash: a table of open addresses, a quarter to a half full.
class Kept {
 public:
  explicit Kept(size_t most) : slots_(std::bit_ceil(2 * most + 2)) {}
  /// An op that computes the same, or `op`, which is kept from now on.
  Op& equal_or_keep(Op& op) {
    const size_t hash = hash_op(op);
    size_t at = hash % slots_.size();
    for (; slots_[at].op != nullptr; at = (at + 1) % slots_.size())
      if (slots_[at].hash == hash && equal_ops(*slots_[at].op, op)) return *slots_[at].op;
    slots_[at] = {hash, &op};
    return op;
  }

 private:
  struct Slot {
    size_t hash = 0;
    Op* op = nullptr;
  };
  std::vector<Slot> slots_;
};

bool merge_equal_ops(Function& function, RewriteCounter& rewrites) {
  ir::Rewriter rw(function);
  Kept kept(function.num_ops());
  bool changed = false;
  for (auto it = function.ops().begin(); it != function.ops().end();) {
    Op& op = **it++;
    for (const auto& region : op.regions()) changed |= merge_equal_ops(*region, rewrites);
    if (!may_merge(op) || !rewrites.may_rewrite()) continue;
    Op& first = kept.equal_or_keep(op);
    if (&first == &op) continue;
    std::vector<Value> values;
    for (int i = 0; i < op.num_results(); ++i) values.push_back(first.result(i));
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
