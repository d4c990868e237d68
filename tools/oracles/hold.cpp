#include "tools/oracles/hold.h"

namespace dlc::oracles {
namespace {

/// What two reports of a fault have in common: the kind, the node if it has a name, and the element.
std::string place(const Error& fault) {
  const std::string& text = fault.message;
  const auto open = text.find('\''), close = text.find('\'', open + 1);
  const std::string node = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
  constexpr std::string_view kElement = "element ";
  auto at = text.find_first_of("0123456789", text.find(kElement, close == std::string::npos ? 0 : close));
  std::string element;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') element += text[at++];
  return fmt::format("{} of '{}' at element {}", to_string(fault.code), node, element);
}

/// One way of compiling: run on each number of threads, compared with what is known already.
class Holder {
 public:
  Holder(const ir::Function& function, const std::vector<Array>& inputs, Meaning& meaning, const Ways& ways,
         Tally& tally)
      : function_(function), inputs_(inputs), meaning_(meaning), ways_(ways), tally_(tally) {}

  Finding run() {
    if (ways_.fused) way(true);
    if (ways_.unfused && finding_.kind == Finding::kNone) way(false);
    return std::move(finding_);
  }

 private:
  void way(bool fuse) {
    backend::CompileOptions options;
    options.target = ways_.target;
    options.passes = ways_.passes;
    options.fuse = fuse;
    options.rewrite_limit = ways_.rewrite_limit;
    options.kernel_cache = "off";  // what is held is what is compiled now
    const auto program = backend::compile(function_.clone(), options);
    const std::string how = fuse ? "" : " without fusion";
    if (!program) return found(Finding::kError, "does not compile" + how + ": " + program.error().str());
    const bool first = !seen_;
    if (first) {
      finding_.rewrites = (*program)->stats().rewrites;
      finding_.last_rewrite = (*program)->stats().last_rewrite;
    }
    for (const int threads : ways_.threads) {
      if (finding_.kind != Finding::kNone) return;
      const Expected<RunOutcome> outcome = run_program(*program, inputs_, threads, ways_.regions);
      const std::string where = fmt::format("{} on {} thread{}", how, threads, threads == 1 ? "" : "s");
      if (!outcome) return found(Finding::kError, outcome.error().str() + where);
      compare(*outcome, where);
    }
  }

  void compare(const RunOutcome& outcome, const std::string& where) {
    if (outcome.fault.has_value() != meaning_.fault().has_value()) {
      const Error& e = outcome.fault ? *outcome.fault : *meaning_.fault();
      return found(Finding::kDiffers, fmt::format("{} alone reports a fault{}: {}",
                                                  outcome.fault ? "compiled code" : "the interpreter", where, e.str()));
    }
    if (outcome.fault) {  // results of a failed run mean nothing
      const std::string here = place(*outcome.fault), there = place(*meaning_.fault());
      if (here != there)
        return found(Finding::kDiffers, fmt::format("another fault{}: {}, not {}", where, here, there));
      const std::string changed = bit_difference(outcome.params, inputs_);
      if (!changed.empty()) found(Finding::kDiffers, fmt::format("a failed run has changed{}: {}", where, changed));
      return;
    }
    if (seen_) {
      const std::string bits = bit_difference(finding_.results, outcome.results);
      if (!bits.empty()) found(Finding::kDiffers, fmt::format("other bits{}: {}", where, bits));
      return;
    }
    seen_ = true;
    finding_.results = outcome.results;
    const std::string wrong = meaning_.difference(outcome.results, tally_);
    if (!wrong.empty()) found(Finding::kDiffers, "not what the interpreter gives" + where + ": " + wrong);
  }

  void found(Finding::Kind kind, std::string what) {
    finding_.kind = kind;
    finding_.what = std::move(what);
  }

  const ir::Function& function_;
  const std::vector<Array>& inputs_;
  Meaning& meaning_;
  const Ways& ways_;
  Tally& tally_;
  Finding finding_;
  bool seen_ = false;
};

}  // namespace

Finding hold(const ir::Function& function, const std::vector<Array>& inputs, Meaning& meaning, const Ways& ways,
             Tally& tally) {
  return Holder(function, inputs, meaning, ways, tally).run();
}

}  // namespace dlc::oracles
