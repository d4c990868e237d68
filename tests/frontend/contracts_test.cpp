// Contracts of performance: kept ones are silent, broken ones say why.
#include "frontend/session/contracts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;

class Contracts : public ::testing::Test {
 protected:
  Graph graph;
  Scope scope = graph.as_default();
  Tensor x = placeholder(kFloat32, {ir::Dim::symbol("n"), 16}, "x");
  Tensor w = variable(Array::full(kFloat32, {16, 16}, 0.5), "w");
  Tensor h = tanh(matmul(x, w, {.name = "product"}), "h");
  Tensor y = matmul(h, w, {.name = "second"});
  Session session{graph, {.kernel_cache = "off"}};
  Explanation why = session.explain({y}, {{x, {kFloat32, {32, 16}}}});

  static void expect_broken(const std::function<void()>& contract, const char* what, const char* reason) {
    const Error e = error_of(contract);
    EXPECT_EQ(e.code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(e.str(), AllOf(HasSubstr(what), HasSubstr(reason)));
  }
};

TEST_F(Contracts, Fused) {
  require_fused(why, "product", "h");
  expect_broken([&] { require_fused(why, "h", "second"); }, "'h' and 'second' are not one kernel",
                "'second' is a product");
  EXPECT_EQ(error_of([&] { require_fused(why, "h", "nothing"); }).code, ErrorCode::kNotFound);
}

TEST_F(Contracts, NodesThatBecamePartOfAComposite) {
  const Tensor e = exp(h, "e"), total = reduce_sum(e, 1, true, "total"), p = divide(e, total, "p");
  const Tensor labels = placeholder(kFloat32, {ir::Dim::symbol("n"), 16}, "labels");
  const Tensor logs = log(p, "logs"), loss = -reduce_sum(multiply(labels, logs, "picked"), 1, false, "loss");
  const std::pair<Tensor, FeedType> feed{x, {kFloat32, {32, 16}}};
  const auto message = [](const Explanation& of, const char* a, const char* b) {
    const Error error = error_of([&] { require_fused(of, a, b); });
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    return error.str();
  };
  const Explanation softmax = session.explain({p}, {feed});
  EXPECT_THAT(message(softmax, "e", "p"), HasSubstr("node 'e' alone: it became part of the softmax at node 'p'"));
  EXPECT_THAT(message(softmax, "p", "total"), HasSubstr("'total' alone: it became part of the softmax at node 'p'"));
  EXPECT_THAT(message(softmax, "p", "logs"), HasSubstr("it is not part of this step, or was simplified away"));
  const Explanation losses = session.explain({loss}, {feed, {labels, {kFloat32, {32, 16}}}});
  for (const char* node : {"e", "total", "p", "logs", "picked"})
    EXPECT_THAT(message(losses, node, "loss"), HasSubstr("it became part of the cross-entropy at node 'loss'"));
  // Who else reads a part keeps it.
  const Explanation kept = session.explain({p, e}, {feed});
  EXPECT_NO_THROW(value_or_throw(kept.fusion.together("e", "e")));
}

TEST_F(Contracts, Kernels) {
  require_kernels(why, 2);
  expect_broken([&] { require_kernels(why, 1); }, "2 kernel calls, at most 1 were expected",
                "'second' does not share a kernel with 'h'");
}

TEST_F(Contracts, Copies) {
  require_no_copies(why);
  expect_broken([&] { require_no_copies(session.explain({x}, {{x, {kFloat32, {2, 16}}}})); }, "copies values",
                "'x' is copied: ");
}

TEST_F(Contracts, WorkingMemory) {
  require_working_memory(why, why.arena_bytes);
  expect_broken([&] { require_working_memory(why, 32 * 16 * 4 - 1); }, "at most 2047 were expected", "f32[512]  // h");
}

TEST_F(Contracts, Compilations) {
  session.run(global_variables_initializer());
  const SessionStats before = session.stats();
  for (const int64_t rows : {3, 3, 5}) session.run(y, {{x, Array::full(kFloat32, {rows, 16}, 1)}});
  require_compilations(before, session.stats(), 2);
  expect_broken([&] { require_compilations(before, session.stats(), 1); }, "2 programs were compiled, at most 1",
                "feed 'x' is f32[5,16], was f32[3,16]");
}

}  // namespace
}  // namespace dlc
