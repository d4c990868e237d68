// dot_general: products summed over pairs of axes; matrix products of all kinds.
#include <algorithm>

#include "ir/ops/combine.h"
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

/// The axes that are neither batch nor contracted, ascending.
Ints free_axes(const Ints& batch, const Ints& contract, int64_t rank) {
  Ints used = batch;
  used.insert(used.end(), contract.begin(), contract.end());
  return other_axes(used, rank);
}

Expected<void> check_axes(const InferContext& c, const std::string& side, int operand) {
  const Ints &batch = c.attr<Ints>(side + "_batch"), &contract = c.attr<Ints>(side + "_contract");
  Ints used = batch;
  used.insert(used.end(), contract.begin(), contract.end());
  std::sort(used.begin(), used.end());
  const bool in_range = used.empty() || (used.front() >= 0 && used.back() < c.operand(operand).rank());
  if (!in_range || std::adjacent_find(used.begin(), used.end()) != used.end())
    return c.error("dot_general_c2", "'{0}_batch' {1} and '{0}_contract' {2} need axes of {3}, each once", side,
                   attr_str(Attr(batch)), attr_str(Attr(contract)), c.operand(operand));
  return {};
}

Expected<void> check_pairs(const InferContext& c, const char* constraint, const std::string& which) {
  const TensorType &lhs = c.operand(0), &rhs = c.operand(1);
  const Ints &l = c.attr<Ints>("lhs_" + which), &r = c.attr<Ints>("rhs_" + which);
  if (l.size() != r.size())
    return c.error(constraint, "'lhs_{0}' {1} and 'rhs_{0}' {2} need as many axes", which, attr_str(Attr(l)),
                   attr_str(Attr(r)));
  for (size_t i = 0; i < l.size(); ++i)
    DLC_RETURN_IF_ERROR(
        c.require_equal(constraint, lhs.dim(l[i]), rhs.dim(r[i]),
                        fmt::format("axis {} of lhs {} and axis {} of rhs {} need one size", l[i], lhs, r[i], rhs)));
  return {};
}

Expected<std::vector<TensorType>> infer_dot_general(const InferContext& c) {
  const TensorType &lhs = c.operand(0), &rhs = c.operand(1);
  DLC_RETURN_IF_ERROR(c.same_types("dot_general_c1", 0, 1));
  DLC_RETURN_IF_ERROR(check_axes(c, "lhs", 0));
  DLC_RETURN_IF_ERROR(check_axes(c, "rhs", 1));
  DLC_RETURN_IF_ERROR(check_pairs(c, "dot_general_c3", "batch"));
  DLC_RETURN_IF_ERROR(check_pairs(c, "dot_general_c4", "contract"));
  Dims dims;
  for (const int64_t axis : c.attr<Ints>("lhs_batch")) dims.push_back(lhs.dim(axis));
  for (const int64_t axis : free_axes(c.attr<Ints>("lhs_batch"), c.attr<Ints>("lhs_contract"), lhs.rank()))
    dims.push_back(lhs.dim(axis));
  for (const int64_t axis : free_axes(c.attr<Ints>("rhs_batch"), c.attr<Ints>("rhs_contract"), rhs.rank()))
    dims.push_back(rhs.dim(axis));
  return std::vector{lhs.with(std::move(dims))};
}

/// One side as the gradient rule sees it.
struct Side {
  Value value;
  Ints batch, contract, free;
};

/// dself: dy times the other side, contracted over the other's free axes, which start at axis
/// `other_free` of dy. That product has the axes [batch, self's free, other's contracted ones in
/// their order]; they go back to their places in self.
Value gradient_of(Builder& b, Value dy, const Side& self, const Side& other, int64_t other_free) {
  const auto num_batch = static_cast<int64_t>(self.batch.size());
  Ints contracted(other.free.size());
  for (size_t i = 0; i < contracted.size(); ++i) contracted[i] = other_free + static_cast<int64_t>(i);
  const Value grad =
      b.dot_general(dy, other.value, all_axes(num_batch), other.batch, std::move(contracted), other.free);

  Ints axis_of_self = self.batch;
  axis_of_self.insert(axis_of_self.end(), self.free.begin(), self.free.end());
  Ints by_place = other.contract;
  std::sort(by_place.begin(), by_place.end());
  for (const int64_t axis : by_place) {
    const auto pair = std::find(other.contract.begin(), other.contract.end(), axis) - other.contract.begin();
    axis_of_self.push_back(self.contract[static_cast<size_t>(pair)]);
  }
  Ints permutation(axis_of_self.size());
  for (size_t i = 0; i < axis_of_self.size(); ++i)
    permutation[static_cast<size_t>(axis_of_self[i])] = static_cast<int64_t>(i);
  // Contracted sizes of both sides may be spelt differently where they were required to be equal.
  return b.reshape(b.transpose(grad, std::move(permutation)), self.value.dims());
}

