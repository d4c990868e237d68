// Every function of the API that takes no tensor has a form that takes the graph: what it makes is in that
// graph, and the thread's default graph stays as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/dlc.h"
#include "frontend/graph/node.h"

namespace dlc {
namespace {

class GraphForms : public ::testing::Test {
 protected:
  void SetUp() override { before_ = default_graph().num_nodes(); }
  void TearDown() override { EXPECT_EQ(default_graph().num_nodes(), before_) << "the default graph was used"; }
  Graph graph_;

 private:
  size_t before_ = 0;
};

TEST_F(GraphForms, Sources) {
  const std::vector<Tensor> made = {placeholder(graph_, kFloat32, {"n", 2}),
                                    constant(graph_, 2.5f),
                                    constant(graph_, 2, kFloat64),
                                    zeros(graph_, {"n", 2}),
                                    ones(graph_, {3}, kInt32),
                                    fill(graph_, {2}, 7.0),
                                    eye(graph_, 3),
                                    range(graph_, 5),
                                    range(graph_, 1, 2, 0.25),
                                    random_uniform(graph_, {2}),
                                    random_normal(graph_, {2}),
                                    truncated_normal(graph_, {2}),
                                    glorot_uniform(/*seed=*/1)(graph_, {2, 3}),
                                    Initializer(Array::scalar(1.0f))(graph_, {})};
  for (const Tensor& t : made) EXPECT_EQ(t.graph(), graph_) << t.str();
  EXPECT_EQ(made[2].dtype(), kFloat64);
  EXPECT_EQ(made[0].dims(), made[3].dims()) << "one symbol of one graph";
  EXPECT_THAT(made[7].type().shape(), ::testing::ElementsAre(5));
}

TEST_F(GraphForms, VariablesAndTheirScopes) {
  EXPECT_EQ(variable(graph_, 1.0f, "v").graph(), graph_);
  Tensor first, second;
  {
    const Scope scope = variable_scope(graph_, "layer");
    first = get_variable(graph_, "w", {2, 3});
  }
  {
    const Scope scope = variable_scope(graph_, "layer", Reuse::kYes);
    second = get_variable(graph_, "w", {2, 3});
  }
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.name(), "layer/w");
  const Operation init = global_variables_initializer(graph_), some = variables_initializer(graph_, {first});
  EXPECT_EQ(init.node().inputs.size(), 2u);
  EXPECT_EQ(some.node().inputs.size(), 1u);
  Session session(graph_, {.num_threads = 1});
  session.run(init);
  EXPECT_EQ(session.value(first).shape(), (Shape{2, 3}));
}

TEST_F(GraphForms, Control) {
  const Operation nothing = no_op(graph_);
  EXPECT_EQ(nothing.graph(), graph_);
  EXPECT_EQ(group(graph_, {}).graph(), graph_);
  EXPECT_EQ(group(graph_, {nothing}).node().control_inputs.size(), 1u);
  const Graph other;
  EXPECT_THROW(group(other, {nothing}), Exception) << "an operation of another graph";
}

TEST_F(GraphForms, ATensorOfAnotherGraphIsRefused) {
  const Graph other;
  const Tensor there = constant(other, 1.0f, "there");
  try {
    variable(graph_, there);
    FAIL() << "no error";
  } catch (const Exception& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr("another graph"));
  }
}

}  // namespace
}  // namespace dlc
