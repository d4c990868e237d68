#include "frontend/ops/random_source.h"

namespace dlc {

OpSpec random_spec(const char* name, const char* doc, std::vector<AttrSpec> attrs, OpSpec::Expand expand) {
  attrs.insert(attrs.begin(), required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders"));
  attrs.push_back(default_attr("dtype", kFloat32, "f32 or f64"));
  return {.name = name,
          .category = "random numbers",
          .doc = doc,
          .attrs = with_seed_attrs(std::move(attrs)),
          .seeded = true,
          .expand = expand};
}

OpSpec random_normal_like(const char* name, const char* doc, OpSpec::Expand expand) {
  return random_spec(name, doc, {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation")},
                     expand);
}

}  // namespace dlc
