#include "support/flags.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <regex>

namespace dlc {
namespace {

constexpr FlagInfo kFlags[] = {
    {"DLC_DUMP", "after:REGEX | plan | loops | llvm | asm | dir:PATH, separated by commas",
     "Writes the IR after the passes whose names match, and the named forms, to numbered files in PATH (default "
     "'dlc-dump')."},
    {"DLC_VERIFY", "each | none", "Verifies the IR after every pass (the default of debug builds), or never."},
    {"DLC_TIME", "passes | compile, separated by commas", "Prints times to standard error."},
    {"DLC_THREADS", "a number from 1 to 1024", "How many threads a session uses whose options leave it open."},
    {"DLC_REWRITE_LIMIT", "a number from 0",
     "Passes make this many rewrites in each compilation and no more; the last is told on standard error (see `dlc "
     "bisect`)."},
    {"DLC_PERF_MAP", "0 | 1",
     "Writes where compiled kernels lie to /tmp/perf-PID.map, from which `perf` knows their names."},
    {"DLC_CACHE", "off | PATH",
     "Where compiled kernels are kept for other processes (default: $XDG_CACHE_HOME/dlc or ~/.cache/dlc)."},
    {"DLC_CACHE_MB", "a number from 1 to 1048576", "How much of that folder they may fill, in MiB (default 256)."},
    {"DLC_CHECK_NUMERICS", "0 | 1",
     "Fails a run at the first node that makes a NaN or an infinity, and names it (see docs/debugging.md)."},
    {"DLC_TRACE", "FILE.json",
     "Writes passes, compilations, kernels and their chunks with their times, for ui.perfetto.dev or "
     "chrome://tracing."},
};

Error bad_flag(const char* name, std::string_view found) {
  for (const FlagInfo& flag : kFlags)
    if (std::string_view(flag.name) == name)
      return make_error(ErrorCode::kInvalidArgument, "{}: expected {}, found '{}'", name, flag.values, found);
  DLC_UNREACHABLE("no flag {}", name);
}

/// Calls `take` with each piece between commas; stops at the first Error.
template <typename F>
Expected<void> for_each_piece(std::string_view text, F&& take) {
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    if (!piece.empty()) DLC_RETURN_IF_ERROR(take(piece));
  }
  return {};
}

Expected<void> parse_dump(std::string_view text, DebugFlags& flags) {
  return for_each_piece(text, [&](std::string_view piece) -> Expected<void> {
    if (piece.starts_with("after:")) {
      flags.dump_after = piece.substr(6);
      try {
        const std::regex check(flags.dump_after);
      } catch (const std::regex_error& e) {
        return make_error(ErrorCode::kInvalidArgument, "DLC_DUMP: '{}' is no regular expression: {}", flags.dump_after,
                          e.what());
      }
    } else if (piece.starts_with("dir:")) {
      flags.dump_dir = piece.substr(4);
    } else if (piece == "plan" || piece == "loops" || piece == "llvm" || piece == "asm") {
      flags.dump_forms.emplace(piece);
    } else {
      return bad_flag("DLC_DUMP", piece);
    }
    return {};
  });
}

}  // namespace

std::span<const FlagInfo> all_flags() { return kFlags; }

std::string flags_help() {
  std::string out = "Environment variables for debugging:\n";
  for (const FlagInfo& flag : kFlags) out += fmt::format("  {}={}\n      {}\n", flag.name, flag.values, flag.doc);
  return out;
}

Expected<DebugFlags> parse_debug_flags(const std::function<const char*(const char*)>& lookup) {
  DebugFlags flags;
  const auto text_of = [&](const char* name) {
    const char* text = lookup(name);
    return std::string_view(text != nullptr ? text : "");
  };
  DLC_RETURN_IF_ERROR(parse_dump(text_of("DLC_DUMP"), flags));
  if (const std::string_view verify = text_of("DLC_VERIFY"); !verify.empty()) {
    if (verify != "each" && verify != "none") return bad_flag("DLC_VERIFY", verify);
    flags.verify = verify == "each" ? DebugFlags::Verify::kEach : DebugFlags::Verify::kNone;
  }
  DLC_RETURN_IF_ERROR(for_each_piece(text_of("DLC_TIME"), [&](std::string_view piece) -> Expected<void> {
    if (piece != "passes" && piece != "compile") return bad_flag("DLC_TIME", piece);
    flags.time.emplace(piece);
    return {};
  }));
  const auto number = [&](const char* name, int64_t least, int64_t most, auto& value) -> Expected<void> {
    const std::string_view text = text_of(name);
    if (text.empty()) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
      return bad_flag(name, text);
    return {};
  };
  DLC_RETURN_IF_ERROR(number("DLC_THREADS", 1, 1024, flags.threads));
  flags.cache = text_of("DLC_CACHE");
  DLC_RETURN_IF_ERROR(number("DLC_CACHE_MB", 1, 1 << 20, flags.cache_mb));
  DLC_RETURN_IF_ERROR(number("DLC_REWRITE_LIMIT", 0, int64_t{1} << 62, flags.rewrite_limit));
  const auto read_switch = [&](const char* name, bool& to) -> Expected<void> {
    const std::string_view text = text_of(name);
    if (!text.empty() && text != "0" && text != "1") return bad_flag(name, text);
    to = text == "1";
    return {};
  };
  DLC_RETURN_IF_ERROR(read_switch("DLC_PERF_MAP", flags.perf_map));
  DLC_RETURN_IF_ERROR(read_switch("DLC_CHECK_NUMERICS", flags.check_numerics));
  flags.trace = text_of("DLC_TRACE");
  return flags;
}

const DebugFlags& debug_flags() {
  static const DebugFlags flags = [] {
    Expected<DebugFlags> parsed = parse_debug_flags([](const char* name) { return std::getenv(name); });
    if (parsed) return std::move(*parsed);
    fmt::print(stderr, "dlc: {}; debug flags are ignored\n", parsed.error().message);
    return DebugFlags{};
  }();
  return flags;
}

}  // namespace dlc
