// dlc explain: why a step became the program that it is.
#include <memory>

#include "frontend/session/explain.h"
#include "tools/dlc/model.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct ExplainOptions {
  std::string model, target = "host", node;
  std::vector<std::string> fetches, feeds, apart, again;
  bool fuse = true, kernels = false, copies = false, memory = false, not_fused = false;
};

/// What is fed: every placeholder that the fetches need.
Expected<std::vector<std::pair<Tensor, FeedType>>> feed_types(const Graph& graph, const std::vector<Fetch>& fetches,
                                                              const std::vector<std::string>& feeds) {
  std::map<std::string, std::string> given;
  for (const std::string& feed : feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=DTYPE[DIMS]"));
    given.insert(parts);
  }
  std::vector<std::pair<Tensor, FeedType>> types;
  for (const Tensor& t : needed_placeholders(graph, fetches)) {
    DLC_ASSIGN_OR_RETURN(const FeedType type, feed_type(t, given));
    types.emplace_back(t, type);
  }
  return types;
}

Expected<std::string> answer(const backend::Explanation& why, const ExplainOptions& o) {
  std::string out;
  if (!o.apart.empty()) {
    DLC_ASSIGN_OR_RETURN(out, why.why_not_fused(o.apart[0], o.apart[1]));
  }
  if (!o.node.empty()) {
    DLC_ASSIGN_OR_RETURN(const std::string calls, why.kernels_of(o.node));
    out += calls;
  }
  if (o.kernels) out += why.kernel_table();
  if (o.not_fused) out += why.partings();
  if (o.copies) out += why.copies.empty() ? "no copies\n" : why.copy_reasons();
  if (o.memory) out += why.memory();
  const bool asked = !o.apart.empty() || !o.node.empty() || o.kernels || o.not_fused || o.copies || o.memory;
  return asked ? out : why.str();
}

/// What the session says of a second step, with some feeds of other types than the first.
Expected<std::string> why_compiled_again(Session& session, const std::vector<Fetch>& fetches, const ExplainOptions& o) {
  DLC_ASSIGN_OR_RETURN(const auto first, feed_types(session.graph(), fetches, o.feeds));
  std::vector<std::string> feeds = o.again;
  feeds.insert(feeds.end(), o.feeds.begin(), o.feeds.end());  // of a name the first counts
  DLC_ASSIGN_OR_RETURN(const auto second, feed_types(session.graph(), fetches, feeds));
  return catching([&] {
    session.prepare(fetches, first);
    session.prepare(fetches, second);
    const std::vector<Compilation> compilations = session.stats().compilations;
    if (compilations.size() < 2) return std::string("Nothing is compiled again: the first program serves both.\n");
    return fmt::format(
        "Compiled again: {}. Remedy: feed one size, with a last batch that is padded or left out, or set "
        "SessionOptions{{.bind_dims = false}}: one program for all sizes, which takes sizes at run time.\n",
        compilations.back().why);
  });
}

Expected<void> run_explain(const ExplainOptions& o) {
  DLC_ASSIGN_OR_RETURN(const Model model, load_model(o.model));
  if (!model.graph)
    return make_error(ErrorCode::kInvalidArgument, "'{}' is IR text; explain needs a graph file", o.model);
  std::vector<Fetch> fetches;
  for (const std::string& name : o.fetches) {
    DLC_ASSIGN_OR_RETURN(const Fetch f, find_fetch(*model.graph, name));
    fetches.push_back(f);
  }
  if (fetches.empty()) fetches = default_fetches(*model.graph);
  Session session(*model.graph, {.fuse = o.fuse, .target = o.target});
  if (!o.again.empty()) {
    DLC_ASSIGN_OR_RETURN(const std::string text, why_compiled_again(session, fetches, o));
    return write_text("-", text);
  }
  DLC_ASSIGN_OR_RETURN(const auto feeds, feed_types(*model.graph, fetches, o.feeds));
  DLC_ASSIGN_OR_RETURN(const backend::Explanation why, catching([&] { return session.explain(fetches, feeds); }));
  DLC_ASSIGN_OR_RETURN(const std::string text, answer(why, o));
  return write_text("-", text);
}

}  // namespace

std::function<int()> setup_explain(CLI::App& app) {
  auto o = std::make_shared<ExplainOptions>();
  app.add_option("model", o->model, "Graph file (.dlc)")->required();
  app.add_option("--fetch", o->fetches,
                 "NAME or NAME:K, operations too; without it, every tensor that nothing else computes with");
  app.add_option("--feed", o->feeds, "NAME=DTYPE[DIMS], for example x=f32[64,784]: where the sizes are open");
  app.add_option("--target", o->target, "host, sse2, avx2 or avx512")->capture_default_str();
  app.add_flag("--fuse,!--no-fuse", o->fuse, "Group operations into kernels (the default)");
  app.add_option("--why-not-fused", o->apart, "Two nodes A B: why they do not share a kernel, and what can be done")
      ->expected(2);
  app.add_option("--kernel", o->node, "A node: the kernels that compute it");
  app.add_flag("--kernels", o->kernels, "Every kernel call, with its work and the nodes that it computes");
  app.add_flag("--not-fused", o->not_fused, "Every place at which two nodes do not share a kernel");
  app.add_flag("--copies", o->copies, "Why values are copied");
  app.add_option("--again", o->again, "NAME=DTYPE[DIMS] of a second step: whether and why it is compiled anew");
  app.add_flag("--memory", o->memory, "What takes the memory, at the moment when most is in use");
  app.footer("Without a question, all of it.");
  return [o] {
    const Expected<void> done = run_explain(*o);
    return done ? kDone : report(done.error());
  };
}

}  // namespace dlc::tools
