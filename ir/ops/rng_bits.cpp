#include "ir/op_def.h"
#include "support/philox.h"

namespace dlc::ir {
namespace {

// rng_bits_c1: `state` is u64[].
Expected<std::vector<TensorType>> infer_rng_bits(const InferContext& c) {
  if (c.operand(0) != TensorType::scalar(kUInt64))
    return c.error("rng_bits_c1", "operand 'state' needs u64[], got {}", c.operand(0));
  return std::vector{TensorType{kUInt32, c.attr<Dims>("dims")}};
}

std::vector<Array> reference_rng_bits(const ReferenceContext& c) {
  const PhiloxKey key = philox_key(c.op.int_attr("graph_seed"), c.op.int_attr("op_seed"));
  const uint64_t state = c.operands[0].item<uint64_t>();
  Array out = c.make_result();
  const auto to = out.data<uint32_t>();
  for (size_t i = 0; i < to.size(); i += 4) {
    const PhiloxBlock block = philox_block(key, state, i / 4);
    for (size_t lane = 0; lane < 4 && i + lane < to.size(); ++lane) to[i + lane] = block[lane];
  }
  return {out};
}

}  // namespace

OpDef rng_bits_op() {
  return {
      .doc =
          "Random bits, a pure function of seeds, state and element index: Philox 4x32-10 with\n"
          "key = philox_key(graph_seed, op_seed) and counter = (element / 4, state); element i is word\n"
          "i % 4 (support/philox.h).",
      .operands = {{"state", TypeClass::kInteger, "u64[], one per session and run"}},
      .attrs = {{"graph_seed", int64_t{0}, false, "the graph's seed"},
                {"op_seed", int64_t{0}, false, "fixed when the user's node was made"},
                {"dims", Dims{}, false, "the result's dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_rng_bits,  // rng_bits_c1
      .no_gradient = "random bits are integers",
      .reference = reference_rng_bits,
  };
}

}  // namespace dlc::ir
