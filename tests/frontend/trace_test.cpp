// What a session writes for Perfetto, read by a JSON parser: passes, stages, kernels with their nodes
// and work, chunks on the lanes of threads. And the profile, which is measured the same way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "frontend/dlc.h"
#include "frontend/session/explain.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using nlohmann::json;
using testing::error_of;
using ::testing::HasSubstr;

/// A step with a product, element-wise kernels that are divided into chunks, and updates.
class Traced : public ::testing::Test {
 protected:
  Traced() {
    reset_default_graph();
    x = placeholder(kFloat32, {kRows, 256}, "x");
    const Tensor w = variable(random_uniform({256, 256}, -1, 1, kFloat32, 1), "w");
    const Tensor h = tanh(matmul(x, w, {.name = "product"}), "h");
    loss = reduce_mean(h * h, {}, false, "loss");
    train = AdamOptimizer(0.01).minimize(loss);
  }
  std::vector<Array> run(Session& session, int steps) const {
    session.run(global_variables_initializer());
    Callable step = session.prepare({loss, train}, {{x, {kFloat32, {kRows, 256}}}});
    const Array value = Array::full(kFloat32, {kRows, 256}, 0.25);
    std::vector<Array> seen;
    for (int i = 0; i < steps; ++i) seen.push_back(step({value})[0].clone());
    profile = step.profile();
    return seen;
  }
  static constexpr int64_t kRows = 512;
  Tensor x, loss;
  Operation train;
  mutable std::vector<KernelProfile> profile;
};

std::map<std::string, std::vector<json>> events_of(const std::string& path) {
  std::ifstream in(path);
  std::map<std::string, std::vector<json>> by_category;
  const json file = json::parse(in);
  for (const json& event : file.at("traceEvents"))
    if (event.contains("cat")) by_category[event["cat"]].push_back(event);
  return by_category;
}

TEST_F(Traced, ThreadsHaveLanesAndKernelsNameNodesAndWork) {
  const std::string path = ::testing::TempDir() + "/session_trace.json";
  {
    Session session({.num_threads = 2, .trace = path});
    run(session, 20);
  }
  const auto events = events_of(path);
  std::set<std::string> passes, stages;
  for (const json& e : events.at("pass")) passes.insert(e["name"]);
  for (const json& e : events.at("compile")) stages.insert(e["name"].get<std::string>().substr(0, 6));
  EXPECT_TRUE(passes.contains("autodiff") && passes.contains("fuse"));
  EXPECT_TRUE(stages.contains("passes") && stages.contains("native") && stages.contains("plan @"));
  EXPECT_GE(events.at("run").size(), 21u);  // the initializer's, and the steps

  bool product = false;
  for (const json& e : events.at("kernel")) {
    const json& nodes = e["args"]["nodes"];
    if (std::find(nodes.begin(), nodes.end(), "product") == nodes.end()) continue;
    if (std::find(nodes.begin(), nodes.end(), "h") == nodes.end()) continue;
    product = true;
    EXPECT_GE(e["args"]["flops"].get<int64_t>(), 2 * kRows * 256 * 256);
    EXPECT_GE(e["args"]["bytes"].get<int64_t>(), 4 * (kRows * 256 + 256 * 256 + kRows * 256));
    EXPECT_GT(e["dur"].get<double>(), 0);
  }
  EXPECT_TRUE(product);
  // Each chunk lies within a kernel call, and is on the lane of its thread.
  std::set<int> lanes;
  for (const json& c : events.at("chunk")) {
    lanes.insert(c["tid"].get<int>());
    const double start = c["ts"], end = start + c["dur"].get<double>();
    const auto& kernels = events.at("kernel");
    EXPECT_TRUE(std::any_of(kernels.begin(), kernels.end(), [&](const json& k) {
      constexpr double kPrint = 0.002;  // times are printed in steps of 0.001
      return k["name"] == c["name"] && k["ts"].get<double>() <= start + kPrint &&
             end <= k["ts"].get<double>() + k["dur"].get<double>() + kPrint;
    })) << c;
  }
  EXPECT_GE(lanes.size(), 1u);
}

TEST_F(Traced, KeepsEveryBit) {
  Session plain({.num_threads = 1}), watched({.num_threads = 2, .profile = true});
  const std::vector<Array> expected = run(plain, 5), found = run(watched, 5);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(expected[i].identical(found[i])) << i;
}

TEST_F(Traced, ProfileCountsRunsAndTime) {
  Session plain;
  run(plain, 3);
  EXPECT_TRUE(profile.empty());
  Session session({.num_threads = 1, .profile = true});
  run(session, 3);
  ASSERT_FALSE(profile.empty());
  for (const KernelProfile& k : profile) {
    EXPECT_EQ(k.runs, 3) << k.kernel;
    EXPECT_GT(k.seconds, 0);
    EXPECT_LE(k.least_seconds, k.seconds / 3 + 1e-9);
    EXPECT_GT(k.bytes, 0);
    EXPECT_FALSE(k.nodes.empty());
  }
}

TEST_F(Traced, AFailedRunEndsBeforeTheUpdates) {
  const Tensor n = placeholder(kInt32, {1}, "n");
  const Tensor w = variable(1.0f, "counter");
  const Tensor update = assign_add(w, cast(reduce_sum(floordiv(n, n)), kFloat32));
  Session session({.profile = true});
  session.run(global_variables_initializer());
  error_of([&] { session.run(update, {{n, Array::of<int32_t>({1}, {0})}}); });
  EXPECT_EQ(session.value(w).item<float>(), 1);
  session.run(update, {{n, Array::of<int32_t>({1}, {7})}});
  EXPECT_EQ(session.value(w).item<float>(), 2);
}

TEST_F(Traced, PathThatCannotBeWrittenIsAnErrorOfTheSession) {
  const Error e = error_of([] { const Session session({.trace = "/no/such/folder/trace.json"}); });
  EXPECT_EQ(e.code, ErrorCode::kIo);
  EXPECT_THAT(e.str(), HasSubstr("cannot write trace '/no/such/folder/trace.json'"));
}

TEST_F(Traced, ExplanationIsDataToo) {
  Session session;
  const Explanation why = session.explain({loss, train}, {{x, {kFloat32, {kRows, 256}}}});
  EXPECT_TRUE(value_or_throw(why.fusion.together("product", "h")));
  EXPECT_FALSE(why.kernels.empty());
  EXPECT_THAT(why.str(), HasSubstr("Memory"));
  EXPECT_EQ(error_of([&] { value_or_throw(why.kernels_of("nothing")); }).code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dlc
