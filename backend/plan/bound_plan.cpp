#include "backend/plan/bound_plan.h"

#include <algorithm>

namespace dlc::backend {
namespace {

constexpr size_t kAlignment = 64;
size_t align_up(size_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

/// Offsets of the arena buffers: largest first, each at the lowest place that is free during its life.
struct ArenaLayout {
  std::vector<size_t> offsets;  // by plan buffer
  size_t bytes = 0;
};

ArenaLayout lay_out(const Plan& plan, const std::vector<size_t>& sizes) {
  ArenaLayout layout;
  layout.offsets.assign(plan.buffers.size(), 0);
  std::vector<size_t> by_size;
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].kind == PlanBuffer::kArena) by_size.push_back(i);
  std::stable_sort(by_size.begin(), by_size.end(), [&](size_t a, size_t b) { return sizes[a] > sizes[b]; });
  std::vector<size_t> placed;
  for (const size_t i : by_size) {
    const PlanBuffer& buffer = plan.buffers[i];
    std::vector<std::pair<size_t, size_t>> busy;
    for (const size_t p : placed) {
      const PlanBuffer& other = plan.buffers[p];
      if (other.first_call <= buffer.last_call && buffer.first_call <= other.last_call)
        busy.emplace_back(layout.offsets[p], layout.offsets[p] + sizes[p]);
    }
    std::sort(busy.begin(), busy.end());
    size_t at = 0;
    for (const auto& [begin, end] : busy) {
      if (at + sizes[i] <= begin) break;
      at = std::max(at, end);
    }
    layout.offsets[i] = at;
    layout.bytes = std::max(layout.bytes, at + sizes[i]);
    placed.push_back(i);
  }
  return layout;
}

/// The parts of the arena that no buffer ever covers: tails of cache lines and the gaps between.
std::vector<std::pair<size_t, size_t>> unused_bytes(const Plan& plan, const ArenaLayout& layout,
                                                    const std::vector<size_t>& used) {
  std::vector<std::pair<size_t, size_t>> covered, unused;
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].kind == PlanBuffer::kArena)
      covered.emplace_back(layout.offsets[i], layout.offsets[i] + used[i]);
  std::sort(covered.begin(), covered.end());
  size_t end = 0;
  for (const auto& [from, to] : covered) {
    if (from > end) unused.emplace_back(end, from);
    end = std::max(end, to);
  }
  if (layout.bytes > end) unused.emplace_back(end, layout.bytes);
  return unused;
}

Expected<Shape> shape_of(const ir::TensorType& type, const ir::SymbolBinding& binding) {
  Shape shape;
  for (const ir::Dim& d : type.dims) {
    DLC_ASSIGN_OR_RETURN(const int64_t n, d.evaluate(binding));
    shape.push_back(n);
  }
  return shape;
}

int64_t kind_of(ir::ParamKind kind) {
  switch (kind) {
    case ir::ParamKind::kFeed: return DLC_FEED;
    case ir::ParamKind::kVariable: return DLC_VARIABLE;
    case ir::ParamKind::kRngState: break;
  }
  return DLC_RNG_STATE;
}

// The table names element types by their numbers in DType.
static_assert(DLC_BOOL == static_cast<int>(kBool) && DLC_U8 == static_cast<int>(kUInt8) &&
              DLC_I32 == static_cast<int>(kInt32) && DLC_I64 == static_cast<int>(kInt64) &&
              DLC_U32 == static_cast<int>(kUInt32) && DLC_U64 == static_cast<int>(kUInt64) &&
              DLC_F32 == static_cast<int>(kFloat32) && DLC_F64 == static_cast<int>(kFloat64));

dlc_value value(const std::string& name, int64_t kind, DType dtype, const Shape& shape, int param) {
  return {name.c_str(), kind, static_cast<int64_t>(dtype), static_cast<int64_t>(shape.size()), shape.data(), param};
}

}  // namespace

dlc_site to_table(const PlanSite& site) {
  const SourceLoc& loc = site.provenance.loc();
  return {site.provenance.node().c_str(), site.check.c_str(), loc.file.c_str(), loc.line, loc.column};
}

Expected<BoundPlan> BoundPlan::create(const Plan& plan, const ir::SymbolBinding& binding, dlc_entry_fn entry) {
  BoundPlan bound(plan);
  bound.table_.version = DLC_ABI_VERSION;
  bound.table_.name = plan.name.c_str();
  bound.table_.target = "";
  bound.table_.entry = entry;
  DLC_RETURN_IF_ERROR(bound.place_buffers(binding));
  DLC_RETURN_IF_ERROR(bound.lay_out_calls(binding));
  DLC_RETURN_IF_ERROR(bound.describe_values(binding));
  bound.describe_rest();
  return bound;
}

