// Any bytes are either a graph or errors, never an exception or a bug of ours; a graph prints to text that
// parses to itself.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "frontend/graph/graph_file.h"
#include "tests/frontend/graphs_equal.h"

namespace {

[[noreturn]] void fail(const char* what, const std::string& details, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n%s\n", what, details.c_str(), text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dlc;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics("input", text);
  const std::optional<Graph> graph = parse_graph(text, "input", diagnostics);
  if (graph.has_value() != diagnostics.ok()) fail("neither graph nor errors", diagnostics.str(), text);
  for (const Error& e : diagnostics.errors()) {
    if (e.code == ErrorCode::kInternal) fail("an internal error", e.str(), text);
    if (!e.loc.known()) fail("an error without a place", e.str(), text);
  }
  if (!graph) return 0;
  const std::string printed = print(*graph);
  const Expected<Graph> again = parse_graph(printed, "printed");
  if (!again) fail("printed text does not parse", again.error().str(), printed);
  if (const std::string what = testing::graphs_differ(*graph, *again); !what.empty())
    fail("not the same", what, printed);
  if (print(*again) != printed) fail("not the same when printed again", print(*again), printed);
  return 0;
}
