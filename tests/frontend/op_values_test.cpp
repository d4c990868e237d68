// Each operator's value against numbers worked out by hand (or by libm), through lowering and the
// interpreter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "frontend/graph/node.h"
#include "frontend/ops/ops.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using testing::evaluate;

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();

struct Case {
  const char* op;
  std::function<Tensor()> build;
  Shape shape;
  std::vector<double> expected;
};

/// Floating numbers in f64.
Tensor c(const TensorArg& v) {
  const DType natural = v.literal()->natural_dtype();
  return constant(v, natural == kFloat32 ? kFloat64 : natural);
}

std::vector<Case> element_wise() {
  const auto x = [] { return c({-2.5, -1.0, 0.0, 0.5, 3.0}); };
  const auto each = [](double (*f)(double), std::vector<double> at) {
    for (double& v : at) v = f(v);
    return at;
  };
  const std::vector<double> at{-2.5, -1.0, 0.0, 0.5, 3.0};
  return {
      {"abs", [=] { return abs(x()); }, {5}, {2.5, 1, 0, 0.5, 3}},
      {"negative", [=] { return -x(); }, {5}, {2.5, 1, 0, -0.5, -3}},
      {"sign", [=] { return sign(x()); }, {5}, {-1, -1, 0, 1, 1}},
      {"square", [=] { return square(x()); }, {5}, {6.25, 1, 0, 0.25, 9}},
      {"reciprocal", [=] { return reciprocal(x()); }, {5}, {-0.4, -1, kInf, 2, 1.0 / 3}},
      {"floor", [=] { return floor(x()); }, {5}, {-3, -1, 0, 0, 3}},
      {"ceil", [=] { return ceil(x()); }, {5}, {-2, -1, 0, 1, 3}},
      {"round", [=] { return round(x()); }, {5}, {-2, -1, 0, 0, 3}},
      {"rint", [=] { return rint(x() + 1); }, {5}, {-2, 0, 1, 2, 4}},
      {"trunc", [=] { return trunc(x()); }, {5}, {-2, -1, 0, 0, 3}},
      {"sqrt", [=] { return sqrt(x()); }, {5}, {kNan, kNan, 0, std::sqrt(0.5), std::sqrt(3.0)}},
      {"rsqrt", [=] { return rsqrt(c({4.0, 0.25})); }, {2}, {0.5, 2}},
      {"cbrt", [=] { return cbrt(c({-8.0, 27.0})); }, {2}, {-2, 3}},
      {"exp", [=] { return exp(x()); }, {5}, each(std::exp, at)},
      {"expm1", [=] { return expm1(x()); }, {5}, each(std::expm1, at)},
      {"log", [=] { return log(c({1.0, 10.0, 0.0, -1.0})); }, {4}, {0, std::log(10.0), -kInf, kNan}},
      {"log1p", [=] { return log1p(c({0.0, 1e-10})); }, {2}, {0, std::log1p(1e-10)}},
      {"sin", [=] { return sin(x()); }, {5}, each(std::sin, at)},
      {"cos", [=] { return cos(x()); }, {5}, each(std::cos, at)},
      {"tan", [=] { return tan(x()); }, {5}, each(std::tan, at)},
      {"asin", [=] { return asin(c({-1.0, 0.5})); }, {2}, each(std::asin, {-1.0, 0.5})},
      {"acos", [=] { return acos(c({-1.0, 0.5})); }, {2}, each(std::acos, {-1.0, 0.5})},
      {"atan", [=] { return atan(x()); }, {5}, each(std::atan, at)},
      {"sinh", [=] { return sinh(x()); }, {5}, each(std::sinh, at)},
      {"cosh", [=] { return cosh(x()); }, {5}, each(std::cosh, at)},
      {"tanh", [=] { return tanh(x()); }, {5}, each(std::tanh, at)},
      {"asinh", [=] { return asinh(x()); }, {5}, each(std::asinh, at)},
      {"acosh", [=] { return acosh(c({1.0, 2.0})); }, {2}, each(std::acosh, {1.0, 2.0})},
      {"atanh", [=] { return atanh(c({0.0, 0.5})); }, {2}, each(std::atanh, {0.0, 0.5})},
      {"erf", [=] { return erf(x()); }, {5}, each(std::erf, at)},
      {"erfc", [=] { return erfc(x()); }, {5}, each(std::erfc, at)},
      {"erfinv", [=] { return erfinv(c({0.0, 0.5})); }, {2}, {0, 0.47693627620446987}},
      {"is_nan", [=] { return is_nan(c({1.0, kNan, kInf})); }, {3}, {0, 1, 0}},
      {"is_inf", [=] { return is_inf(c({1.0, kNan, -kInf})); }, {3}, {0, 0, 1}},
      {"is_finite", [=] { return is_finite(c({1.0, kNan, kInf})); }, {3}, {1, 0, 0}},
      {"sigmoid", [=] { return sigmoid(c({0.0, 2.0, -1000.0, 1000.0})); }, {4}, {0.5, 1 / (1 + std::exp(-2.0)), 0, 1}},
      {"log_sigmoid", [=] { return log_sigmoid(c({0.0, -1000.0})); }, {2}, {-std::log(2.0), -1000}},
      {"relu", [=] { return relu(c({-1.0, 0.0, 2.0, kNan})); }, {4}, {0, 0, 2, kNan}},
      {"relu6", [=] { return relu6(c({-1.0, 3.0, 7.0})); }, {3}, {0, 3, 6}},
      {"leaky_relu", [=] { return leaky_relu(c({-2.0, 3.0}), 0.25); }, {2}, {-0.5, 3}},
      {"elu", [=] { return elu(c({-1.0, 3.0}), 2.0); }, {2}, {2 * std::expm1(-1.0), 3}},
      {"selu", [=] { return selu(c({-1.0, 1.0})); }, {2}, {-1.1113307378125625, 1.0507009873554805}},
      {"gelu", [=] { return gelu(c({-1.0, 0.0, 2.0})); }, {3}, {-0.15865525393145707, 0, 1.9544997361036416}},
      {"gelu", [=] { return gelu(c({-1.0, 2.0}), true); }, {2}, {-0.15880800939172324, 1.954597694087775}},
      {"silu", [=] { return swish(c({1.0})); }, {1}, {0.7310585786300049}},
      {"softplus", [=] { return softplus(c({0.0, 1000.0, -1000.0})); }, {3}, {std::log(2.0), 1000, 0}},
      {"softsign", [=] { return softsign(c({-3.0, 1.0})); }, {2}, {-0.75, 0.5}},
      {"hard_sigmoid", [=] { return hard_sigmoid(c({-3.0, 0.0, 1.0, 9.0})); }, {4}, {0, 0.5, 0.7, 1}},
      {"mish", [=] { return mish(c({1.0})); }, {1}, {0.8650983882673103}},
      {"logical_not", [=] { return logical_not(c({true, false})); }, {2}, {0, 1}},
      {"bitwise_not", [=] { return ~c({0, 5}); }, {2}, {-1, -6}},
      {"add", [=] { return c({1, 2}) + 10; }, {2}, {11, 12}},
      {"add", [=] { return c({{1.0}, {2.0}}) + c({10.0, 20.0}); }, {2, 2}, {11, 21, 12, 22}},
      {"subtract", [=] { return 1 - c({1.0, 5.0}); }, {2}, {0, -4}},
      {"multiply", [=] { return c({2, 3}) * c({4, 5}); }, {2}, {8, 15}},
      {"divide", [=] { return c({7, -7}) / 2; }, {2}, {3.5, -3.5}},
      {"div_no_nan", [=] { return div_no_nan(c({7.0, 7.0}), c({2.0, 0.0})); }, {2}, {3.5, 0}},
      {"floordiv", [=] { return floordiv(c({7, -7, 7, -7}), c({2, 2, -2, -2})); }, {4}, {3, -4, -4, 3}},
      {"floordiv", [=] { return floordiv(c({7.0, -7.0}), 2.0); }, {2}, {3, -4}},
      {"truncatediv", [=] { return truncatediv(c({7, -7}), 2); }, {2}, {3, -3}},
      {"mod", [=] { return c({7, -7, 7, -7}) % c({3, 3, -3, -3}); }, {4}, {1, 2, -2, -1}},
      {"mod", [=] { return mod(c({-1.5, 6.0}), 2.0); }, {2}, {0.5, 0}},
      {"truncatemod", [=] { return truncatemod(c({7, -7}), 3); }, {2}, {1, -1}},
      {"pow", [=] { return pow(c({2.0, -2.0}), c({0.5, 3.0})); }, {2}, {std::sqrt(2.0), -8}},
      {"maximum", [=] { return maximum(c({1.0, 5.0, kNan}), 2.0); }, {3}, {2, 5, kNan}},
      {"minimum", [=] { return minimum(c({1, 5}), 2); }, {2}, {1, 2}},
      {"squared_difference", [=] { return squared_difference(c({1.0, 5.0}), 3.0); }, {2}, {4, 4}},
      {"atan2", [=] { return atan2(c({1.0, -1.0}), c({-1.0, 0.0})); }, {2}, {std::atan2(1, -1), std::atan2(-1, 0)}},
      {"hypot",
       [=] { return hypot(c({3.0, 0.0, 1e200, kInf, -kInf, kNan}), c({4.0, 0.0, 1e200, 1.0, kNan, 1.0})); },
       {6},
       {5, 0, std::sqrt(2.0) * 1e200, kInf, kInf, kNan}},
      {"xlogy", [=] { return xlogy(c({0.0, 2.0}), c({0.0, 3.0})); }, {2}, {0, 2 * std::log(3.0)}},
      {"add_n", [=] { return add_n({c({1, 2}), c({3, 4}), c({5, 6})}); }, {2}, {9, 12}},
      {"equal", [=] { return equal(c({1.0, kNan}), c({1.0, kNan})); }, {2}, {1, 0}},
      {"not_equal", [=] { return not_equal(c({1.0, kNan}), c({1.0, kNan})); }, {2}, {0, 1}},
      {"less", [=] { return c({1, 2, 3}) < 2; }, {3}, {1, 0, 0}},
      {"less_equal", [=] { return c({1, 2, 3}) <= 2; }, {3}, {1, 1, 0}},
      {"greater", [=] { return 2 > c({1, 2, 3}); }, {3}, {1, 0, 0}},
      {"greater_equal", [=] { return c({1, 2, 3}) >= 2; }, {3}, {0, 1, 1}},
      {"logical_and", [=] { return logical_and(c({true, true}), c({true, false})); }, {2}, {1, 0}},
      {"logical_or", [=] { return logical_or(c({false, true}), c({false, false})); }, {2}, {0, 1}},
      {"logical_xor", [=] { return logical_xor(c({true, true}), c({true, false})); }, {2}, {0, 1}},
      {"bitwise_and", [=] { return c({12, 5}) & 6; }, {2}, {4, 4}},
      {"bitwise_or", [=] { return c({12, 5}) | 6; }, {2}, {14, 7}},
      {"bitwise_xor", [=] { return c({12, 5}) ^ 6; }, {2}, {10, 3}},
      {"left_shift", [=] { return left_shift(c({3, 1}), c({2, 32})); }, {2}, {12, 0}},
      {"right_shift", [=] { return right_shift(c({-8, 9}), c({1, 2})); }, {2}, {-4, 2}},
      {"where", [=] { return where(c({true, false}), c({1.0, 2.0}), -1.0); }, {2}, {1, -1}},
      {"clip_by_value", [=] { return clip_by_value(c({-5, 0, 5}), -1, 2); }, {3}, {-1, 0, 2}},
      {"cast", [=] { return cast(c({-1.7, 2.9, kNan, 1e300}), kInt32); }, {4}, {-1, 2, 0, 2147483647}},
      {"lerp", [=] { return lerp(c({1.0, 2.0}), c({3.0, 6.0}), 0.25); }, {2}, {1.5, 3}},
      {"identity", [=] { return identity(c({1})); }, {1}, {1}},
      {"stop_gradient", [=] { return stop_gradient(c({1.0})); }, {1}, {1}},
      {"check_numerics", [=] { return check_numerics(c({1.0, -1e300}), "here"); }, {2}, {1, -1e300}},
  };
}

