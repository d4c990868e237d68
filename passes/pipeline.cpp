#include "passes/pipeline.h"

#include <algorithm>

#include "support/suggest.h"

namespace dlc::passes {
namespace {

constexpr PipelineInfo kPipelines[] = {
    {"differentiate", "Stable forms first, so that gradients are of them; then gradients; then nothing of either left.",
     "canonicalize,fold-constants,cse,recognize-softmax,recognize-softmax-cross-entropy,canonicalize,dce,autodiff,"
     "drop-pins"},
    {"optimize", "Exact simplifications, to a fixed point in practice.",
     "canonicalize,fold-constants,canonicalize,cse,dce"},
    {"default", "From a lowered graph to what fusion takes.", "differentiate,optimize,form-fma,fold-constants,cse,dce"},
    {"compile", "From a lowered graph to kernels: all that the backend runs.",
     "differentiate,optimize,decompose,optimize,form-fma,fold-constants,split-reductions,cse,dce,fuse"},
};

Expected<void> append(std::string_view list, int depth, Pipeline& out) {
  constexpr int kMaxDepth = 8;  // of pipelines in pipelines; the table has no cycle
  DLC_CHECK(depth < kMaxDepth, "pipelines refer to each other in a circle");
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if (name.empty()) continue;
    const auto* const pipeline = std::find_if(std::begin(kPipelines), std::end(kPipelines),
                                              [&](const PipelineInfo& p) { return name == p.name; });
    if (pipeline != std::end(kPipelines)) {
      DLC_RETURN_IF_ERROR(append(pipeline->passes, depth + 1, out));
      continue;
    }
    const PassInfo* pass = find_pass(name);
    if (pass == nullptr) {
      std::vector<std::string> names;
      for (const PassInfo& p : all_passes()) names.emplace_back(p.name);
      for (const PipelineInfo& p : kPipelines) names.emplace_back(p.name);
      return make_error(ErrorCode::kNotFound, "there is no pass or pipeline '{}'{}", name, did_you_mean(name, names));
    }
    out.push_back(pass);
  }
  return {};
}

}  // namespace

std::span<const PipelineInfo> all_pipelines() { return kPipelines; }

Expected<Pipeline> parse_pipeline(std::string_view list) {
  Pipeline out;
  DLC_RETURN_IF_ERROR(append(list, 0, out));
  return out;
}

}  // namespace dlc::passes
