// slice, pad, concat and reverse: nothing done, undone, or done twice.
#include <algorithm>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Dim;
using ir::Dims;
using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

bool all_are(const Dims& dims, int64_t value) {
  return std::all_of(dims.begin(), dims.end(), [&](const Dim& d) { return d.is(value); });
}
bool all_are(const Ints& ints, int64_t value) {
  return std::all_of(ints.begin(), ints.end(), [&](int64_t i) { return i == value; });
}

/// Pattern: slice(x) -> x   [all of it]
bool slice_of_all(Op& root, Rewriter& rw) {
  const bool all = all_are(root.dims_attr("start"), 0) && all_are(root.ints_attr("strides"), 1) &&
                   root.dims_attr("limit") == root.operand(0).dims();
  return all && replace_by(root, root.operand(0), rw);
}

/// Pattern: slice(slice(x)) -> slice(x)   [the inner one without strides]
bool slice_of_slice(Op& root, Rewriter& rw) {
  Op* inner = nullptr;
  Value x;
  if (!m::op<OpKind::kSlice>(m::op<OpKind::kSlice>(m::any(x)).bind(inner)).match(root)) return false;
  if (!all_are(inner->ints_attr("strides"), 1)) return false;
  Dims start = inner->dims_attr("start"), limit = start;
  for (size_t i = 0; i < start.size(); ++i) {
    start[i] = start[i] + root.dims_attr("start")[i];
    limit[i] = limit[i] + root.dims_attr("limit")[i];
  }
  rw.replace(root, rw.slice(x, std::move(start), std::move(limit), root.ints_attr("strides")));
  return true;
}

/// Pattern: slice(broadcast(s)) -> broadcast(s)   [s of rank 0]
bool slice_of_scalar(Op& root, Rewriter& rw) {
  const Value broadcast = root.operand(0);
  if (!broadcast.is(OpKind::kBroadcast) || broadcast.op->operand(0).rank() != 0) return false;
  rw.replace(root, rw.broadcast(broadcast.op->operand(0), root.type().dims, {}));
  return true;
}

/// Pattern: slice(concat(xs)) -> slice(x)   [the range lies in one operand]
/// The gradients of concat are such slices, and so are those of split.
bool slice_of_concat(Op& root, Rewriter& rw) {
  const Value whole = root.operand(0);
  if (!whole.is(OpKind::kConcat)) return false;
  const auto axis = static_cast<size_t>(whole.op->int_attr("axis"));
  Dims start = root.dims_attr("start"), limit = root.dims_attr("limit");
  Dim offset = 0;
  for (const Value x : whole.op->operands()) {
    const Dim end = offset + x.dims()[axis];
    const bool inside = (start[axis] - offset).known_nonnegative() && (end - limit[axis]).known_nonnegative();
    // Other axes may be spelt otherwise than those of the whole.
    Dims dims = x.dims();
    dims[axis] = whole.dims()[axis];
    if (inside && dims == whole.dims()) {
      start[axis] = start[axis] - offset;
      limit[axis] = limit[axis] - offset;
      rw.replace(root, rw.slice(x, std::move(start), std::move(limit), root.ints_attr("strides")));
      return true;
    }
    offset = end;
  }
  return false;
}

/// Pattern: slice(pad(x)) -> x   [just what was padded]
bool slice_of_pad(Op& root, Rewriter& rw) {
  const Value padded = root.operand(0);
  if (!padded.is(OpKind::kPad) || !all_are(root.ints_attr("strides"), 1)) return false;
  const Op& pad = *padded.op;
  const Value x = pad.operand(0);
  if (!all_are(pad.ints_attr("interior"), 0) || root.dims_attr("start") != pad.dims_attr("low")) return false;
  for (size_t i = 0; i < x.dims().size(); ++i)
    if (!(root.dims_attr("limit")[i] == pad.dims_attr("low")[i] + x.dims()[i])) return false;
  return replace_by(root, x, rw);
}

/// Pattern: pad(x) -> x   [by nothing]
bool pad_by_nothing(Op& root, Rewriter& rw) {
  const bool nothing =
      all_are(root.dims_attr("low"), 0) && all_are(root.dims_attr("high"), 0) && all_are(root.ints_attr("interior"), 0);
  return nothing && replace_by(root, root.operand(0), rw);
}

/// Pattern: pad(broadcast(c), c) -> broadcast(c)   [c a constant]
bool pad_of_its_value(Op& root, Rewriter& rw) {
  const std::optional<double> x = splat_value(root.operand(0));
  if (!x || !is_splat(root.operand(1), *x)) return false;
  rw.replace(root, rw.broadcast(root.operand(1), root.type().dims, {}));
  return true;
}

/// Pattern: concat(x) -> x
bool concat_of_one(Op& root, Rewriter& rw) { return root.num_operands() == 1 && replace_by(root, root.operand(0), rw); }

