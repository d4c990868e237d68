// Compile time grows with the program, not with its square: everything before machine code, over graphs
// that double up to 10,000 nodes. What is compared is processor time of this thread, the least of several
// runs taken in turn, more of them while other programs seem to disturb (those who use the memory slow down
// the larger graph more); memory once taken from the system is kept, so that no run pays for getting it. The
// mean of three doublings, since at one of them a graph stops fitting into a cache.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "backend/native/target.h"
#include "backend/plan/plan.h"
#include "frontend/dlc.h"
#include "frontend/graph/lower.h"
#include "passes/pass_manager.h"

namespace dlc {
namespace {

struct Model {
  std::vector<Fetch> fetches;
  std::vector<Tensor> feeds;
};

double thread_seconds() {
  struct timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds by stage.
using Times = std::map<std::string, double>;

/// Compiles a graph of about `nodes` nodes, without the machine code.
Times compile_once(const std::function<Model(int)>& build, int nodes) {
  Times times;
  double last = thread_seconds();
  const auto stage = [&](const std::string& name) {
    const double now = thread_seconds();
    times[name] = now - last;
    last = now;
  };
  Graph graph;
  const auto scope = graph.as_default();
  const Model model = build(nodes);
  stage("graph");
  EXPECT_NEAR(static_cast<double>(graph.num_nodes()), nodes, 0.05 * nodes);
  last = thread_seconds();
  const auto function = value_or_throw(lower(graph, model.fetches, model.feeds));
  stage("lower");
  passes::PassContext context;
  const passes::Pipeline pipeline = value_or_throw(passes::parse_pipeline("compile"));
  value_or_throw(passes::PassManager({.verify_each = false}).run(*function, pipeline, context));
  stage("passes");
  const backend::Plan plan = value_or_throw(backend::make_plan(*function, backend::host_target()));
  value_or_throw(backend::verify(plan));
  stage("plan");
  return times;
}

/// The least times of all rounds, for a small graph and one of eight times its nodes.
class Growth {
 public:
  explicit Growth(std::function<Model(int)> build) : build_(std::move(build)) {}

  void measure() {
    take_least(small_, kSmall);
    take_least(large_, kLarge);
  }
  double doubling() const { return std::cbrt(sum(large_) / sum(small_)); }
  std::string table() const {
    std::string text;
    const auto row = [&](const std::string& name, double a, double b) {
      text +=
          fmt::format("  {:<8} {:8.2f} ms {:8.2f} ms, a doubling {:.2f}\n", name, a * 1e3, b * 1e3, std::cbrt(b / a));
    };
    for (const auto& [stage, seconds] : large_) row(stage, small_.at(stage), seconds);
    row("all", sum(small_), sum(large_));
    return text;
  }

 private:
  static constexpr int kSmall = 1250, kLarge = 10000;  // three doublings
  void take_least(Times& least, int nodes) const {
    for (const auto& [stage, seconds] : compile_once(build_, nodes)) {
      const auto [it, fresh] = least.emplace(stage, seconds);
      if (!fresh) it->second = std::min(it->second, seconds);
    }
  }
  static double sum(const Times& times) {
    double all = 0;
    for (const auto& [stage, seconds] : times) all += seconds;
    return all;
  }

  std::function<Model(int)> build_;
  Times small_, large_;
};

// What is linear takes 2.0 times as long in a machine without caches, what is quadratic 4. Where somebody else's
// programs use up the cache that the machine's processors share, the largest graph may take longer: then nothing is
// said up to kDisturbed, unless DLC_QUIET_MACHINE is set (`tests/nightly scaling`).
constexpr double kNearLinear = 2.3, kDisturbed = 2.6;

void expect_near_linear(const std::function<Model(int)>& build) {
  constexpr int kFewest = 3, kMost = 60;
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  Growth growth(build);
  for (int round = 0; round < kMost && (round < kFewest || growth.doubling() > kNearLinear); ++round) growth.measure();
  fmt::print("{}", growth.table());
  const bool quiet = std::getenv("DLC_QUIET_MACHINE") != nullptr;
  if (!quiet && growth.doubling() > kNearLinear && growth.doubling() <= kDisturbed)
    GTEST_SKIP() << "more than " << kNearLinear << " times a doubling; is the machine busy?\n" << growth.table();
  EXPECT_LE(growth.doubling(), kNearLinear) << growth.table();
}

TEST(TimedScaling, AChainOfScalars) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {}, "x");
    Tensor y = x;
    for (int i = 1; i < nodes; ++i) y = i % 2 == 0 ? y * x : y + x;
    return Model{{y}, {x}};
  });
}

