// Pipelines: passes in order, by name. `dlc opt --passes=LIST` reads the same text.
//
//   Expected<Pipeline> p = parse_pipeline("canonicalize,cse,dce");
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "passes/pass.h"

namespace dlc::passes {

using Pipeline = std::vector<const PassInfo*>;

/// A named order of passes.
struct PipelineInfo {
  const char* name;     ///< "default"
  const char* summary;  ///< one sentence
  const char* passes;   ///< "canonicalize,cse,..."
};
std::span<const PipelineInfo> all_pipelines();

/// Names of passes and of pipelines, separated by commas. The Error names what is unknown and the
/// closest name that exists.
Expected<Pipeline> parse_pipeline(std::string_view list);

}  // namespace dlc::passes
