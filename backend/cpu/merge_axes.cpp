// Merging adjacent axes of an element-wise region. Every value is given the iteration axes that its
// own axes run along; two neighbours merge when each value runs along both of them or neither.
#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "backend/cpu/element_table.h"
#include "backend/cpu/kernels.h"
#include "ir/builder.h"
#include "ir/op_def.h"

namespace dlc::backend {
namespace {

using ir::OpKind;
using Axes = std::vector<int64_t>;

class AxisMerger {
 public:
  explicit AxisMerger(const ir::Function& region) : region_(region), iteration_(iteration_dims(region)) {
    mergeable_.assign(iteration_.empty() ? 0 : iteration_.size() - 1, true);
  }

  /// The space that reductions run over, else that of the results.
  static ir::Dims iteration_dims(const ir::Function& region) {
    for (const auto& op : region.ops())
      if (op->is(OpKind::kReduce)) return op->operand(0).dims();
    return region.result(0).dims();
  }

  std::unique_ptr<ir::Function> run() {
    if (iteration_.size() < 2 || !assign_axes()) return region_.clone();
    for (const auto& [value, axes] : axes_of_) restrict_by(value, axes);
    if (std::none_of(mergeable_.begin(), mergeable_.end(), [](bool m) { return m; })) return region_.clone();
    return rebuild();
  }

 private:
  bool visit(ir::Value v, const Axes& axes) {
    const auto [it, fresh] = axes_of_.emplace(v, axes);
    return fresh || it->second == axes;
  }

  /// Spreads axes from the seeds over the region. False when a value is read along two different sets.
  bool assign_axes() {
    Axes all(iteration_.size());
    std::iota(all.begin(), all.end(), 0);
    bool reduces = false;
    for (const auto& op : region_.ops()) {
      if (!op->is(OpKind::kReduce)) continue;
      reduces = true;
      Axes kept;
      const ir::Ints& dropped = op->ints_attr("axes");
      std::set_difference(all.begin(), all.end(), dropped.begin(), dropped.end(), std::back_inserter(kept));
      if (!visit(op->operand(0), all) || !visit(op->result(), kept)) return false;
      for (size_t i = 0; i + 1 < all.size(); ++i)
        if (std::binary_search(dropped.begin(), dropped.end(), all[i]) !=
            std::binary_search(dropped.begin(), dropped.end(), all[i + 1]))
          mergeable_[i] = false;
    }
    if (!reduces)
      for (int i = 0; i < region_.num_results(); ++i)
        if (!visit(region_.result(i), all)) return false;
    for (size_t known = 0; known != axes_of_.size();) {
      known = axes_of_.size();
      for (const auto& op : region_.ops())
        if (!spread(*op, all)) return false;
    }
    // A result that nothing reaches would keep axes of its own.
    for (int i = 0; i < region_.num_results(); ++i)
      if (!axes_of_.contains(region_.result(i))) return false;
    return true;
  }

  bool spread(ir::Op& op, const Axes& all) {
    if (op.is(OpKind::kReduce) || is_flat_leaf(op)) return true;
    const ir::Value result = op.result();
    if (op.is(OpKind::kBroadcast)) {
      if (result.rank() == static_cast<int64_t>(all.size()) && !visit(result, all)) return false;
      const auto found = axes_of_.find(result);
      if (found == axes_of_.end()) return true;
      Axes from;
      for (const int64_t a : op.ints_attr("axes")) from.push_back(found->second[static_cast<size_t>(a)]);
      return visit(op.operand(0), from);
    }
    if (!find_element_fn(op.kind())) return false;
    const Axes* known = nullptr;
    if (const auto it = axes_of_.find(result); it != axes_of_.end()) known = &it->second;
    for (const ir::Value x : op.operands())
      if (const auto it = axes_of_.find(x); it != axes_of_.end() && !known) known = &it->second;
    if (!known) return true;
    const Axes axes = *known;
    if (!visit(result, axes)) return false;
    return std::all_of(op.operands().begin(), op.operands().end(), [&](ir::Value x) { return visit(x, axes); });
  }

  /// Its elements are in row-major order whatever the axes.
  static bool is_flat_leaf(const ir::Op& op) {
    return op.is(OpKind::kConstant) || op.is(OpKind::kDimValue) || op.is(OpKind::kRngBits);
  }