std::vector<Case> reductions() {
  const auto x = [] { return c({{1.0, 2.0, 3.0}, {4.0, 5.0, 9.0}}); };
  const double ln = std::log(std::exp(1.0) + std::exp(2.0) + std::exp(3.0));
  return {
      {"reduce_sum", [=] { return reduce_sum(x()); }, {}, {24}},
      {"reduce_sum", [=] { return reduce_sum(x(), 0); }, {3}, {5, 7, 12}},
      {"reduce_sum", [=] { return reduce_sum(x(), -1, true); }, {2, 1}, {6, 18}},
      {"reduce_sum", [=] { return reduce_sum(zeros({0, 2}), 0); }, {2}, {0, 0}},
      {"reduce_mean", [=] { return reduce_mean(x(), {1, 0}); }, {}, {4}},
      {"reduce_mean", [=] { return reduce_mean(c({1, 2, 5}), 0); }, {}, {2}},
      {"reduce_prod", [=] { return reduce_prod(x(), 1); }, {2}, {6, 180}},
      {"reduce_max", [=] { return reduce_max(x(), 0); }, {3}, {4, 5, 9}},
      {"reduce_max", [=] { return reduce_max(c({1.0, kNan})); }, {}, {kNan}},
      {"reduce_min", [=] { return reduce_min(x(), 1, true); }, {2, 1}, {1, 4}},
      {"reduce_any", [=] { return reduce_any(c({{true, false}, {false, false}}), 1); }, {2}, {1, 0}},
      {"reduce_all", [=] { return reduce_all(c({{true, true}, {true, false}}), 1); }, {2}, {1, 0}},
      {"reduce_logsumexp", [=] { return reduce_logsumexp(x()[0]); }, {}, {ln}},
      {"reduce_logsumexp", [=] { return reduce_logsumexp(c({1000.0, 1000.0})); }, {}, {1000 + std::log(2.0)}},
      {"reduce_logsumexp", [=] { return reduce_logsumexp(c({-kInf, -kInf})); }, {}, {-kInf}},
      {"reduce_variance", [=] { return reduce_variance(x(), 1); }, {2}, {2.0 / 3, 14.0 / 3}},
      {"reduce_std", [=] { return reduce_std(x()[0]); }, {}, {std::sqrt(2.0 / 3)}},
      {"norm", [=] { return norm(c({3.0, -4.0})); }, {}, {5}},
      {"norm", [=] { return norm(c({3.0, -4.0}), 1); }, {}, {7}},
      {"norm", [=] { return norm(c({3.0, -4.0}), kInf); }, {}, {4}},
      {"norm", [=] { return norm(zeros({0}, kFloat64), kInf); }, {}, {0}},
      {"norm", [=] { return norm(c({0.0, 0.0}), 3); }, {}, {0}},
      {"norm", [=] { return norm(c({3.0, -4.0}), 3, 0, true); }, {1}, {std::cbrt(91.0)}},
      {"moments", [=] { return moments(x(), 1).first; }, {2}, {2, 6}},
      {"moments", [=] { return moments(x(), 1, true).second; }, {2, 1}, {2.0 / 3, 14.0 / 3}},
      {"l2_loss", [=] { return l2_loss(c({3.0, 4.0})); }, {}, {12.5}},
      {"argmax", [=] { return argmax(c({{1, 7, 7}, {3, 2, 1}}), 1); }, {2}, {1, 0}},
      {"argmin", [=] { return argmin(x(), 0, kInt32); }, {3}, {0, 0, 0}},
      {"cumsum", [=] { return cumsum(c({1, 2, 3})); }, {3}, {1, 3, 6}},
      {"cumsum", [=] { return cumsum(c({1, 2, 3}), 0, true, true); }, {3}, {5, 3, 0}},
      {"cumprod", [=] { return cumprod(x(), -1); }, {2, 3}, {1, 2, 6, 4, 20, 180}},
      {"matmul", [=] { return matmul(x(), c({1.0, 0.0, 2.0})[0] * ones({3, 1}, kFloat64)); }, {2, 1}, {6, 18}},
      {"matmul", [=] { return matmul(x(), x(), {.transpose_b = true}); }, {2, 2}, {14, 41, 41, 122}},
      {"matmul",
       [=] { return matmul(c({{1, 2}, {3, 4}}), c({{1, 0}, {1, 1}}), {.transpose_a = true}); },
       {2, 2},
       {4, 3, 6, 4}},
      {"matmul", [=] { return matmul(c({{{1, 2}}, {{3, 4}}}), c({{1}, {10}})); }, {2, 1, 1}, {21, 43}},
      {"matmul", [=] { return matmul(c({{1, 2}}), c({{{1}, {10}}, {{2}, {20}}})); }, {2, 1, 1}, {21, 42}},
      {"softmax",
       [=] { return softmax(c({5.0, 2.0, -1.0, 3.0})); },
       {4},
       {0.8420335724, 0.0419223830, 0.0020871926, 0.1139568520}},
      {"log_softmax", [=] { return log_softmax(c({{0.0}, {0.0}}), 0); }, {2, 1}, {-std::log(2.0), -std::log(2.0)}},
      {"softmax_cross_entropy_with_logits",
       [=] {
         return softmax_cross_entropy_with_logits(
             {.labels = eye(4, {}, kFloat64),
              .logits =
                  c({{5.0, 2.0, -1.0, 3.0}, {5.0, 2.0, -1.0, 3.0}, {5.0, 2.0, -1.0, 3.0}, {5.0, 2.0, -1.0, 3.0}})});
       },
       {4},
       {0.1719353933, 3.1719353933, 6.1719353933, 2.1719353933}},
      {"sparse_softmax_cross_entropy_with_logits",
       [=] {
         return sparse_softmax_cross_entropy_with_logits(
             {.labels = {1, 3}, .logits = c({{5.0, 2.0, -1.0, 3.0}, {5.0, 2.0, -1.0, 3.0}})});
       },
       {2},
       {3.1719353933, 2.1719353933}},
      {"sigmoid_cross_entropy_with_logits",
       [=] {
         return sigmoid_cross_entropy_with_logits(
             {.labels = c({1.0, 0.5, 1.0, 0.0}), .logits = c({5.0, 0.0, -1000.0, 1000.0})});
       },
       {4},
       {0.00671534849, std::log(2.0), 1000, 1000}},
      {"bias_add", [=] { return bias_add(x(), {10.0, 20.0, 30.0}); }, {2, 3}, {11, 22, 33, 14, 25, 39}},
      {"l2_normalize", [=] { return l2_normalize(c({3.0, 4.0})); }, {2}, {0.6, 0.8}},
      {"clip_by_norm", [=] { return clip_by_norm(c({3.0, 4.0}), 2.5); }, {2}, {1.5, 2}},
      {"clip_by_norm", [=] { return clip_by_norm(c({3.0, 4.0}), 25.0); }, {2}, {3, 4}},
      {"global_norm", [=] { return global_norm({c({1.0, 2.0}), c({{2.0}})}); }, {}, {3}},
      {"clip_by_global_norm",
       [=] { return clip_by_global_norm({c({1.0, 2.0}), c({{2.0}})}, 1.5).tensors[1]; },
       {1, 1},
       {1}},
  };
}

