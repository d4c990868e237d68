// Operators of one operand that are one IR operator each.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

namespace {

OpSpec unary_spec(const char* name, const char* category, const char* doc, OpSpec::Expand expand) {
  return {.name = name, .category = category, .doc = doc, .operands = {{"x", "any shape"}}, .expand = expand};
}

template <ir::OpKind kind>
std::vector<ir::Value> expand_unary(ExpandContext& c) {
  return {c.b.op(kind, {c.operand(0)})};
}

}  // namespace

#define DLC_UNARY(op, kind, category, doc)                                                      \
  OpSpec op##_spec() { return unary_spec(#op, category, doc, expand_unary<ir::OpKind::kind>); } \
  Tensor op(const TensorArg& x, std::string_view name) { return apply(#op, {x}, {}, name); }

DLC_UNARY(abs, kAbs, "arithmetic", "|x|.")
DLC_UNARY(negative, kNeg, "arithmetic", "-x.")
DLC_UNARY(sign, kSign, "arithmetic", "-1, 0 or 1; NaN stays NaN.")
DLC_UNARY(floor, kFloor, "rounding", "The largest integer <= x.")
DLC_UNARY(ceil, kCeil, "rounding", "The smallest integer >= x.")
DLC_UNARY(round, kRoundEven, "rounding", "The nearest integer; of two equally near ones the even one.")
DLC_UNARY(rint, kRoundEven, "rounding", "The nearest integer; of two equally near ones the even one.")
DLC_UNARY(trunc, kTrunc, "rounding", "x without its fraction.")
DLC_UNARY(sqrt, kSqrt, "powers", "Square root; NaN below 0.")
DLC_UNARY(rsqrt, kRsqrt, "powers", "1 / sqrt(x).")
DLC_UNARY(cbrt, kCbrt, "powers", "Cube root.")
DLC_UNARY(exp, kExp, "powers", "e^x.")
DLC_UNARY(expm1, kExpm1, "powers", "e^x - 1, exact for small x.")
DLC_UNARY(log, kLog, "powers", "Natural logarithm.")
DLC_UNARY(log1p, kLog1p, "powers", "log(1 + x), exact for small x.")
DLC_UNARY(sin, kSin, "trigonometry", "Sine.")
DLC_UNARY(cos, kCos, "trigonometry", "Cosine.")
DLC_UNARY(tan, kTan, "trigonometry", "Tangent.")
DLC_UNARY(asin, kAsin, "trigonometry", "Inverse sine.")
DLC_UNARY(acos, kAcos, "trigonometry", "Inverse cosine.")
DLC_UNARY(atan, kAtan, "trigonometry", "Inverse tangent.")
DLC_UNARY(sinh, kSinh, "trigonometry", "Hyperbolic sine.")
DLC_UNARY(cosh, kCosh, "trigonometry", "Hyperbolic cosine.")
DLC_UNARY(tanh, kTanh, "trigonometry", "Hyperbolic tangent.")
DLC_UNARY(asinh, kAsinh, "trigonometry", "Inverse hyperbolic sine.")
DLC_UNARY(acosh, kAcosh, "trigonometry", "Inverse hyperbolic cosine.")
DLC_UNARY(atanh, kAtanh, "trigonometry", "Inverse hyperbolic tangent.")
DLC_UNARY(erf, kErf, "error functions", "Error function.")
DLC_UNARY(erfc, kErfc, "error functions", "1 - erf(x), exact for large x.")
DLC_UNARY(erfinv, kErfinv, "error functions", "Inverse of erf.")
DLC_UNARY(is_nan, kIsNan, "comparison", "Whether x is NaN.")
DLC_UNARY(is_finite, kIsFinite, "comparison", "Whether x is neither infinite nor NaN.")
DLC_UNARY(bitwise_not, kNot, "bits", "Every bit flipped; logical not of bool.")

#undef DLC_UNARY

}  // namespace dlc