TEST(TimedScaling, AChainWithConstants) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {16}, "x");
    Tensor y = x;
    // Two nodes and three in turn: the literals are nodes.
    for (int i = 0; i < 2 * nodes / 5; ++i) y = i % 2 == 0 ? y * 1.5f : tanh(y) + static_cast<float>(i % 7);
    return Model{{y}, {x}};
  });
}

TEST(TimedScaling, ConstantsThatFold) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {16}, "x");
    Tensor c = constant(1.0f);
    for (int i = 0; i < nodes / 2; ++i) c = c * 0.5f;
    return Model{{x + c}, {x}};
  });
}

TEST(TimedScaling, ManyUsersOfOneValue) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {16}, "x");
    std::vector<Tensor> level;
    for (int i = 0; i < nodes / 2; ++i) level.push_back(x * x);
    while (level.size() > 1) {
      std::vector<Tensor> next;
      for (size_t i = 0; i + 1 < level.size(); i += 2) next.push_back(maximum(level[i], level[i + 1]));
      if (level.size() % 2 == 1) next.push_back(level.back());
      level = std::move(next);
    }
    return Model{{level[0]}, {x}};
  });
}

TEST(TimedScaling, TrainingManyLayers) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {4, 8}, "x");
    Tensor h = x;
    // A layer has 11 nodes: two variables with an initial value and an initializer each, product, sum, relu,
    // and two steps of descent.
    for (int i = 0; i < nodes / 11; ++i) {
      const Tensor w = variable(Array::full(kFloat32, {8, 8}, 0.01), "w");
      const Tensor b = variable(Array::full(kFloat32, {8}, 0.01), "b");
      h = relu(matmul(h, w) + b);
    }
    const Operation train = GradientDescentOptimizer(0.01).minimize(reduce_mean(h * h));
    return Model{{train}, {x}};
  });
}

TEST(TimedScaling, ManySmallModels) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {8}, "x");
    std::vector<Fetch> fetches;
    for (int i = 0; i < nodes / 5; ++i) fetches.emplace_back(reduce_sum(exp(x * static_cast<float>(i)) + x));
    return Model{fetches, {x}};
  });
}

/// Which of its reads come after an assignment is asked when a node is made.
TEST(TimedScaling, ManyLayersMadeAfterTheirInitializer) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {4, 8}, "x");
    std::vector<Tensor> w;
    // Four nodes each: an initial value, a variable, product and relu.
    for (int i = 0; i < nodes / 4; ++i) w.push_back(variable(Array::full(kFloat32, {8, 8}, 0.01), "w"));
    global_variables_initializer();
    Tensor h = x;
    for (const Tensor& v : w) h = relu(matmul(h, v));
    return Model{{h}, {x}};
  });
}

TEST(TimedScaling, AssignmentsOneAfterTheOther) {
  expect_near_linear([](int nodes) {
    const Tensor x = placeholder(kFloat32, {8}, "x");
    std::vector<Fetch> before;
    // Three nodes each: an initial value, the variable, the assignment.
    for (int i = 0; i < nodes / 3; ++i) {
      const Tensor w = variable(Array::full(kFloat32, {8}, 0), "w");
      const auto scope = control_dependencies(before);
      before = {assign_add(w, x).op()};
    }
    return Model{before, {x}};
  });
}

}  // namespace
}  // namespace dlc