  void restrict_by(ir::Value v, const Axes& axes) {
    const auto position = [&](int64_t axis) -> std::optional<size_t> {
      const auto it = std::find(axes.begin(), axes.end(), axis);
      if (it == axes.end()) return std::nullopt;
      const size_t p = static_cast<size_t>(it - axes.begin());
      // An axis of size 1 that is stretched is as good as absent.
      const ir::Dim& own = v.dims()[p];
      if (own.is(1) && !iteration_[static_cast<size_t>(axis)].is(1)) return std::nullopt;
      return p;
    };
    for (size_t i = 0; i + 1 < iteration_.size(); ++i) {
      const auto a = position(static_cast<int64_t>(i)), b = position(static_cast<int64_t>(i) + 1);
      const bool neither = !a && !b;
      const bool adjacent = a && b && *b == *a + 1;
      if (!neither && !adjacent) mergeable_[i] = false;
    }
  }

  /// Dims of `v` after merging.
  ir::Dims merged(const ir::Dims& dims, const Axes& axes) const {
    ir::Dims out;
    for (size_t p = 0; p < dims.size(); ++p) {
      // Axes with a gap between them join only where each is stretched: then they are of size 1.
      if (p > 0 && merged_axis(axes[p]) == merged_axis(axes[p - 1]))
        out.back() = out.back() * dims[p];
      else
        out.push_back(dims[p]);
    }
    return out;
  }

  /// The merged number of each iteration axis.
  int64_t merged_axis(int64_t axis) const {
    int64_t n = 0;
    for (int64_t i = 1; i <= axis; ++i)
      if (!mergeable_[static_cast<size_t>(i - 1)]) ++n;
    return n;
  }

  std::unique_ptr<ir::Function> rebuild() {
    auto out = std::make_unique<ir::Function>(region_.name());
    ir::Builder b(*out);
    std::unordered_map<ir::Value, ir::Value> map;
    const auto dims_of = [&](ir::Value v) {
      const auto it = axes_of_.find(v);
      return it == axes_of_.end() ? v.dims() : merged(v.dims(), it->second);
    };
    for (int i = 0; i < region_.num_params(); ++i) {
      const ir::Value p = region_.param(i);
      map[p] = out->add_param(p.type().with(dims_of(p)), region_.param_info(i), p.op->provenance());
    }
    for (const auto& op : region_.ops()) {
      b.set_provenance(op->provenance());
      std::vector<ir::Value> operands;
      for (const ir::Value x : op->operands()) operands.push_back(map.at(x));
      ir::AttrMap attrs = op->attrs();
      const ir::Dims dims = dims_of(op->result());
      if (op->is(OpKind::kBroadcast)) {
        const Axes& axes = axes_of_.at(op->result());
        ir::Ints to;
        for (const int64_t a : op->ints_attr("axes")) {
          const int64_t m = local_axis(axes, merged_axis(axes[static_cast<size_t>(a)]));
          if (to.empty() || to.back() != m) to.push_back(m);
        }
        attrs["dims"] = dims;
        attrs["axes"] = to;
      } else if (op->is(OpKind::kReduce)) {
        ir::Ints to;
        for (const int64_t a : op->ints_attr("axes"))
          if (to.empty() || to.back() != merged_axis(a)) to.push_back(merged_axis(a));
        attrs["axes"] = to;
      } else if (op->is(OpKind::kConstant)) {
        Shape shape;
        for (const ir::Dim& d : dims) shape.push_back(d.constant());
        attrs["value"] = op->attr<Array>("value").reshaped(shape);
      } else if (op->is(OpKind::kRngBits)) {
        attrs["dims"] = dims;
      }
      map[op->result()] = b.create(op->kind(), operands, std::move(attrs))->result();
    }
    std::vector<ir::Value> results;
    for (int i = 0; i < region_.num_results(); ++i) results.push_back(map.at(region_.result(i)));
    out->set_results(results);
    return out;
  }

  /// Position of merged iteration axis `m` among the merged axes of a value that runs along `axes`.
  int64_t local_axis(const Axes& axes, int64_t m) const {
    int64_t position = -1, last = -1;
    for (const int64_t a : axes) {
      const int64_t merged_number = merged_axis(a);
      if (merged_number != last) ++position;
      last = merged_number;
      if (merged_number == m) return position;
    }
    return position;
  }

  const ir::Function& region_;
  const ir::Dims iteration_;
  std::vector<bool> mergeable_;
  std::unordered_map<ir::Value, Axes> axes_of_;
};

}  // namespace

std::unique_ptr<ir::Function> merge_axes(const ir::Function& region) { return AxisMerger(region).run(); }

}  // namespace dlc::backend
