// FusionLog: which ops became one kernel, and why others did not, written down by the code that
// decides (clusters.cpp, fuse.cpp), for who asks (PassContext::fusion_log). It outlives the function that it
// is about.
//
//   passes::FusionLog log;
//   context.fusion_log = &log;                       // then run the pass `fuse`
//   fmt::print("{}\n", log.why_apart("relu", "matmul_1")->str());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/function.h"
#include "support/expected.h"
#include "support/visibility.h"

namespace dlc::passes {

/// Why an op did not join the kernel of an op that it reads.
enum class Apart : uint8_t {
  kNone,        ///< it may
  kOff,         ///< fusion is off
  kView,        ///< reads it through a view that moves elements
  kIndexed,     ///< the reader takes elements from places of its own choosing
  kProduct,     ///< the reader is a product
  kAlone,       ///< the reader is always a kernel of its own
  kKind,        ///< the kernel takes nothing in
  kSizes,       ///< other sizes than the kernel's
  kOtherPlace,  ///< needs elements of the kernel that are not at its own place
  kRowsOnly,    ///< has with a row kernel only what is said of whole rows in common
  kStreams,     ///< what follows a product reads too many arrays of its size
  kCircle,      ///< a third kernel lies between
  kReadByMore,  ///< a reduction, of what others read as well
  kBehind,      ///< a reduction, behind a kernel that is no loop
  kJoined,      ///< joined the kernel of another operand
  kFull,        ///< the kernel has as many operations as one may
};

/// What separates two nodes, for people.
struct DLC_PUBLIC Separation {
  std::string reader, source;  ///< the nodes between which kernels part: `reader` reads `source`
  std::string reason;          ///< a sentence
  std::string remedy;          ///< a sentence: what the user can do
  /// "'b' does not share a kernel with 'a': <reason>. <remedy>"
  std::string str() const;
};

/// A kernel that does nothing but copy, for people.
struct DLC_PUBLIC Copied {
  std::string node;    ///< whose value it is; a parameter's name
  std::string reason;  ///< a sentence
  std::string remedy;  ///< a sentence
  /// "'y' is copied: <reason>. Remedy: <remedy>."
  std::string str() const;
};

class DLC_PUBLIC FusionLog {
 public:
  /// Written by Clusters, in this order: every op that is computed, what kept apart which, and
  /// at the end the number of the kernel of each.
  void add(const ir::Op& op);
  void part(const ir::Op& reader, const ir::Op& source, Apart reason, std::string detail);
  void set_kernel(const ir::Op& op, int kernel);
  /// Written by recognition, before: a node has no op any more, `into` computes it as part of `what` ("softmax").
  void became(std::string_view node, std::string_view into, const char* what);
  void copy(Copied copied) { copies_.push_back(std::move(copied)); }
  /// Ends the writing: the function may change or go.
  void close() { number_.clear(); }

  /// "it became part of the softmax at node 'p'", if so.
  std::optional<std::string> what_became_of(std::string_view node) const;

  /// Whether some op of node `a` and some op of node `b` are in one kernel. kNotFound for a node that
  /// nothing was computed for.
  Expected<bool> together(std::string_view a, std::string_view b) const;
  /// Where the kernels part on the way from one of the nodes to the other, nearest to the later one.
  /// kNotFound for a node that nothing was computed for, kFailedPrecondition when they are together.
  Expected<Separation> why_apart(std::string_view a, std::string_view b) const;
  /// Every place at which the kernels of two nodes part, in program order, one for each pair of nodes.
  std::vector<Separation> all() const;
  /// Copies that fusion made, in order.
  const std::vector<Copied>& copies() const { return copies_; }

 private:
  struct Parting {
    int source = 0;
    Apart reason = Apart::kNone;
    std::string detail;
  };
  struct Entry {
    std::string node, op;
    int kernel = -1;
    std::vector<int> sources;  ///< entries that it reads, through views
    std::vector<Parting> partings;
  };
  std::vector<int> entries_of(std::string_view node) const;
  Expected<std::vector<int>> known(std::string_view node) const;
  const Parting* parting(int reader, int source) const;
  Separation describe(int reader, const Parting& parting) const;

  std::vector<Entry> entries_;
  std::vector<Copied> copies_;
  struct Composite {
    std::string node;
    const char* what = nullptr;
  };
  std::unordered_map<std::string, Composite> composites_;  ///< by the node that became part of one
  std::unordered_map<const ir::Op*, int> number_;
};

}  // namespace dlc::passes
