// Which schedule builds which kind of fusion.
#include <map>

#include "backend/cpu/kernels.h"
#include "ir/op_def.h"

namespace dlc::backend {
namespace {

struct ScheduleRow {
  void (*build)(KernelContext&);
  bool merges_axes;  ///< the schedule takes regions whose axes were merged
};

const std::map<std::string, ScheduleRow>& schedules() {
  static const std::map<std::string, ScheduleRow> table = {
      {"loop", {build_loop_kernel, true}},        {"row", {build_row_kernel, true}},
      {"column", {build_column_kernel, true}},    {"dot", {build_dot_kernel, false}},
      {"scan", {build_scan_kernel, false}},       {"arg_reduce", {build_arg_reduce_kernel, false}},
      {"scatter", {build_scatter_kernel, false}}, {"concat", {build_concat_kernel, false}},
  };
  return table;
}

}  // namespace

Expected<BuiltKernel> build_kernel(const ir::Op& fusion, const ir::Target& target) {
  const std::string& kind = fusion.str_attr("kind");
  const auto it = schedules().find(kind);
  if (it == schedules().end())
    return make_error(ErrorCode::kInternal, "no schedule for a fusion of kind '{}'", kind)
        .at(fusion.provenance().loc());
  const ir::Function& body = *fusion.regions()[0];
  const std::unique_ptr<ir::Function> region = it->second.merges_axes ? merge_axes(body) : body.clone();
  KernelContext context(*region, target, kind);
  it->second.build(context);
  return std::move(context).finish();
}

}  // namespace dlc::backend
