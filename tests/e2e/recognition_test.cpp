// What users write by hand for softmax cross-entropy, as their graphs lower it, becomes the stable
// op before gradients are taken: with logits that overflow exp, loss and gradient are finite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "frontend/graph/lower.h"
#include "frontend/ops/ops.h"
#include "frontend/train/gradients.h"
#include "ir/interp/interpreter.h"
#include "ir/printer.h"
#include "passes/pass_manager.h"

namespace dlc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

enum class Labels { kDense, kOneHot };
enum class Batch { kMean, kSum };
struct Spelling {
  bool with_max;
  Labels labels;
  Batch batch;
  bool log_of_quotient;  ///< log(exp(z) / sum(exp(z))), else z - log(sum(exp(z)))
};

class UserWrittenCrossEntropy : public ::testing::TestWithParam<Spelling> {};

TEST_P(UserWrittenCrossEntropy, IsRecognisedAndStable) {
  const Spelling s = GetParam();
  reset_default_graph();
  const Tensor logits = placeholder(kFloat32, {"n", 4}, "logits");
  const Tensor labels =
      s.labels == Labels::kOneHot ? placeholder(kInt32, {"n"}, "labels") : placeholder(kFloat32, {"n", 4}, "labels");
  const Tensor weights = s.labels == Labels::kOneHot ? one_hot(labels, 4) : labels;
  const Tensor z = s.with_max ? logits - reduce_max(logits, 1, true) : logits;
  const Tensor log_p =
      s.log_of_quotient ? log(exp(z) / reduce_sum(exp(z), 1, true)) : z - log(reduce_sum(exp(z), 1, true));
  const Tensor losses = -reduce_sum(weights * log_p, 1);
  const Tensor loss = s.batch == Batch::kMean ? reduce_mean(losses) : reduce_sum(losses);
  const Tensor gradient = gradients(loss, logits);

  const auto function = value_or_throw(lower(logits.graph(), {loss, gradient}, {logits, labels}));
  passes::PassContext context;
  const auto pipeline = value_or_throw(passes::parse_pipeline("differentiate"));
  std::string recognised;
  passes::PassManager manager(
      {.verify_each = true, .after_pass = [&](const passes::PassInfo& pass, const ir::Function& f, bool) {
         if (std::string_view(pass.name) == "autodiff") return;
         if (std::string_view(pass.name) == "dce") recognised = print(f);
       }});
  value_or_throw(manager.run(*function, pipeline, context));
  EXPECT_THAT(recognised, HasSubstr(s.labels == Labels::kOneHot ? " = sparse_softmax_cross_entropy("
                                                                : " = softmax_cross_entropy("));
  EXPECT_THAT(recognised, Not(HasSubstr(" = exp(")));

  // exp(200) is infinite in f32. Row 0: label 1 is 100 below the largest; row 1: label 0 is it.
  const Array z_values = Array::of<float>({2, 4}, {200, 100, 0, -50, 3, 2, 1, 0});
  const Array l_values = s.labels == Labels::kOneHot ? Array::of<int32_t>({2}, {1, 0})
                                                     : Array::of<float>({2, 4}, {0, 1, 0, 0, 1, 0, 0, 0});
  const std::vector<Array> out = value_or_throw(ir::interpret(*function, {z_values, l_values}));
  const double row1 = std::log(1 + std::exp(-1.0) + std::exp(-2.0) + std::exp(-3.0));
  const double scale = s.batch == Batch::kMean ? 0.5 : 1.0;
  EXPECT_NEAR(out[0].item<float>(), scale * (100 + row1), 1e-4);
  EXPECT_NEAR(out[1].at<float>({0, 0}), scale, 1e-6);
  EXPECT_NEAR(out[1].at<float>({0, 1}), -scale, 1e-6);
  EXPECT_NEAR(out[1].at<float>({1, 0}), scale * (std::exp(-row1) - 1), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Spellings, UserWrittenCrossEntropy,
                         ::testing::Values(Spelling{false, Labels::kDense, Batch::kMean, true},
                                           Spelling{true, Labels::kDense, Batch::kSum, true},
                                           Spelling{false, Labels::kOneHot, Batch::kMean, true},
                                           Spelling{true, Labels::kOneHot, Batch::kSum, true},
                                           Spelling{false, Labels::kDense, Batch::kMean, false},
                                           Spelling{true, Labels::kOneHot, Batch::kMean, false}));

}  // namespace
}  // namespace dlc
