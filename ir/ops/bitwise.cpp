// not and or xor: logical on bool, bit by bit on integers. shift_left shift_right.
#include <limits>

#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

constexpr const char* kDiscrete = "defined on bool and integers only";

template <typename T>
bool within_width(T distance) {
  return distance >= T{0} && static_cast<uint64_t>(distance) < sizeof(T) * 8;
}

template <typename T>
T shifted_left(T x, T distance) {
  if (!within_width(distance)) return T{0};
  return wrapping<[](auto a, auto n) { return a << n; }>(x, distance);
}

template <typename T>
T shifted_right(T x, T distance) {
  if (!within_width(distance)) return T{0};
  return static_cast<T>(x >> distance);
}

}  // namespace

OpDef not_op() {
  return {
      .doc = "Logical not of bool; every bit flipped of an integer.",
      .operands = {{"x", TypeClass::kBitwise, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kDiscrete,
      .reference = map_bitwise<[]<typename T>(T x) -> T {
        if constexpr (std::is_same_v<T, bool>)
          return !x;
        else
          return static_cast<T>(~x);
      }>,
  };
}

OpDef and_op() {
  return {
      .doc = "Logical and of bool; bit by bit of integers.",
      .operands = {{"a", TypeClass::kBitwise, "any dimensions"}, {"b", TypeClass::kBitwise, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // and_c1, and_c2
      .no_gradient = kDiscrete,
      .reference = zip_bitwise<[](auto a, auto b) { return static_cast<decltype(a)>(a & b); }>,
  };
}

OpDef or_op() {
  return {
      .doc = "Logical or of bool; bit by bit of integers.",
      .operands = {{"a", TypeClass::kBitwise, "any dimensions"}, {"b", TypeClass::kBitwise, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // or_c1, or_c2
      .no_gradient = kDiscrete,
      .reference = zip_bitwise<[](auto a, auto b) { return static_cast<decltype(a)>(a | b); }>,
  };
}

OpDef xor_op() {
  return {
      .doc = "Logical exclusive or of bool; bit by bit of integers.",
      .operands = {{"a", TypeClass::kBitwise, "any dimensions"}, {"b", TypeClass::kBitwise, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // xor_c1, xor_c2
      .no_gradient = kDiscrete,
      .reference = zip_bitwise<[](auto a, auto b) { return static_cast<decltype(a)>(a ^ b); }>,
  };
}

OpDef shift_left_op() {
  return {
      .doc = "x * 2^distance, wrapped. A distance below 0 or of the width or more gives 0.",
      .operands = {{"x", TypeClass::kInteger, "any dimensions"}, {"distance", TypeClass::kInteger, "the type of x"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // shift_left_c1, shift_left_c2
      .no_gradient = kDiscrete,
      .reference = zip_integers<[](auto x, auto distance) { return shifted_left(x, distance); }>,
  };
}

OpDef shift_right_op() {
  return {
      .doc =
          "x / 2^distance rounded down (signed types shift copies of the sign in). A distance below 0 or of the\n"
          "width or more gives 0.",
      .operands = {{"x", TypeClass::kInteger, "any dimensions"}, {"distance", TypeClass::kInteger, "the type of x"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // shift_right_c1, shift_right_c2
      .no_gradient = kDiscrete,
      .reference = zip_integers<[](auto x, auto distance) { return shifted_right(x, distance); }>,
  };
}

}  // namespace dlc::ir