Expected<void> BoundPlan::place_buffers(const ir::SymbolBinding& binding) {
  // A gap after each buffer: no kernel reads or writes there, which checked runs look after.
  constexpr size_t kGap = kAlignment;
  std::vector<size_t> used(plan_->buffers.size(), 0), sizes(plan_->buffers.size(), 0);
  for (size_t i = 0; i < plan_->buffers.size(); ++i) {
    const PlanBuffer& buffer = plan_->buffers[i];
    if (buffer.kind != PlanBuffer::kArena) continue;
    DLC_ASSIGN_OR_RETURN(const int64_t elements, buffer.elements.evaluate(binding));
    int64_t bytes = 0;
    if (elements < 0 || __builtin_mul_overflow(elements, static_cast<int64_t>(size_of(buffer.dtype)), &bytes) ||
        bytes > int64_t{1} << 46)
      return make_error(ErrorCode::kResourceExhausted, "'{}' needs {} elements of {}", buffer.name, elements,
                        buffer.dtype);
    used[i] = static_cast<size_t>(bytes);
    sizes[i] = align_up(used[i]) + kGap;
  }
  ArenaLayout layout = lay_out(*plan_, sizes);
  gaps_ = unused_bytes(*plan_, layout, used);
  table_.arena_bytes = static_cast<int64_t>(layout.bytes);
  offsets_ = std::move(layout.offsets);
  return {};
}

Expected<void> BoundPlan::lay_out_calls(const ir::SymbolBinding& binding) {
  for (const PlanCall* call : handed_calls(*plan_)) {
    for (const PlanArg& arg : call->args) {
      const PlanBuffer& buffer = plan_->buffers[static_cast<size_t>(arg.buffer)];
      switch (buffer.kind) {
        case PlanBuffer::kParam: slots_.push_back({DLC_AT_PARAM, buffer.index}); break;
        case PlanBuffer::kResult: slots_.push_back({DLC_AT_RESULT, buffer.index}); break;
        case PlanBuffer::kConstant: slots_.push_back({DLC_AT_CONSTANT, buffer.index}); break;
        case PlanBuffer::kArena:
          slots_.push_back({DLC_AT_ARENA, static_cast<int64_t>(offsets_[static_cast<size_t>(arg.buffer)])});
          break;
      }
    }
    for (const ScalarArg& arg : call->scalars) {
      if (arg.kind != ScalarArg::kDim) {
        scalars_.push_back(static_cast<int64_t>(arg.bits));
        continue;
      }
      DLC_ASSIGN_OR_RETURN(const int64_t size, arg.dim.evaluate(binding));
      scalars_.push_back(size);
    }
  }
  return {};
}

Expected<void> BoundPlan::describe_values(const ir::SymbolBinding& binding) {
  for (const PlanParam& p : plan_->params) {
    DLC_ASSIGN_OR_RETURN(Shape shape, shape_of(p.type, binding));
    param_shapes_.push_back(std::move(shape));
  }
  for (const PlanResult& r : plan_->results) {
    DLC_ASSIGN_OR_RETURN(Shape shape, shape_of(r.type, binding));
    result_shapes_.push_back(std::move(shape));
  }
  for (size_t i = 0; i < plan_->params.size(); ++i) {
    const PlanParam& p = plan_->params[i];
    params_.push_back(value(p.info.name, kind_of(p.info.kind), p.type.dtype, param_shapes_[i], -1));
  }
  for (size_t i = 0; i < plan_->results.size(); ++i) {
    const PlanResult& r = plan_->results[i];
    results_.push_back(
        value(r.info.name, r.param >= 0 ? DLC_UPDATE : DLC_FETCH, r.type.dtype, result_shapes_[i], r.param));
  }
  return {};
}

void BoundPlan::describe_rest() {
  for (const Array& a : plan_->constants) constants_.push_back({a.bytes(), static_cast<int64_t>(a.num_bytes())});
  for (const PlanSite& s : plan_->sites) sites_.push_back(to_table(s));
  const auto list = [](const auto& items, auto& first, int64_t& count) {
    first = items.data();
    count = static_cast<int64_t>(items.size());
  };
  list(params_, table_.params, table_.num_params);
  list(results_, table_.results, table_.num_results);
  list(slots_, table_.slots, table_.num_slots);
  list(scalars_, table_.scalars, table_.num_scalars);
  list(constants_, table_.constants, table_.num_constants);
  list(sites_, table_.sites, table_.num_sites);
}

}  // namespace dlc::backend
