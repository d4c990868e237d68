// What random_uniform, random_normal and truncated_normal share: new numbers in each run.
#pragma once

#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"
#include "frontend/ops/random_bits.h"

namespace dlc {

/// The attributes `dims`, `attrs`, `dtype` and the seeds.
OpSpec random_spec(const char* name, const char* doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand);
/// The same with `mean` and `stddev`.
OpSpec random_normal_like(const char* name, const char* doc, OpSpec::Expand expand);

}  // namespace dlc