/// Pattern: concat(concat(a, b), c, empty) -> concat(a, b, c)   [of one axis; operands of size 0 go]
bool concat_of_concat(Op& root, Rewriter& rw) {
  const int64_t axis = root.int_attr("axis");
  std::vector<Value> flat;
  for (const Value x : root.operands()) {
    if (x.is(OpKind::kConcat) && x.op->int_attr("axis") == axis)
      flat.insert(flat.end(), x.op->operands().begin(), x.op->operands().end());
    else if (!x.type().dim(axis).is(0))
      flat.push_back(x);
  }
  if (flat.empty() || std::equal(flat.begin(), flat.end(), root.operands().begin(), root.operands().end()))
    return false;
  // The dims are those of the first operand where no operand has a number: it must still say the same.
  for (const Value x : flat) {
    Dims dims = x.dims();
    dims[static_cast<size_t>(axis)] = root.type().dim(axis);
    if (dims != root.type().dims) return false;
  }
  rw.replace(root, rw.concat(flat, axis));
  return true;
}

/// Pattern: concat(slice(x), slice(x), ...) -> slice(x)   [each begins where the last ended]
/// A split put together again.
bool concat_of_slices(Op& root, Rewriter& rw) {
  const auto axis = static_cast<size_t>(root.int_attr("axis"));
  if (root.num_operands() < 2) return false;
  const auto is_plain = [](Value v) { return v.is(OpKind::kSlice) && all_are(v.op->ints_attr("strides"), 1); };
  if (!is_plain(root.operand(0))) return false;
  const Op& first = *root.operand(0).op;
  Dims start = first.dims_attr("start"), limit = first.dims_attr("limit");
  for (const Value v : root.operands().subspan(1)) {
    if (!is_plain(v) || v.op->operand(0) != first.operand(0)) return false;
    Dims expected_start = start, expected_limit = limit;
    expected_start[axis] = limit[axis];
    expected_limit[axis] = v.op->dims_attr("limit")[axis];
    if (v.op->dims_attr("start") != expected_start || v.op->dims_attr("limit") != expected_limit) return false;
    limit = std::move(expected_limit);
  }
  rw.replace(root, rw.slice(first.operand(0), std::move(start), std::move(limit), first.ints_attr("strides")));
  return true;
}

/// Pattern: reverse(reverse(x)) -> reverse(x)   [over the axes that one of them has]
bool reverse_of_reverse(Op& root, Rewriter& rw) {
  Op* inner = nullptr;
  Value x;
  if (!m::op<OpKind::kReverse>(m::op<OpKind::kReverse>(m::any(x)).bind(inner)).match(root)) return false;
  const Ints &a = root.ints_attr("axes"), &b = inner->ints_attr("axes");
  Ints axes;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(axes));
  rw.replace(root, axes.empty() ? x : rw.op(OpKind::kReverse, {x}, {{"axes", axes}}));
  return true;
}

/// Pattern: reverse(x) -> reverse(x) over fewer axes, or x   [axes of size 1, axes that were broadcast]
bool reverse_of_repeated(Op& root, Rewriter& rw) {
  const Value x = root.operand(0);
  Ints axes;
  for (const int64_t axis : root.ints_attr("axes")) {
    bool repeated = x.type().dim(axis).is(1);
    if (x.is(OpKind::kBroadcast)) {
      const Ints& from = x.op->ints_attr("axes");
      const auto source = std::find(from.begin(), from.end(), axis);
      repeated = repeated || source == from.end() || x.op->operand(0).type().dim(source - from.begin()).is(1);
    }
    if (!repeated) axes.push_back(axis);
  }
  if (axes == root.ints_attr("axes") && !axes.empty()) return false;
  rw.replace(root, axes.empty() ? x : rw.op(OpKind::kReverse, {x}, {{"axes", axes}}));
  return true;
}

}  // namespace

void add_slice_patterns(PatternSet& set) {
  set.add("slice-of-all", OpKind::kSlice, slice_of_all);
  set.add("slice-of-slice", OpKind::kSlice, slice_of_slice);
  set.add("slice-of-scalar", OpKind::kSlice, slice_of_scalar);
  set.add("slice-of-concat", OpKind::kSlice, slice_of_concat);
  set.add("slice-of-pad", OpKind::kSlice, slice_of_pad);
  set.add("pad-by-nothing", OpKind::kPad, pad_by_nothing);
  set.add("pad-of-its-value", OpKind::kPad, pad_of_its_value);
  set.add("concat-of-one", OpKind::kConcat, concat_of_one);
  set.add("concat-of-concat", OpKind::kConcat, concat_of_concat);
  set.add("concat-of-slices", OpKind::kConcat, concat_of_slices);
  set.add("reverse-of-reverse", OpKind::kReverse, reverse_of_reverse);
  set.add("reverse-of-repeated", OpKind::kReverse, reverse_of_repeated);
}

}  // namespace dlc::passes
