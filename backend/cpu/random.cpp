// rng_bits as expressions: Philox 4x32-10 (support/philox.h) on vectors of lanes.
#include <array>

#include "backend/cpu/element_builder.h"
#include "ir/op_def.h"

namespace dlc::backend {

using loops::LoopBuilder;
using loops::OpCode;
using loops::Type;
using loops::Value;

Value ElementBuilder::build_rng(ir::Op& op, const Index& index) {
  LoopBuilder& b = b_;
  const Value state = at(op.operand(0), Index{});
  const Value position = coord_value(linear(op.type().dims, index), index.lanes);
  const auto u32 = [&](Value x) { return b.convert(x, kUInt32); };
  const auto constant = [&](uint32_t v) { return b.constant_int({kUInt32, 1}, v); };
  const Type shift_type{b.type(position).elem, 1};
  const Value block = b.shr(position, b.constant_int(shift_type, 2));
  const Value high = b.constant_int(shift_type, 32);
  const Value state_high = b.shr(state, b.constant_int({kUInt64, 1}, 32));
  std::array<Value, 4> c{u32(block), u32(b.shr(block, high)), u32(state), u32(state_high)};

  constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  Value k0 = k_.seed(op, 0), k1 = k_.seed(op, 1);
  for (int round = 0; round < 10; ++round) {
    const Value m0 = constant(kMultiplier0), m1 = constant(kMultiplier1);
    const Value hi0 = b.binary(OpCode::kMulHigh, c[0], m0), lo0 = b.mul(c[0], m0);
    const Value hi1 = b.binary(OpCode::kMulHigh, c[2], m1), lo1 = b.mul(c[2], m1);
    c = {b.bit_xor(b.bit_xor(hi1, c[1]), k0), lo1, b.bit_xor(b.bit_xor(hi0, c[3]), k1), lo0};
    k0 = b.add(k0, constant(kWeyl0));
    k1 = b.add(k1, constant(kWeyl1));
  }
  // Element 4 * block + w is word w.
  const Value word = b.bit_and(position, b.constant_int(shift_type, 3));
  Value result = c[0];
  for (int w = 1; w < 4; ++w)
    result = b.select(b.eq(word, b.constant_int(shift_type, w)), c[static_cast<size_t>(w)], result);
  return result;
}

}  // namespace dlc::backend
