#include "passes/fusion/fusion_log.h"

#include <algorithm>
#include <set>

#include "passes/fusion/clusters.h"
#include "support/suggest.h"

namespace dlc::passes {
namespace {

struct Text {
  const char* reason;  ///< {0}: the reader, {1}: what it reads, {2}: the detail
  const char* remedy;
};

Text text_of(Apart reason) {
  switch (reason) {
    case Apart::kOff:
      return {"fusion is off, so every operation is a kernel of its own", "Leave fusion on (it is by default)"};
    case Apart::kView:
      return {"{0} reads {1} through `{2}`, at other places than {1} is computed at, so {1} must be in memory first",
              "Compute {0} in the layout of {1} and move elements afterwards, or before {1}"};
    case Apart::kIndexed:
      return {"{0} (`{2}`) picks elements of {1} by an index, so {1} must be in memory first",
              "Pick from what {1} is computed of and compute afterwards: fewer elements, and one kernel"};
    case Apart::kProduct:
      return {"{0} is a product, which reads every element of {1} many times, so {1} must be in memory first",
              "Nothing to do: only what comes after a product joins its kernel"};
    case Apart::kAlone:
      return {"{0} (`{2}`) is always a kernel of its own",
              "Write it in element-wise operations and reductions if it can be"};
    case Apart::kKind:
      return {"the kernel of {1} is a `{2}`, which takes no other operation in",
              "Nothing to do, short of another way to write {1}"};
    case Apart::kSizes:
      return {
          "a kernel runs over one set of sizes, and {2}",
          "Give both the same sizes (broadcast early, reduce late), or leave it: the kernels differ in their loops"};
    case Apart::kOtherPlace:
      return {
          "{0} needs elements of the kernel of {1} from other places than its own, through a view",
          "Keep views (transpose, slice, broadcast of a column) between what a kernel reads and its first operation"};
    case Apart::kRowsOnly:
      return {
          "{0} brings elements of its own to the kernel of {1}, which computes rows, and takes of it only what is said "
          "of whole rows: there it would run on as many threads as there are rows",
          "Nothing to do: apart, it runs on all threads"};
    case Apart::kStreams:
      return {
          "what follows the product {1} reads several large arrays of its size, which a product's kernel goes through "
          "tile by tile, in pieces too short for memory to keep up",
          "Nothing to do: a loop behind the product takes less time"};
    case Apart::kCircle:
      return {"another kernel lies between them: it reads the kernel of {1} and {0} needs its result",
              "Take {0}'s other operand from elsewhere, or compute {1} twice"};
    case Apart::kReadByMore:
      return {"{0} reduces {1}, which {2} as well: it must be in memory, and element loops run on more threads",
              "Drop the other reader, or compute {1} separately for it"};
    case Apart::kBehind:
      return {"{0} is a reduction, and the kernel of {1} is a `{2}`: only a loop is taken into a reduction",
              "Nothing to do: the reduction reads the result while it is in the cache"};
    case Apart::kJoined:
      return {
          "{0} already is in the kernel of another operand; two kernels become one only where both are plain loops "
          "over the same sizes, and {2}",
          "Reorder operands if the other kernel is the one to save"};
    case Apart::kFull:
      return {"the kernel of {1} has as many operations as one may: larger ones take long to compile",
              "Nothing to do: what lies between two kernels of that size costs little"};
    case Apart::kNone: break;
  }
  return {"{0} could have joined {1}", "This is a fault of the log: please report it"};
}

}  // namespace

std::string Separation::str() const {
  return fmt::format("'{}' does not share a kernel with '{}': {}. Remedy: {}.", reader, source, reason, remedy);
}

std::string Copied::str() const { return fmt::format("'{}' is copied: {}. Remedy: {}.", node, reason, remedy); }

void FusionLog::add(const ir::Op& op) {
  number_[&op] = static_cast<int>(entries_.size());
  Entry& entry = entries_.emplace_back();
  entry.node = op.provenance().node();
  entry.op = op.name();
  std::set<int> sources;
  const auto look = [&](const auto& self, const ir::Op& at) -> void {
    for (const ir::Value x : at.operands()) {
      if (const auto it = number_.find(x.op); it != number_.end())
        sources.insert(it->second);
      else
        self(self, *x.op);
    }
  };
  look(look, op);
  entry.sources.assign(sources.begin(), sources.end());
}

void FusionLog::part(const ir::Op& reader, const ir::Op& source, Apart reason, std::string detail) {
  std::vector<Parting>& partings = entries_[static_cast<size_t>(number_.at(&reader))].partings;
  const int from = number_.at(&source);
  // The first reason is the one that decided.
  if (std::any_of(partings.begin(), partings.end(), [&](const Parting& p) { return p.source == from; })) return;
  partings.push_back({from, reason, std::move(detail)});
}

void FusionLog::set_kernel(const ir::Op& op, int kernel) {
  entries_[static_cast<size_t>(number_.at(&op))].kernel = kernel;
}

void FusionLog::became(std::string_view node, std::string_view into, const char* what) {
  if (node != into) composites_[std::string(node)] = {std::string(into), what};
}

std::optional<std::string> FusionLog::what_became_of(std::string_view node) const {
  if (!entries_of(node).empty()) return {};
  const Composite* last = nullptr;
  // A softmax may itself have become part of a cross-entropy.
  size_t steps = 0;
  for (auto it = composites_.find(std::string(node)); it != composites_.end() && steps <= composites_.size(); ++steps) {
    last = &it->second;
    if (!entries_of(last->node).empty()) break;
    it = composites_.find(last->node);
  }
  if (!last) return {};
  return fmt::format("it became part of the {} at node '{}'", last->what, last->node);
}

std::vector<int> FusionLog::entries_of(std::string_view node) const {
  std::vector<int> found;
  for (size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].node == node) found.push_back(static_cast<int>(i));
  return found;
}