std::vector<Case> shapes() {
  const auto x = [] { return c({{1, 2, 3}, {4, 5, 6}}); };
  return {
      {"constant", [=] { return constant({{1, 2}, {3, 4}}); }, {2, 2}, {1, 2, 3, 4}},
      {"zeros", [=] { return zeros({2}); }, {2}, {0, 0}},
      {"ones", [=] { return ones({2}, kBool); }, {2}, {1, 1}},
      {"fill", [=] { return fill({2}, 7); }, {2}, {7, 7}},
      {"zeros_like", [=] { return zeros_like(x()[0]); }, {3}, {0, 0, 0}},
      {"ones_like", [=] { return ones_like(x()[0], kFloat32); }, {3}, {1, 1, 1}},
      {"eye", [=] { return eye(2, 3); }, {2, 3}, {1, 0, 0, 0, 1, 0}},
      {"range", [=] { return range(3); }, {3}, {0, 1, 2}},
      {"range", [=] { return range(1.0, 0.0, -0.25); }, {4}, {1, 0.75, 0.5, 0.25}},
      {"shape", [=] { return shape(x()); }, {2}, {2, 3}},
      {"shape", [=] { return shape(c(1)); }, {0}, {}},
      {"size", [=] { return size(x()); }, {}, {6}},
      {"rank", [=] { return rank(x()); }, {}, {2}},
      {"reshape", [=] { return reshape(x(), {3, -1}); }, {3, 2}, {1, 2, 3, 4, 5, 6}},
      {"reshape", [=] { return reshape(x(), shape(c({0, 0, 0})) * c({2})); }, {6}, {1, 2, 3, 4, 5, 6}},
      {"transpose", [=] { return transpose(x()); }, {3, 2}, {1, 4, 2, 5, 3, 6}},
      {"transpose", [=] { return transpose(x(), {0, -1}); }, {2, 3}, {1, 2, 3, 4, 5, 6}},
      {"expand_dims", [=] { return expand_dims(x()[0], -1); }, {3, 1}, {1, 2, 3}},
      {"squeeze", [=] { return squeeze(ones({1, 2, 1})); }, {2}, {1, 1}},
      {"squeeze", [=] { return squeeze(ones({1, 2, 1}), 0); }, {2, 1}, {1, 1}},
      {"broadcast_to", [=] { return broadcast_to(x()[1], {2, 3}); }, {2, 3}, {4, 5, 6, 4, 5, 6}},
      {"index", [=] { return x()[-1][0]; }, {}, {4}},
      {"slice", [=] { return slice(x(), {0, 1}, {1, -1}); }, {1, 2}, {2, 3}},
      {"strided_slice", [=] { return strided_slice(x(), {0, 0}, {2, 3}, {.strides = {1, 2}}); }, {2, 2}, {1, 3, 4, 6}},
      {"strided_slice", [=] { return strided_slice(x(), {1, -2}, {9, 9}, {.shrink_axis_mask = 1}); }, {2}, {5, 6}},
      {"strided_slice",
       [=] { return strided_slice(c({0, 1, 2, 3, 4, 5}), {-1}, {0}, {.strides = {-2}}); },
       {3},
       {5, 3, 1}},
      {"strided_slice",
       [=] { return strided_slice(c({0, 1, 2, 3, 4}), {0}, {0}, {.strides = {-1}, .begin_mask = 1, .end_mask = 1}); },
       {5},
       {4, 3, 2, 1, 0}},
      {"strided_slice", [=] { return strided_slice(c({0, 1, 2}), {2}, {1}); }, {0}, {}},
      {"concat", [=] { return concat({x(), c({{7}, {8}})}, -1); }, {2, 4}, {1, 2, 3, 7, 4, 5, 6, 8}},
      {"stack", [=] { return stack({c(1), c(2)}); }, {2}, {1, 2}},
      {"stack", [=] { return stack({c({1, 2}), c({3, 4})}, -1); }, {2, 2}, {1, 3, 2, 4}},
      {"unstack", [=] { return unstack(x(), 1)[2]; }, {2}, {3, 6}},
      {"split", [=] { return split(c({1, 2, 3, 4}), 2)[1]; }, {2}, {3, 4}},
      {"split", [=] { return split(c({1, 2, 3, 4}), std::vector<int64_t>{1, 3})[1]; }, {3}, {2, 3, 4}},
      {"tile", [=] { return tile(c({{1, 2}}), {2, 2}); }, {2, 4}, {1, 2, 1, 2, 1, 2, 1, 2}},
      {"pad", [=] { return pad(c({1, 2}), {{1, 2}}, 9); }, {5}, {9, 1, 2, 9, 9}},
      {"reverse", [=] { return reverse(x(), 1); }, {2, 3}, {3, 2, 1, 6, 5, 4}},
      {"gather", [=] { return gather(x(), {2, 0}, 1); }, {2, 2}, {3, 1, 6, 4}},
      {"one_hot", [=] { return one_hot({3, 1, 2, 0}, 4); }, {4, 4}, {0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0}},
      {"one_hot",
       [=] { return one_hot({1, 5}, 2, {.on_value = 3, .off_value = -1, .axis = 0}); },
       {2, 2},
       {-1, -1, 3, -1}},
  };
}

