// Conversions that undo or repeat each other.
#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// Every value of `from` is a value of `to`.
bool is_lossless(DType from, DType to) {
  if (from == to || from == kBool) return true;
  if (from == kFloat32) return to == kFloat64;
  if (from == kFloat64) return false;
  const size_t bytes = size_of(from);
  if (to == kFloat32) return bytes == 1;
  if (to == kFloat64) return bytes <= 4;
  if (to == kBool) return false;
  return size_of(to) > bytes && (is_unsigned_int(from) || is_signed_int(to));
}

/// Pattern: convert(x) -> x   [to its own type]
bool convert_to_itself(Op& root, Rewriter& rw) { return replace_by(root, root.operand(0), rw); }

/// Pattern: convert(convert(x)) -> convert(x), or x when that is its type   [the first loses nothing]
/// Not from integer through float to another integer: that saturates where the direct way wraps.
bool convert_of_convert(Op& root, Rewriter& rw) {
  Value x;
  if (!m::convert(m::convert(m::any(x))).match(root)) return false;
  const DType from = x.dtype(), between = root.operand(0).dtype(), to = root.type().dtype;
  if (!is_lossless(from, between)) return false;
  if (from == to) return replace_by(root, x, rw);
  if (is_int(from) && is_float(between) && is_int(to)) return false;
  rw.replace(root, rw.convert(x, to));
  return true;
}

/// Pattern: bool: compare_ne(convert(x), 0) -> x; compare_eq(convert(x), 0) -> not(x)
/// Masks that were made numbers and are asked again.
bool compare_of_converted_bool(Op& root, Rewriter& rw) {
  Value x;
  if (!m::compare(m::convert(m::any(x)), m::splat(0.0)).match(root) || x.type() != root.type()) return false;
  const std::string& direction = root.str_attr("direction");
  if (direction == "ne") return replace_by(root, x, rw);
  if (direction != "eq") return false;
  rw.replace(root, rw.logical_not(x));
  return true;
}

/// Pattern: bitcast(x) -> x   [to its own type]; bitcast(bitcast(x)) -> bitcast(x)
bool bitcast_chain(Op& root, Rewriter& rw) {
  if (replace_by(root, root.operand(0), rw)) return true;
  Value x;
  if (!m::op<OpKind::kBitcast>(m::op<OpKind::kBitcast>(m::any(x))).match(root)) return false;
  if (replace_by(root, x, rw)) return true;
  rw.replace(root, rw.create_like(root, {&x, 1})->result());
  return true;
}

}  // namespace

void add_conversion_patterns(PatternSet& set) {
  set.add("convert-to-itself", OpKind::kConvert, convert_to_itself);
  set.add("convert-of-convert", OpKind::kConvert, convert_of_convert);
  set.add("compare-of-converted-bool", OpKind::kCompare, compare_of_converted_bool);
  set.add("bitcast-chain", OpKind::kBitcast, bitcast_chain);
}

}  // namespace dlc::passes