Expected<std::vector<int>> FusionLog::known(std::string_view node) const {
  std::vector<int> found = entries_of(node);
  if (!found.empty()) return found;
  if (const auto became = what_became_of(node))
    return make_error(ErrorCode::kNotFound, "nothing is computed for node '{}' alone: {}", node, *became);
  std::vector<std::string> names;
  for (const Entry& e : entries_) names.push_back(e.node);
  return make_error(ErrorCode::kNotFound,
                    "nothing is computed for a node '{}': it is not part of this step, or was simplified away{}", node,
                    did_you_mean(std::string(node), names));
}

Expected<bool> FusionLog::together(std::string_view a, std::string_view b) const {
  DLC_ASSIGN_OR_RETURN(const std::vector<int> as, known(a));
  DLC_ASSIGN_OR_RETURN(const std::vector<int> bs, known(b));
  for (const int i : as)
    for (const int j : bs)
      if (entries_[static_cast<size_t>(i)].kernel == entries_[static_cast<size_t>(j)].kernel) return true;
  return false;
}

const FusionLog::Parting* FusionLog::parting(int reader, int source) const {
  for (const Parting& p : entries_[static_cast<size_t>(reader)].partings)
    if (p.source == source) return &p;
  return nullptr;
}

Separation FusionLog::describe(int reader, const Parting& p) const {
  const Entry &r = entries_[static_cast<size_t>(reader)], &s = entries_[static_cast<size_t>(p.source)];
  const Text text = text_of(p.reason);
  // Two operations of one node are told apart by their names.
  const auto name = [&](const Entry& e) {
    return r.node == s.node ? fmt::format("'{}' ({})", e.node, e.op) : fmt::format("'{}'", e.node);
  };
  const auto fill = [&](const char* form) { return fmt::format(fmt::runtime(form), name(r), name(s), p.detail); };
  return {r.node, s.node, fill(text.reason), fill(text.remedy)};
}

Expected<Separation> FusionLog::why_apart(std::string_view a, std::string_view b) const {
  DLC_ASSIGN_OR_RETURN(const bool one, together(a, b));
  if (one) return make_error(ErrorCode::kFailedPrecondition, "'{}' and '{}' are in one kernel", a, b);
  // From the later node back to the earlier; the last op of a node is what others read.
  const auto search = [&](std::string_view from, std::string_view to) -> std::optional<Separation> {
    std::vector<int> work = entries_of(from);
    std::unordered_map<int, int> reader_of;  // entry -> the one through which it was reached
    for (const int e : work) reader_of[e] = -1;
    for (size_t next = 0; next < work.size(); ++next) {
      const int at = work[next];
      if (entries_[static_cast<size_t>(at)].node == to) {
        std::optional<Separation> nearest;
        for (int e = at; reader_of.at(e) >= 0; e = reader_of.at(e)) {
          const int reader = reader_of.at(e);
          const Parting* p = parting(reader, e);
          const bool apart = entries_[static_cast<size_t>(e)].kernel != entries_[static_cast<size_t>(reader)].kernel;
          if (p && apart) nearest = describe(reader, *p);
        }
        return nearest;
      }
      for (const int s : entries_[static_cast<size_t>(at)].sources)
        if (reader_of.emplace(s, at).second) work.push_back(s);
    }
    return std::nullopt;
  };
  if (auto found = search(b, a)) return *found;
  if (auto found = search(a, b)) return *found;
  return Separation{std::string(b), std::string(a),
                    fmt::format("no value of one reaches the other, and operations share a kernel because one reads "
                                "the other or a third reads both"),
                    "Nothing to do: apart, they may run with what each of them reads in the cache"};
}

std::vector<Separation> FusionLog::all() const {
  std::vector<Separation> out;
  std::set<std::pair<std::string, std::string>> told;
  for (size_t r = 0; r < entries_.size(); ++r)
    for (const Parting& p : entries_[r].partings) {
      const Entry& source = entries_[static_cast<size_t>(p.source)];
      if (source.kernel == entries_[r].kernel || source.node == entries_[r].node) continue;
      if (told.emplace(entries_[r].node, source.node).second) out.push_back(describe(static_cast<int>(r), p));
    }
  return out;
}

}  // namespace dlc::passes
