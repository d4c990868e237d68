// REQUIREMENTS A1, S-12, S-13 and S-20: whole programs as the lecture writes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "frontend/dlc.h"

namespace dlc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LecturePrograms : public ::testing::Test {
 protected:
  void SetUp() override { reset_default_graph(); }
};

std::string read_example(const std::filesystem::path& file) {
  std::ifstream in(std::filesystem::path(DLC_SOURCE_DIR) / "examples" / file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The source without its comments, which may well speak of gradients.
std::string code_of(const std::string& source) {
  std::istringstream in(source);
  std::string code;
  for (std::string line; std::getline(in, line);) code += line.substr(0, line.find("//")) + "\n";
  return code;
}

/// What a program that computes gradients itself, or does the updates, would say.
std::vector<std::string> backward_code_in(const std::string& source) {
  const std::string code = code_of(source);
  std::vector<std::string> found;
  for (const char* word : {"gradients(", "grad(", "backward", "assign_sub(", "assign_add(", "assign("})
    if (code.find(word) != std::string::npos) found.emplace_back(word);
  return found;
}

TEST_F(LecturePrograms, S12_FiveStepTutorial) {
  // The example is compiled and run by ctest (examples/tutorial_five_steps); here that it has the five steps, in
  // order, each with what makes it up.
  const std::string source = read_example("tutorial_five_steps.cpp");
  ASSERT_FALSE(source.empty());
  size_t at = 0;
  for (const char* part : {"// 1. Create tensors", "placeholder(", "variable(", "// 2. Write operations", "minimize(",
                           "// 3. Initialise", "global_variables_initializer()", "// 4. Create a session",
                           "Session session", "// 5. Run it", "session.run(init)", "session.run(train"}) {
    const size_t next = source.find(part, at);
    ASSERT_NE(next, std::string::npos) << "'" << part << "' is not where its step is";
    at = next;
  }

  // The same five steps.
  const Tensor x = placeholder(kFloat32, {"n"}, "x"), y = placeholder(kFloat32, {"n"}, "y");
  const Tensor a = variable(0.0f, "a"), c = variable(0.0f, "c");
  const Tensor loss = reduce_mean(square(a * x + c - y));
  const Operation train = GradientDescentOptimizer(0.05).minimize(loss);
  const Operation init = global_variables_initializer();
  Session session;
  session.run(init);
  const Feeds points = {{x, Array::of<float>({5}, {0, 1, 2, 3, 4})}, {y, Array::of<float>({5}, {1, 3, 5, 7, 9})}};
  EXPECT_EQ(session.run(loss, points).item<float>(), 33.0f);
  for (int i = 0; i < 1000; ++i) session.run(train, points);
  EXPECT_NEAR(session.run(a).item<float>(), 2.0f, 1e-4);
  EXPECT_NEAR(session.run(c).item<float>(), 1.0f, 1e-4);
}

TEST_F(LecturePrograms, S13_NoExampleHasBackwardCode) {
  int trained = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(DLC_SOURCE_DIR) / "examples")) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    const std::string source = read_example(entry.path().filename());
    EXPECT_THAT(backward_code_in(source), IsEmpty()) << entry.path().filename();
    if (code_of(source).find("minimize(") != std::string::npos) ++trained;
  }
  EXPECT_GE(trained, 5) << "few examples train: the search above sees the wrong files";
  // The search itself finds what it is for.
  EXPECT_THAT(backward_code_in("auto g = gradients(loss, w);  // by hand\nassign_sub(w, 0.1f * g);"),
              ElementsAre("gradients(", "assign_sub("));
  EXPECT_THAT(backward_code_in("train = sgd.minimize(loss);  // makes gradients(loss, w)"), IsEmpty());
}