void check(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    SCOPED_TRACE(test.op);
    reset_default_graph();
    const Tensor y = test.build();
    const Array value = evaluate(y);
    EXPECT_EQ(y.node().spec->name, test.op);
    ASSERT_EQ(value.shape(), test.shape) << value.str();
    // The type at build time is the type at run time.
    EXPECT_EQ(y.type(), ir::TensorType::of(value.dtype(), value.shape()));
    for (size_t i = 0; i < test.expected.size(); ++i) {
      const double got = value.value_as_double(static_cast<int64_t>(i)), wanted = test.expected[i];
      if (std::isnan(wanted) || std::isinf(wanted))
        EXPECT_TRUE((std::isnan(wanted) && std::isnan(got)) || got == wanted) << value.str();
      else
        EXPECT_NEAR(got, wanted, 1e-9 * std::max(1.0, std::abs(wanted))) << value.str();
    }
  }
}

TEST(OpValues, ElementWise) { check(element_wise()); }
TEST(OpValues, Reductions) { check(reductions()); }
TEST(OpValues, Shapes) { check(shapes()); }

TEST(OpValues, EveryOrdinaryOperatorHasACase) {
  std::set<std::string> tested{"assign", "assign_add", "assign_sub", "no_op", "group"};  // variables_test
  for (const char* op : {"apply_gradient_descent", "apply_momentum", "apply_adam"})
    tested.insert(op);  // optimizer_test
  for (const auto& cases : {element_wise(), reductions(), shapes()})
    for (const Case& test : cases) tested.insert(test.op);
  for (const OpSpec& spec : all_op_specs()) {
    EXPECT_FALSE(spec.doc.empty()) << spec.name;
    EXPECT_FALSE(spec.category.empty()) << spec.name;
    if (spec.role == OpRole::kOrdinary && !spec.seeded) {
      EXPECT_TRUE(tested.contains(spec.name)) << spec.name;
      EXPECT_NE(spec.expand, nullptr) << spec.name;
    }
  }
  EXPECT_GE(all_op_specs().size(), 150u);
}

}  // namespace
}  // namespace dlc
