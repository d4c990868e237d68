#include "ir/op_def.h"

namespace dlc::ir {
namespace {

// The result types are those of the body; Builder reads them there.
Expected<std::vector<TensorType>> infer_fusion(const InferContext&) { return std::vector<TensorType>{}; }

}  // namespace

OpDef fusion_op() {
  return {
      .doc = "The body's results for these operands, computed by one kernel. Made by the fusion passes, last of all.",
      .operands = {{"operands", TypeClass::kAny, "the body's parameters: everything it uses from outside", true}},
      .attrs = {{"kind", "elementwise", false, "which kind of schedule builds the kernel"},
                {"checks", Ints{}, true,
                 "of each op of the body that can fail, in order, its place in the program: of several that do fail "
                 "the first is reported; empty: that of the kernels"}},
      .num_regions = 1,
      .infer = infer_fusion,
      .no_gradient = "fusions are formed after differentiation",
  };
}

}  // namespace dlc::ir
