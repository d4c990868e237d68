// The file that a Trace writes. That it is JSON is told here by a small reader of brackets and
// strings, and in tests/frontend by a parser.
#include "support/trace.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace dlc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string fresh_path(const char* name) { return ::testing::TempDir() + "/" + name; }

TraceEvent event(std::string_view name) {
  const auto now = Trace::Clock::now();
  return {"test", name, now, now + std::chrono::microseconds(5), R"("n":1)", Trace::this_thread()};
}

bool closed(const std::string& text) { return text.starts_with("{\"displayTimeUnit\"") && text.ends_with("\n]}\n"); }

TEST(Trace, EventHasNameTimeAndArguments) {
  const std::string path = fresh_path("one.json");
  value_or_throw(Trace::open(path))->add(event("dense1/matmul \"x\"\n"));
  const std::string text = file_of(path);
  EXPECT_TRUE(closed(text)) << text;
  EXPECT_THAT(text, HasSubstr(R"("cat":"test","name":"dense1/matmul \"x\"\u000a","ts":)"));
  EXPECT_THAT(text, HasSubstr(R"("dur":5.000,"args":{"n":1}})"));
}

TEST(Trace, FileIsWholeAfterEveryWrite) {
  const std::string path = fresh_path("whole.json");
  const auto trace = value_or_throw(Trace::open(path));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(closed(file_of(path))) << i;
    trace->add(event("e"));
    trace->flush();
  }
}

TEST(Trace, OnePathIsOneTraceWhileItIsHeld) {
  const std::string path = fresh_path("shared.json");
  auto first = value_or_throw(Trace::open(path));
  EXPECT_EQ(first, value_or_throw(Trace::open(path)));
  first->add(event("old"));
  first.reset();
  value_or_throw(Trace::open(path))->add(event("new"));
  EXPECT_THAT(file_of(path), Not(HasSubstr("old")));
}

TEST(Trace, StopsAtItsLimitAndSaysHowMuchIsMissing) {
  const std::string path = fresh_path("bounded.json");
  {
    const auto trace = value_or_throw(Trace::open(path, 4000));
    for (int i = 0; i < 100; ++i) trace->add(event("event"));
  }
  const std::string text = file_of(path);
  EXPECT_LT(text.size(), 4300u);
  EXPECT_TRUE(closed(text));
  EXPECT_THAT(text, ::testing::ContainsRegex("[0-9]+ events dropped: the limit is 4000 bytes"));
}

TEST(Trace, ThreadsHaveLanes) {
  const std::string path = fresh_path("threads.json");
  {
    const auto trace = value_or_throw(Trace::open(path));
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) trace->add(event("e"));
      });
  }
  const std::string text = file_of(path);
  size_t lanes = 0, events = 0;
  for (size_t at = 0; (at = text.find("thread_name", at)) != std::string::npos; ++at) ++lanes;
  for (size_t at = 0; (at = text.find("\"ph\":\"X\"", at)) != std::string::npos; ++at) ++events;
  EXPECT_EQ(lanes, 3u);
  EXPECT_EQ(events, 300u);
}

TEST(Trace, PathThatCannotBeWrittenIsAnError) {
  const auto trace = Trace::open(::testing::TempDir() + "/no/such/folder/x.json");
  ASSERT_FALSE(trace);
  EXPECT_THAT(trace.error().str(), HasSubstr("cannot write trace"));
}

TEST(Trace, AFileThatAnotherProcessWritesIsAnError) {
  const std::string path = fresh_path("shared.json");
  std::ofstream(path) << "what the other wrote";
  const int other = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  EXPECT_THAT(Trace::open(path).error().message, HasSubstr("another process is writing it"));
  EXPECT_EQ(file_of(path), "what the other wrote");
  ::close(other);
  EXPECT_TRUE(Trace::open(path));
  EXPECT_TRUE(closed(file_of(path)));
}

TEST(Trace, NamesAreUtf8) {
  EXPECT_EQ(Trace::json("Größe"), "\"Größe\"");
  EXPECT_EQ(Trace::json("a\xff"
                        "b\xc3"),
            "\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\"");
  EXPECT_EQ(Trace::json("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(Trace, SpanOfNoTraceIsNothing) {
  TraceSpan span(nullptr, "test", "nothing");
  span.set_args("");
}

}  // namespace
}  // namespace dlc
