// Debug flags: what a developer asks of a running program through its environment. One table; it
// is printed by `dlc --help-debug`.
//
//   DLC_DUMP=after:fuse-.*,plan DLC_TIME=passes dlc run model.dlc
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>

#include "support/expected.h"

namespace dlc {

struct FlagInfo {
  const char* name;    ///< "DLC_DUMP"
  const char* values;  ///< "after:REGEX | plan | ..."
  const char* doc;     ///< one or two sentences
};

/// The table.
std::span<const FlagInfo> all_flags();
/// The table as `--help-debug` shows it.
std::string flags_help();

struct DebugFlags {
  /// DLC_DUMP=after:REGEX: the IR after each pass whose name matches is written to a numbered file.
  std::string dump_after;
  /// DLC_DUMP=plan,loops,llvm,asm: these forms are written to files.
  std::set<std::string, std::less<>> dump_forms;
  /// DLC_DUMP=dir:PATH: where the files go.
  std::string dump_dir = "dlc-dump";
  /// DLC_VERIFY=each (or none): verify the IR after each pass. Unset: as the build does.
  enum class Verify { kDefault, kEach, kNone } verify = Verify::kDefault;
  /// DLC_TIME=passes,compile: times are printed to standard error.
  std::set<std::string, std::less<>> time;
  /// DLC_THREADS=N: how many threads a session uses; 0: not set.
  int threads = 0;
  /// DLC_REWRITE_LIMIT=N: passes stop rewriting after N rewrites of a compilation; negative: not set.
  int64_t rewrite_limit = -1;
  /// DLC_PERF_MAP=1: addresses and names of compiled kernels go to /tmp/perf-PID.map.
  bool perf_map = false;
  /// DLC_CACHE=off or a folder: where compiled kernels are kept; empty: the user's cache folder.
  std::string cache;
  /// DLC_CACHE_MB=N: how much of it, in MiB.
  int cache_mb = 256;
  /// DLC_CHECK_NUMERICS=1: sessions check for NaN and infinities.
  bool check_numerics = false;
  /// DLC_TRACE=FILE.json: where the trace of the process goes (support/trace.h).
  std::string trace;

  bool dumps(std::string_view form) const { return dump_forms.contains(form); }
  bool times(std::string_view what) const { return time.contains(what); }
};

/// Reads the flags; `lookup` gives a variable's text, nullptr when it is not set. The Error names
/// the variable, what was found and what it may be.
Expected<DebugFlags> parse_debug_flags(const std::function<const char*(const char*)>& lookup);
/// The process's flags, read from the environment on first use. A wrong one is told to standard
/// error once and otherwise ignored: a debug flag must not break a program.
const DebugFlags& debug_flags();

}  // namespace dlc