TEST_F(LecturePrograms, S20_ThreeLayersAndLogits) {
  // As the lecture has it: examples are columns, and the forward computation stops at Z3.
  const Tensor x = placeholder(kFloat32, {12288, "m"}, "X"), y = placeholder(kFloat32, {6, "m"}, "Y");
  const auto linear = [](const Tensor& a, int64_t units, int layer) {
    const Tensor w = get_variable(fmt::format("W{}", layer), {units, a.dims()[0]}, glorot_uniform(layer));
    const Tensor b = get_variable(fmt::format("b{}", layer), {units, 1}, zeros_initializer());
    return matmul(w, a) + b;
  };
  const Tensor a1 = relu(linear(x, 25, 1)), a2 = relu(linear(a1, 12, 2)), z3 = linear(a2, 6, 3);
  const Tensor cost = reduce_mean(softmax_cross_entropy_with_logits({.labels = y, .logits = z3, .axis = 0}));
  const Operation train = AdamOptimizer(0.001).minimize(cost);
  int64_t parameters = 0;
  for (const Tensor& v : default_graph().trainable_variables()) {
    int64_t elements = 1;
    for (const ir::Dim& d : v.dims()) elements *= d.constant();
    parameters += elements;
  }
  EXPECT_EQ(parameters, 307615);
  EXPECT_THAT(lint(default_graph()), IsEmpty());

  // Pictures of six kinds: a pattern each, and noise.
  constexpr int64_t kPixels = 12288, kPictures = 48;
  std::mt19937 random(1);
  const auto uniform = [&] { return static_cast<float>(random() % 1000) / 1000; };
  std::vector<float> patterns(6 * kPixels);
  for (float& p : patterns) p = uniform();
  Array pictures(kFloat32, {kPixels, kPictures}), labels(kFloat32, {6, kPictures});
  for (int64_t i = 0; i < kPictures; ++i) labels.set_from_double(i % 6 * kPictures + i, 1);
  const std::span<float> pixels = pictures.data<float>();
  for (int64_t p = 0; p < kPixels; ++p)
    for (int64_t i = 0; i < kPictures; ++i)
      pixels[static_cast<size_t>(p * kPictures + i)] =
          0.5f * patterns[static_cast<size_t>(i % 6 * kPixels + p)] + 0.5f * uniform();

  Session session;
  session.run(global_variables_initializer());
  const Feeds feeds = {{x, pictures}, {y, labels}};
  const float before = session.run(cost, feeds).item<float>();
  EXPECT_GT(before, 1.0f);
  for (int i = 0; i < 40; ++i) session.run(train, feeds);
  EXPECT_LT(session.run(cost, feeds).item<float>(), before / 2);
}

TEST_F(LecturePrograms, S20_LintOfSoftmaxAsLogits) {
  const Tensor z = placeholder(kFloat32, {"n", 6}, "Z3"), y = placeholder(kFloat32, {"n", 6}, "Y");
  const Tensor classes = placeholder(kInt32, {"n"}, "classes");
  const Tensor a = softmax(z, -1, "A3");
  softmax_cross_entropy_with_logits({.labels = y, .logits = a, .name = "cost"});
  const int line = __LINE__ - 1;
  const std::vector<GraphWarning> warnings = lint(default_graph());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "DLC-L001");
  EXPECT_EQ(warnings[0].rule, "probabilities-as-logits");
  EXPECT_EQ(warnings[0].node, "cost");
  EXPECT_EQ(warnings[0].loc.line, line);
  EXPECT_THAT(warnings[0].message, HasSubstr("'cost' expects logits, got 'A3', probabilities of softmax 'A3'"));
  EXPECT_THAT(warnings[0].fix, HasSubstr("'Z3'"));
  EXPECT_THAT(warnings[0].str(), HasSubstr("lecture_programs_test.cpp"));

  // Seen through what only changes the shape; the other losses; sigmoid's outputs.
  sparse_softmax_cross_entropy_with_logits({.labels = classes, .logits = identity(reshape(a, {-1, 6}))});
  sigmoid_cross_entropy_with_logits({.labels = y, .logits = sigmoid(z)});
  EXPECT_EQ(lint(default_graph()).size(), 3u);
}

TEST_F(LecturePrograms, S20_LintIsSilentWhereAllIsWell) {
  const Tensor z = placeholder(kFloat32, {"n", 6}, "Z3"), y = placeholder(kFloat32, {"n", 6}, "Y");
  const Tensor a = softmax(z);
  softmax_cross_entropy_with_logits({.labels = y, .logits = z});
  softmax_cross_entropy_with_logits({.labels = stop_gradient(a), .logits = z});  // a teacher's probabilities
  softmax_cross_entropy_with_logits({.labels = y, .logits = log_softmax(z)});    // changes nothing
  softmax_cross_entropy_with_logits({.labels = y, .logits = a * 2.0f});          // attention weights, then a layer
  softmax_cross_entropy_with_logits({.labels = y, .logits = relu(sigmoid(z) * 3.0f)});  // hidden sigmoid units
  EXPECT_THAT(lint(default_graph()), IsEmpty());
  EXPECT_THAT(lint(Graph()), IsEmpty());
}

}  // namespace
}  // namespace dlc
