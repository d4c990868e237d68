// What is said of wrong graph files: line, column and message, and several in one go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/graph/graph_file.h"

namespace dlc {
namespace {

using ::testing::HasSubstr;

struct BadText {
  const char* text;
  const char* place;    ///< line:column of the first error
  const char* message;  ///< part of its text
};

class GraphFileErrors : public ::testing::TestWithParam<BadText> {};

TEST_P(GraphFileErrors, NamePlaceAndCause) {
  const BadText& bad = GetParam();
  Diagnostics diagnostics("bad.dlc", bad.text);
  EXPECT_FALSE(parse_graph(bad.text, "bad.dlc", diagnostics));
  ASSERT_FALSE(diagnostics.ok());
  const Error& e = diagnostics.errors()[0];
  EXPECT_EQ(fmt::format("{}:{}", e.loc.line, e.loc.column), bad.place) << diagnostics.str();
  EXPECT_THAT(e.message, HasSubstr(bad.message));
  EXPECT_NE(e.code, ErrorCode::kInternal) << diagnostics.str();
  EXPECT_EQ(diagnostics.count(), 1u) << "one mistake, one error:\n" << diagnostics.str();
}

const BadText kBadTexts[] = {
    // Characters.
    {"x = constant(1)\ny = $x", "2:5", "'$' means nothing here"},
    {"x = 'a'", "1:5", "strings stand in double quotes"},
    {"x = constant(\"ab)\n", "1:14", "the string is not closed on its line"},
    {"`a/b = 3\n", "1:1", "the name in backquotes is not closed"},
    {"x = 12abc", "1:5", "'12abc' is no number"},
    {"x = set(\"\\q\")", "1:10", "unknown escape in a string"},
    {"x = 99999999999999999999", "1:5", "does not fit an integer of 64 bits"},
    {"x = 1e999", "1:5", "does not fit f64"},
    // Grammar.
    {"x = ", "1:5", "expected an expression, found the end of the line"},
    {"x = relu(3", "1:11", "expected ',' or ')' in the arguments of relu, found the end of the text"},
    {"x = relu(3\ny = 4\n", "2:1", "expected ',' or ')' in the arguments of relu, found 'y'"},
    {"x = 3 4", "1:7", "expected the end of the line after a statement, found '4'"},
    {"x = [1, 2", "1:10", "expected ',' or ']' in a list"},
    {"x = (1 + 2", "1:11", "expected ')'"},
    {"x = 1 < 2 < 3", "1:11", "comparisons do not chain"},
    {"true = 3", "1:1", "'true' is a word of the language"},
    {"f32, x = 3", "1:1", "'f32' is a word of the language"},
    {"x = zeros(f32[3, ])", "1:18", "expected a dimension"},
    {"x = zeros(f32[3; 4])", "1:16", "';' means nothing here"},
    {"x = one_hot(depth=3, 4)", "1:22", "an argument without a name after one with a name, 'depth='"},
    {"relu(3) {\n}", "1:9", "only name_scope(...) and control_dependencies(...) have a block"},
    {"name_scope(\"a\") {\nx = 3\n", "1:17", "the block is not closed by '}'"},
    {"}", "1:1", "expected an expression, found '}'"},
    {"x = a:b", "1:7", "expected the number of an output after ':'"},
    // Names.
    {"x = y", "1:5", "there is no node 'y'"},
    {"labels = constant(3)\nx = lables + 1", "2:5", "there is no node 'lables'; did you mean 'labels'?"},
    {"x = y\ny = constant(3)", "1:5", "'y' is used before its definition in line 2"},
    {"x = x + 1", "1:5", "'x' is used before its definition in line 1"},
    {"x = 1\nx = 2", "2:1", "'x' is defined twice, first in line 1"},
    {"`a b` = 3", "1:9", "'a b' is no name of a node"},
    {"x = matmull(1, 2)", "1:5", "there is no operator 'matmull'; did you mean 'matmul'?"},
    {"x = name_scope(\"a\")", "1:5", "name_scope is a statement and has no value"},
    {"x = relu(3.0, name=\"y\")", "1:15", "the name of a node stands in front: NAME = relu(...)"},
    {"name_scope(3) {\n}", "1:1", "name_scope needs one name in double quotes"},
    // Arguments.
    {"x = matmul([[1.0]])", "1:5", "operand 'b' is missing; the operator is matmul(a, b"},
    {"x = relu(1.0, 2.0)", "1:15", "too many arguments; the operator is relu(x)"},
    {"x = relu(1.0, x=2.0)", "1:17", "argument 'x' is given twice"},
    {"x = softmax([1.0], axs=0)", "1:20", "there is no argument 'axs'; did you mean 'axis'?"},
    {"x = softmax([1.0], axis=0.5)", "1:25", "attribute 'axis' needs an integer, got a number"},
    {"x = matmul([[1.0]], [[1.0]], 3)", "1:30", "attribute 'transpose_a' needs true or false, got a number"},
    {"x = cast(1, f32[2])", "1:13", "attribute 'dtype' needs an element type such as f32, got a type with dimensions"},
    {"x = zeros(f32)", "1:11", "attribute 'dims' needs a list of dimensions"},
    {"x = zeros(f32[-3])", "1:11", "negative"},
    {"x = zeros(f32[99999999999, 99999999999])", "1:11", "too many elements"},
    {"x = zeros(f32[1.5])", "1:11", "'1.5' is no dimension"},
    {"x = relu(\"a\")", "1:10", "operand 'x' needs a tensor, got a string"},
    {"x = relu([1.0, [2.0]])", "1:16", "not rectangular: a list of 1 after a number"},
    {"y = constant(1.0)\nx = relu([y, y])", "2:11", "lists have numbers in them here, got the name 'y'; stack([...])"},
    {"x = fill(i32[1], 0.5)", "1:5", "fill 'x': 'value': the number 0.5 is no i32"},
    {"x = fill(u8[1], 300)", "1:5", "fill 'x': 'value': the number 300 is no u8"},
    {"x = fill(i64[1], inf)", "1:5", "'value': the number inf is no i64"},
    {"x = fill(i64[1], 9.3e18)", "1:5", "'value': the number 9.3e+18 is no i64"},
    {"x = fill(i64[1], 9007199254740993)", "1:18", "attribute 'value' is an f64, which has no 9007199254740993"},
    {"x = range(9007199254740993, 9007199254740994, 1, i64)", "1:11", "beyond 2^53 not every integer is one"},
    {"x = range(0, 1, 0.5, i32)", "1:5", "range 'x': 'delta': the number 0.5 is no i32"},
    {"x = range(0, 300, 1, u8)", "1:5", "range 'x': the last element, 299, is no u8"},
    {"x = pad(constant([1]), [1, 1], constant_value=0.5)", "1:5", "'constant_value': the number 0.5 is no i32"},
    {"x = one_hot([1], 2, on_value=0.5, dtype=i32)", "1:5", "'on_value': the number 0.5 is no i32"},
    {"x = l2_normalize([1.0], epsilon=-1)", "1:5", "'epsilon' is -1, needs epsilon > 0"},
    {"x = l2_normalize([1.0], epsilon=nan)", "1:5", "needs epsilon > 0"},
    {"x = constant([1, 0.5], i32)", "1:14", "the number 0.5 is no i32"},
    {"x = constant(f32[2], \"00\")", "1:22", "f32[2] needs its bytes as a string of 16 hexadecimal digits"},
    {"x = constant(f32[1000000])", "1:14", "needs its bytes as a string of 8000000 hexadecimal digits"},
    {"x = stored_constant(f32[2])", "1:5", "there is no file of constants"},
    {"x = constant(1)\ny = x[0.5]", "2:7", "an index needs an integer, got a number; gather(x, indices) takes tensors"},
    {"set_random_seed(0.5)", "1:17", "set_random_seed needs an integer"},
    // Operators.
    {"x = placeholder(f32[n, 784])\nW = variable(zeros(f32[785, 10]))\nlogits = matmul(x, W)", "3:10",
     "matmul 'logits': inner dimensions of f32[n,784] and f32[785,10]"},
    {"x = placeholder(f32[3])\ny = placeholder(i32[3])\nz = (x\n     + y)", "4:6",
     "add 'z': operands 'x' and 'y' need one element type, got f32[3] and i32[3]; cast one of them"},
    {"x = placeholder(f32[3])\na, b, c = split(x[0:], 3)", "2:20", "expected ']' after an index, found ':'"},
    {"x = placeholder(f32[3])\na, b, c, d = split(x, 3)", "2:10", "split has 3 outputs here, there are 4 names"},
    {"x = placeholder(f32[3])\ny = assign(x, x)", "2:5", "operand 'ref' needs a variable, got placeholder 'x'"},
    {"x = no_op()\ny = relu(x)", "2:10", "operand 'x' needs a tensor; no_op 'x' has no value"},
    {"x = constant(1.0)\ny = relu(x:1)", "2:10", "constant 'x' has 1 output, there is no 'x:1'"},
    {"x = placeholder(f32[?])\nv = variable(x)", "2:5", "the initial value needs dimensions that are numbers"},
    // Training.
    {"x = placeholder(f32[])\ntrain = adam(x)", "2:9", "no variable reaches the loss"},
    {"w = variable(0.0)\ntrain = adam(learning_rate=1)", "2:9", "adam: the loss is missing"},
    {"w = variable(0.0)\ntrain = gradient_descent(w)", "2:9", "gradient_descent: 'learning_rate' is missing"},
    {"w = variable(0.0)\ntrain = adam(w, lr=0.1)", "2:17", "adam: there is no argument 'lr'"},
    {"x = constant(1)\ng = gradients(x, x)", "2:5", "needs f32 or f64"},
    {"x = constant(1.0)\ng = gradients(constant(2.0), x)", "2:5",
     "no y depends on 'x' f32[] through differentiable operations; ask for zeros with unconnected=\"zeros\""},
    {"w = variable(1)\ntrain = adam(w * 2)", "2:9", "Adam: the loss needs f32 or f64, got 'multiply' i32[]; cast it"},
    {"a = relu(1.0\n\n  # the end\n", "3:12", "found the end of the text"},
    {"w = variable(0.0)\ng = gradients([w], [])", "2:5", "there is no x"},
};

INSTANTIATE_TEST_SUITE_P(Table, GraphFileErrors, ::testing::ValuesIn(kBadTexts));

TEST(GraphFileErrorsTogether, EachStatementIsReportedAndItsUsersAreNot) {
  const std::string text =
      "x = placeholder(f32[n, 784])\n"
      "W = variable(zeros(f32[785, 10]))\n"
      "logits = matmul(x, W)\n"
      "loss = reduce_mean(logits)\n"
      "y = relu(x\n"
      "z = sigmoidd(x)\n";
  Diagnostics diagnostics("mlp.dlc", text);
  EXPECT_FALSE(parse_graph(text, "mlp.dlc", diagnostics));
  EXPECT_EQ(diagnostics.str(),
            "mlp.dlc:3:10: error: matmul 'logits': inner dimensions of f32[n,784] and f32[785,10]: 784 is not 785\n"
            "  logits = matmul(x, W)\n"
            "           ^\n"
            "  note: operand a: 'x' f32[n,784], made by placeholder at mlp.dlc:1:5\n"
            "  note: operand b: 'W' f32[785,10], made by variable at mlp.dlc:2:5\n"
            "mlp.dlc:6:1: error: expected ',' or ')' in the arguments of relu, found 'z'\n"
            "  z = sigmoidd(x)\n"
            "  ^\n"
            "mlp.dlc:6:5: error: there is no operator 'sigmoidd'; did you mean 'sigmoid'?\n"
            "  z = sigmoidd(x)\n"
            "      ^\n");
}

TEST(GraphFileErrorsTogether, DepthIsLimited) {
  const auto error_of = [](const std::string& text) {
    const Expected<Graph> g = parse_graph(text);
    return g ? std::string() : g.error().message;
  };
  const auto repeat = [](const std::string& s, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += s;
    return out;
  };
  EXPECT_THAT(error_of("x = " + repeat("(", 100000)), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(error_of("x = " + repeat("-", 100000) + "y"), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(error_of("x = 2" + repeat("**2", 100000)), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(error_of("x = " + repeat("[", 100000)), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(error_of("x = 1" + repeat("+1", 100000)), HasSubstr("more than 500 operations deep"));
  EXPECT_THAT(error_of(repeat("name_scope(\"a\") {\n", 100000)), HasSubstr("nested more than 200 deep"));
  EXPECT_THAT(error_of("x = " + repeat("[", 40) + repeat("]", 40)), HasSubstr("lists are nested more than 32 deep"));
  EXPECT_THAT(error_of("x = zeros(f32[" + repeat("1,", 100) + "1])"), HasSubstr("more than 32 dimensions"));
  EXPECT_EQ(error_of("x = 1" + repeat("+1", 499)), "");
}

// A file that is cut off says where; one that happens to end with a statement is a smaller graph.
TEST(GraphFileErrorsTogether, EveryCutIsAGraphOrAnErrorWithItsPlace) {
  const std::string whole =
      "x = placeholder(f32[n, 3])  # examples\n"
      "`w/1` = variable([[1.5e0, -2], [3, 4.0], [5, 6]])\n"
      "name_scope(\"out\") {\n  y = relu(matmul(x, `w/1`) ** 2) <= 1e3\n}\n";
  ASSERT_TRUE(parse_graph(whole)) << parse_graph(whole).error().str();
  int graphs = 0;
  for (size_t n = 0; n < whole.size(); ++n) {
    const std::string cut = whole.substr(0, n);
    Diagnostics diagnostics("cut.dlc", cut);
    if (parse_graph(cut, "cut.dlc", diagnostics)) {
      ++graphs;
      continue;
    }
    ASSERT_FALSE(diagnostics.ok()) << cut;
    for (const Error& e : diagnostics.errors()) {
      EXPECT_NE(e.code, ErrorCode::kInternal) << e.str();
      EXPECT_TRUE(e.loc.known()) << e.str();
    }
  }
  EXPECT_GT(graphs, 0);
}

}  // namespace
}  // namespace dlc
