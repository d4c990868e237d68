#include "tools/oracles/perturb.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "ir/interp/bind_symbols.h"
#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "support/philox.h"

namespace dlc::oracles {
namespace {

using ir::OpKind;

constexpr double kUnits = 4;  // of the last place

bool is_exact(const ir::Op& op) {
  switch (op.kind()) {
    case OpKind::kConstant:
    case OpKind::kDimValue:
    case OpKind::kNeg:
    case OpKind::kAbs:
    case OpKind::kSign:
    case OpKind::kFloor:
    case OpKind::kCeil:
    case OpKind::kRoundEven:
    case OpKind::kTrunc:
    case OpKind::kMax:
    case OpKind::kMin:
    case OpKind::kSelect:
    case OpKind::kClamp:
    case OpKind::kBitcast:
    case OpKind::kReshape:
    case OpKind::kTranspose:
    case OpKind::kBroadcast:
    case OpKind::kSlice:
    case OpKind::kPad:
    case OpKind::kConcat:
    case OpKind::kReverse:
    case OpKind::kGather:
    case OpKind::kRem: return true;  // x - n y is representable
    case OpKind::kReduce:
    case OpKind::kScan: return op.str_attr("kind") != "sum" && op.str_attr("kind") != "prod";
    case OpKind::kScatter: return op.str_attr("kind") == "set";
    case OpKind::kConvert: return op.operand(0).dtype() == kBool || op.operand(0).dtype() == kUInt8;
    default: return false;
  }
}

Array magnitudes(const Array& a) {
  if (!is_float(a.dtype())) return a;
  Array out = a.clone();
  for (int64_t i = 0; i < a.num_elements(); ++i) out.set_from_double(i, std::abs(a.value_as_double(i)));
  return out;
}

/// How many times more than one rounding those of an op add up to: as many as there are terms one behind the other in
/// one sum, were each drawn. Products add up in the order of k, and equal terms round the same way.
double num_roundings(const ir::Op& op, const std::vector<Array>& operands) {
  double terms = op.def().decompose != nullptr ? 16 : 1;
  if (op.is(OpKind::kDotGeneral))
    for (const int64_t axis : op.ints_attr("lhs_contract")) terms *= static_cast<double>(operands[0].dim(axis));
  if (op.is(OpKind::kScan)) terms *= static_cast<double>(operands[0].dim(op.int_attr("axis")));
  return std::sqrt(std::max(1.0, terms));
}

/// What a unit in the last place of the op's rounding errors is relative to.
Expected<Array> error_scale(const ir::Op& op, const std::vector<Array>& operands, const Array& result,
                            const ir::SymbolBinding& symbols) {
  const bool is_sum = op.is(OpKind::kReduce) || op.is(OpKind::kScan) || op.is(OpKind::kScatter) ||
                      op.is(OpKind::kDotGeneral) || op.is(OpKind::kFma);
  if (is_sum) {
    std::vector<Array> positive;
    for (const Array& x : operands) positive.push_back(magnitudes(x));
    DLC_ASSIGN_OR_RETURN(const auto scale, ir::interpret_op(op, positive, symbols));
    return scale[0];
  }
  Array scale = magnitudes(result);
  // Of composites: the terms inside may be as large as the largest operand.
  double largest = 0;
  if (op.def().decompose)
    for (int64_t i = 0; i < operands[0].num_elements(); ++i)
      if (const double x = std::abs(operands[0].value_as_double(i)); std::isfinite(x)) largest = std::max(largest, x);
  for (int64_t i = 0; i < scale.num_elements(); ++i) scale.set_from_double(i, scale.value_as_double(i) + largest);
  return scale;
}

}  // namespace

Expected<std::vector<Array>> interpret_perturbed(const ir::Function& function, std::span<const Array> params,
                                                 uint64_t seed, Towards to) {
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding symbols, ir::bind_symbols(function, params));
  uint64_t state = mix64(seed + 0x9E3779B97F4A7C15);
  const auto unit_random = [&state] {
    state += 0x9E3779B97F4A7C15;
    return static_cast<double>(mix64(state) >> 11) * 0x1.0p-53;
  };
  std::unordered_map<ir::Value, Array> values;
  for (int i = 0; i < function.num_params(); ++i) values.emplace(function.param(i), params[static_cast<size_t>(i)]);
  for (const auto& op : function.ops()) {
    std::vector<Array> operands;
    for (const ir::Value x : op->operands()) operands.push_back(values.at(x));
    DLC_ASSIGN_OR_RETURN(std::vector<Array> results, ir::interpret_op(*op, operands, symbols));
    if (is_float(op->type().dtype) && !is_exact(*op)) {
      DLC_ASSIGN_OR_RETURN(const Array scale, error_scale(*op, operands, results[0], symbols));
      const double roundings = num_roundings(*op, operands);
      Array& y = results[0] = results[0].clone();
      const double unit =
          y.dtype() == kFloat32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
      for (int64_t i = 0; i < y.num_elements(); ++i) {
        const double v = y.value_as_double(i), s = scale.value_as_double(i);
        // Never by little: one rounding may be all that a result depends on.
        const double amount = (0.5 + unit_random() / 2) * roundings * kUnits, random = unit_random();
        const double away = v < 0 ? -1 : 1;
        const double units = amount * (to == Towards::kAnywhere   ? (random < 0.5 ? 1 : -1)
                                       : to == Towards::kInfinity ? away
                                                                  : -away);
        if (std::isfinite(v) && std::isfinite(s)) y.set_from_double(i, v + units * unit * s);
        // Its sign, which a bitcast shows, is the machine's choice.
        if (std::isnan(v)) y.set_from_double(i, std::copysign(v, to == Towards::kZero ? -1.0 : 1.0));
      }
    }
    for (int i = 0; i < op->num_results(); ++i)
      values.insert_or_assign(op->result(i), std::move(results[static_cast<size_t>(i)]));
  }
  std::vector<Array> out;
  for (int i = 0; i < function.num_results(); ++i) out.push_back(values.at(function.result(i)));
  return out;
}

}  // namespace dlc::oracles