Gradients grad_dot_general(GradContext& g) {
  const Op& op = g.op();
  const auto side = [&](int i, const std::string& name) {
    const Ints &batch = op.ints_attr(name + "_batch"), &contract = op.ints_attr(name + "_contract");
    return Side{g.operand(i), batch, contract, free_axes(batch, contract, g.operand(i).rank())};
  };
  const Side lhs = side(0, "lhs"), rhs = side(1, "rhs");
  const auto num_batch = static_cast<int64_t>(lhs.batch.size());
  const auto num_free = static_cast<int64_t>(lhs.free.size());
  const Value dy = g.result_grad();
  Gradients out(2);
  if (g.needed(0)) out[0] = gradient_of(g.b, dy, lhs, rhs, num_batch + num_free);
  if (g.needed(1)) out[1] = gradient_of(g.b, dy, rhs, lhs, num_batch);
  return out;
}

/// The operand with its axes in the order [batch, free, contracted].
Array arranged(const Array& x, const Ints& batch, const Ints& contract) {
  Ints order = batch;
  const Ints free = free_axes(batch, contract, x.rank());
  order.insert(order.end(), free.begin(), free.end());
  order.insert(order.end(), contract.begin(), contract.end());
  const Shape strides = row_major_strides(x.shape());
  StridedView view;
  Shape shape;
  for (const int64_t axis : order) {
    shape.push_back(x.dim(axis));
    view.strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  Array y = Array::uninitialized(x.dtype(), shape);
  strided_copy(x, view, y, whole(y), shape);
  return y;
}

std::vector<Array> reference_dot_general(const ReferenceContext& c) {
  const Ints &lhs_batch = c.op.ints_attr("lhs_batch"), &lhs_contract = c.op.ints_attr("lhs_contract");
  const Array lhs = arranged(c.operands[0], lhs_batch, lhs_contract);
  const Array rhs = arranged(c.operands[1], c.op.ints_attr("rhs_batch"), c.op.ints_attr("rhs_contract"));
  const std::span<const int64_t> lhs_shape(lhs.shape()), rhs_shape(rhs.shape());
  const size_t num_batch = lhs_batch.size(), num_contract = lhs_contract.size();
  const int64_t batch = num_elements(lhs_shape.first(num_batch)), k = num_elements(lhs_shape.last(num_contract));
  const int64_t m = num_elements(lhs_shape.subspan(num_batch, lhs_shape.size() - num_batch - num_contract));
  const int64_t n = num_elements(rhs_shape.subspan(num_batch, rhs_shape.size() - num_batch - num_contract));
  Array y = c.make_result();
  dispatch(lhs.dtype(), [&]<typename T>() {
    using A = Accumulator<T>;
    const T *a = lhs.data<T>().data(), *b = rhs.data<T>().data();
    T* to = y.data<T>().data();
    for (int64_t i = 0; i < batch * m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        const T *row = a + i * k, *column = b + (i / m * n + j) * k;
        A sum{};
        for (int64_t p = 0; p < k; ++p) sum = wrapping_add<A>(sum, wrapping_mul<A>(row[p], column[p]));
        to[i * n + j] = static_cast<T>(sum);
      }
  });
  return {y};
}

}  // namespace

OpDef dot_general_op() {
  return {
      .doc =
          "The sum over the pairs of contracted axes of products, for each index of the pairs of batch "
          "axes. Result axes: batch, then the free axes of lhs, then those of rhs, in their order. "
          "Integers wrap; the reference carries f32 in f64.",
      .operands = {{"lhs", TypeClass::kNumeric, "any shape"}, {"rhs", TypeClass::kNumeric, "type of lhs"}},
      .attrs = {{"lhs_batch", Ints{}, true, "batch axes of lhs"},
                {"rhs_batch", Ints{}, true, "their partners in rhs"},
                {"lhs_contract", Ints{}, false, "contracted axes of lhs"},
                {"rhs_contract", Ints{}, false, "their partners in rhs"}},
      .fusion = FusionKind::kContraction,
      // dot_general_c1: one element type; dot_general_c2: axes in range, each once; dot_general_c3:
      // batch axes pair up; dot_general_c4: contracted axes pair up
      .infer = infer_dot_general,
      .gradient = grad_dot_general,
      .reference = reference_dot_general,
  };
}

}  // namespace dlc::ir
