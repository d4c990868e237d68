#include "passes/pattern.h"

#include <cmath>
#include <cstring>

#include "ir/op_def.h"
#include "ir/printer.h"

namespace dlc::passes {

using ir::OpKind;
using ir::Value;

namespace {

/// The number that each element of the array is.
std::optional<double> uniform(const Array& a) {
  if (a.num_elements() == 0) return std::nullopt;
  // More elements are no splat that anyone wrote down; and the search is part of every match.
  constexpr int64_t kMaxElements = 4096;
  if (a.num_elements() > kMaxElements) return std::nullopt;
  const size_t size = size_of(a.dtype());
  for (int64_t i = 1; i < a.num_elements(); ++i)
    if (std::memcmp(a.bytes(), a.bytes() + static_cast<size_t>(i) * size, size) != 0) return std::nullopt;
  return dispatch(a.dtype(), [&]<typename T>() -> std::optional<double> {
    const T value = a.data<T>()[0];
    const auto number = static_cast<double>(value);
    if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
      constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it, neighbours coincide
      if (std::abs(number) >= kExact) return std::nullopt;
    }
    return number;
  });
}

/// Chains longer than this are shortened by canonicalize; a hostile one must not use up the stack.
constexpr int kMaxDepth = 16;

std::optional<double> splat_value(Value v, int depth) {
  for (; depth < kMaxDepth; ++depth) {
    switch (v.op->kind()) {
      case OpKind::kConstant: return uniform(v.op->attr<Array>("value"));
      case OpKind::kBroadcast:
      case OpKind::kReshape:
      case OpKind::kTranspose:
      case OpKind::kSlice: v = v.op->operand(0); break;
      case OpKind::kConvert: {
        const Value from = v.op->operand(0);
        const std::optional<double> inner = splat_value(from, depth + 1);
        if (!inner) return std::nullopt;
        return uniform(Array::full(from.dtype(), {}, *inner).cast(v.dtype()));
      }
      default: return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> splat_value(Value v) { return splat_value(v, 0); }

bool is_splat(Value v, double number) {
  const std::optional<double> found = splat_value(v);
  return found && *found == number && std::signbit(*found) == std::signbit(number);
}

bool is_reduce(const ir::Op& op, std::string_view kind) {
  return op.is(OpKind::kReduce) && op.str_attr("kind") == kind;
}

bool has_single_use(Value v) { return ir::uses(v).size() == 1; }

}  // namespace dlc::passes
