// Every registered operator prints to text that parses to the same node.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "frontend/graph/graph_file.h"
#include "tests/frontend/graphs_equal.h"

namespace dlc {
namespace {

/// Nodes for the statements below: floating x, y; integers i, j; booleans p, q; matrices a, b; variable w.
constexpr const char* kPrelude =
    "x = placeholder(f32[n, 3])\ny = placeholder(f32[n, 3])\nv = placeholder(f64[3])\n"
    "i = placeholder(i32[4])\nj = placeholder(i32[4])\np = placeholder(bool[4])\nq = placeholder(bool[4])\n"
    "a = placeholder(f32[n, 3])\nb = placeholder(f32[3, 5])\nw = variable(zeros(f32[3]))\n"
    "m = variable(zeros(f32[3]), trainable=false)\ns = variable(zeros(f32[3]))\ng = placeholder(f32[3])\n";

/// Statements by operator; those of one and two operands of one kind are made from a pattern.
std::map<std::string, std::vector<std::string>> samples() {
  std::map<std::string, std::vector<std::string>> out = {
      {"placeholder", {"placeholder(f32[])", "placeholder(i64[n, ?, 2*n+1])", "placeholder(bool[0, k])"}},
      {"constant", {"constant(3)", "constant([[0.5, -1.0]], f64)", "constant([true])", "constant(f32[2, 0])"}},
      {"variable", {"variable(x[0][0] * 0.0)", "variable(3.5, trainable=false)", "variable(ones(f64[2]))"}},
      {"global_variables_initializer", {"global_variables_initializer([w, m])", "global_variables_initializer()"}},
      {"assign", {"assign(w, [1, 2, 3])"}},
      {"assign_add", {"assign_add(w, 1)"}},
      {"assign_sub", {"assign_sub(w, 0.5)"}},
      {"no_op", {"no_op()", "no_op(control_inputs=[x])"}},
      {"group", {"group([])", "group([x, w])"}},
      {"gradients", {"gradients(x * y, [x, y])", "gradients([x, y], [x], grad_ys=[y, x], stop_gradients=[y])"}},
      {"apply_gradient_descent", {"apply_gradient_descent(w, 0.1, g)"}},
      {"apply_momentum", {"apply_momentum(w, m, 0.1, g, 0.9)", "apply_momentum(w, m, 0.1, g, 0.9, use_nesterov=true)"}},
      {"apply_adam", {"apply_adam(w, m, s, 0.9, 0.999, 0.001, 0.9, 0.999, 1e-8, g)"}},
      {"zeros", {"zeros(f32[3])", "zeros(bool[n])"}},
      {"ones", {"ones(i64[])"}},
      {"fill", {"fill(f64[2, 2], 1e-300)", "fill(f32[2], value=-inf)"}},
      {"leaky_relu", {"leaky_relu(x)", "leaky_relu(x, alpha=0.01)"}},
      {"elu", {"elu(x, alpha=2)"}},
      {"gelu", {"gelu(x)", "gelu(x, approximate=true)"}},
      {"add_n", {"add_n([x, y, x])", "add_n([1.0, 2.0])"}},
      {"where", {"where(p, i, 0)", "where([true, false], [1.0, 2.0], 3)"}},
      {"clip_by_value", {"clip_by_value(x, -1, 1)", "clip_by_value(i, j, 7)"}},
      {"lerp", {"lerp(x, y, 0.25)"}},
      {"cast", {"cast(x, i32)", "cast(p, dtype=f64)"}},
      {"norm", {"norm(x)", "norm(x, ord=inf, axis=[-1], keepdims=true)"}},
      {"moments", {"moments(x, axis=[0])"}},
      {"argmax", {"argmax(x, axis=1)", "argmax(x, axis=-1, output_type=i32)"}},
      {"argmin", {"argmin(x)"}},
      {"cumsum", {"cumsum(x, axis=1, exclusive=true, reverse=true)"}},
      {"cumprod", {"cumprod(x)"}},
      {"matmul", {"matmul(a, b)", "matmul(a, b, false, false)", "matmul(a, a, transpose_b=true)"}},
      {"bias_add", {"bias_add(a, g)"}},
      {"softmax_cross_entropy_with_logits",
       {"softmax_cross_entropy_with_logits(labels=x, logits=y)",
        "softmax_cross_entropy_with_logits(labels=x, logits=y, axis=0)"}},
      {"sparse_softmax_cross_entropy_with_logits",
       {"sparse_softmax_cross_entropy_with_logits(labels=placeholder(i32[n]), logits=y)"}},
      {"sigmoid_cross_entropy_with_logits", {"sigmoid_cross_entropy_with_logits(labels=x, logits=y)"}},
      {"clip_by_norm", {"clip_by_norm(x, 1.5)", "clip_by_norm(x, 1, axis=[0])"}},
      {"global_norm", {"global_norm([x, g])"}},
      {"clip_by_global_norm", {"clip_by_global_norm([x, g], 5)"}},
      {"random_uniform", {"random_uniform(f32[n, 2])", "random_uniform(f64[3], minval=-1, maxval=1, seed=9)"}},
      {"random_normal", {"random_normal(f32[4], stddev=0.5)"}},
      {"truncated_normal", {"truncated_normal(f32[4], mean=1, graph_seed=5)"}},
      {"dropout", {"dropout(x, 0.5)", "dropout(x, rate=0.1, seed=-3)"}},
      {"random_uniform_initializer", {"random_uniform_initializer(f32[2], minval=0)"}},
      {"random_normal_initializer", {"random_normal_initializer(f64[2, 2], stddev=2)"}},
      {"truncated_normal_initializer", {"truncated_normal_initializer(f32[2])"}},
      {"reshape", {"reshape(x, [-1])", "reshape(i, dims=[2, 2])", "reshape(x, [3, n])", "reshape(x, shape(y))"}},
      {"transpose", {"transpose(x)", "transpose(x, [1, 0])"}},
      {"expand_dims", {"expand_dims(x, 0)", "expand_dims(x, axis=-1)"}},
      {"squeeze", {"squeeze(expand_dims(x, 1))", "squeeze(expand_dims(x, 1), axis=1)"}},
      {"broadcast_to", {"broadcast_to(g, [n, 3])"}},
      {"index", {"index(x, 0)", "b[-1]", "[[1, 2], [3, 4]][1]"}},
      {"slice", {"slice(b, [1, 0], [2, -1])"}},
      {"strided_slice", {"strided_slice(b, [0, 1], [3, 5], strides=[1, 2], shrink_axis_mask=1)"}},
      {"concat", {"concat([x, y], axis=1)", "concat([i, [1, 2]], 0)"}},
      {"stack", {"stack([i, j])", "stack([1, 2.5])"}},
      {"unstack", {"unstack(b)"}},
      {"split", {"split(b, [1, 4], axis=1)", "split(i, 2)"}},
      {"tile", {"tile(b, [2, 1])"}},
      {"pad", {"pad(b, [0, 1, 2, 0], constant_value=-1)"}},
      {"reverse", {"reverse(b, [0, 1])"}},
      {"gather", {"gather(b, [0, 2])", "gather(b, i, axis=1)"}},
      {"one_hot", {"one_hot(i, depth=3)", "one_hot(i, 3, on_value=5, dtype=i64, axis=0)"}},
      {"range",
       {"range(0, 5)", "range(0.5, limit=2, delta=0.5, dtype=f32)", "range(5)", "range(0, 2, 0.5)", "range(3.0)",
        "range(0, 2.5, dtype=i32)", "range(-0.0, 2, dtype=i64)"}},
      {"eye", {"eye(3)", "eye(2, num_columns=4, dtype=f64)"}},
  };
  for (const char* op :
       {"shape", "size", "rank", "zeros_like", "ones_like", "softmax", "log_softmax", "l2_normalize", "l2_loss"})
    out[op] = {std::string(op) + "(x)"};
  for (const char* op : {"glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"})
    out[op] = {std::string(op) + "(f32[3, 4])", std::string(op) + "(f64[2], seed=12345678901)"};
  return out;
}

/// Operands of each type that the operator may take.
std::vector<std::string> by_arity(const OpSpec& spec) {
  std::vector<std::string> out;
  const std::vector<std::vector<std::string>> tries =
      spec.operands.size() == 1 ? std::vector<std::vector<std::string>>{{"x"}, {"i"}, {"p"}, {"2.5"}}
                                : std::vector<std::vector<std::string>>{{"x", "y"}, {"i", "j"},   {"p", "q"},
                                                                        {"x", "2"}, {"0.5", "x"}, {"i", "-2"}};
  for (const std::vector<std::string>& operands : tries) {
    std::string call = spec.name + "(" + operands[0] + (operands.size() > 1 ? ", " + operands[1] : "") + ")";
    if (parse_graph(kPrelude + ("t = " + call))) out.push_back(std::move(call));
  }
  return out;
}

TEST(GraphFileOps, RangeTakesItsTypeAndItsOneNumberAsInCpp) {
  const auto typed = [](const std::string& call) {
    const Expected<Graph> g = parse_graph("t = " + call);
    if (!g) return g.error().str();
    const Node& n = g->find_operation("t").node();
    return fmt::format("{} from {}", n.types[0], *n.find_attr<double>("start"));
  };
  EXPECT_EQ(typed("range(5)"), "i32[5] from 0");
  EXPECT_EQ(typed("range(5.0)"), "f32[5] from 0");
  EXPECT_EQ(typed("range(2, 5)"), "i32[3] from 2");
  EXPECT_EQ(typed("range(0, 2, 0.5)"), "f32[4] from 0");
  EXPECT_EQ(typed("range(0, 2e0)"), "f32[2] from 0");
  EXPECT_EQ(typed("range(0, 2, 0.5, f64)"), "f64[4] from 0");
  EXPECT_EQ(typed("range(0, 2.5, dtype=i32)"), "i32[3] from 0");
}

TEST(GraphFileOps, EveryOperatorComesBack) {
  const auto table = samples();
  std::set<std::string> seen;
  for (const OpSpec& spec : all_op_specs()) {
    const auto it = table.find(spec.name);
    const bool plain = it == table.end() && (spec.operands.size() == 1 || spec.operands.size() == 2);
    const std::vector<std::string> calls = plain               ? by_arity(spec)
                                           : it == table.end() ? std::vector<std::string>{}
                                                               : it->second;
    EXPECT_FALSE(calls.empty()) << "no sample of " << spec.signature();
    for (const std::string& call : calls) {
      const Expected<Graph> g = parse_graph(kPrelude + ("t = " + call));
      ASSERT_TRUE(g) << g.error().str();
      EXPECT_EQ(g->find_operation("t").node().spec->name, spec.name) << call;
      const std::string text = print(*g);
      const Expected<Graph> again = parse_graph(text);
      ASSERT_TRUE(again) << again.error().str() << "\n" << text;
      EXPECT_EQ(testing::graphs_differ(*g, *again), "") << text;
      EXPECT_EQ(print(*again), text);
    }
  }
  for (const auto& [op, calls] : table) EXPECT_TRUE(find_op_spec(op)) << "a sample of no operator: " << op;
}

}  // namespace
}  // namespace dlc
