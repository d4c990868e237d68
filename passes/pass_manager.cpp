#include "passes/pass_manager.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>

#include "ir/printer.h"
#include "ir/verifier.h"
#include "support/flags.h"

namespace dlc::passes {
namespace {

/// "0007-cse-step.dlir": numbered over the process, so that a folder lists them in order.
void dump(const PassInfo& pass, const ir::Function& function) {
  const DebugFlags& flags = debug_flags();
  if (flags.dump_after.empty() || !std::regex_match(pass.name, std::regex(flags.dump_after))) return;
  static std::atomic<int> next{0};
  std::string name = function.name();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; }, '_');
  const std::filesystem::path dir = flags.dump_dir;
  const std::filesystem::path path = dir / fmt::format("{:04}-{}-{}.dlir", next++, pass.name, name);
  std::error_code ignored;
  std::filesystem::create_directories(dir, ignored);
  std::ofstream out(path);
  out << print(function);
  if (!out) fmt::print(stderr, "dlc: DLC_DUMP: cannot write '{}'\n", path.string());
}

}  // namespace

bool PassManagerOptions::default_verify_each() {
  switch (debug_flags().verify) {
    case DebugFlags::Verify::kEach: return true;
    case DebugFlags::Verify::kNone: return false;
    case DebugFlags::Verify::kDefault: break;
  }
#ifdef NDEBUG
  return false;
#else
  return true;
#endif
}

Expected<bool> PassManager::run(ir::Function& function, const Pipeline& passes, PassContext& context) {
  ir::Stage stage = options_.stage;
  bool any = false;
  std::vector<const PassInfo*> idle;  // those that would change nothing
  if (options_.verify_each) DLC_RETURN_IF_ERROR(verify(function, stage));
  for (const PassInfo* pass : passes) {
    DLC_RETURN_IF_ERROR(check_limits(function));
    const bool is_idle = std::find(idle.begin(), idle.end(), pass) != idle.end();
    bool changed = false;
    if (!is_idle || options_.verify_each) {
      DLC_ASSIGN_OR_RETURN(changed, run_one(function, *pass, context));
    }
    if (is_idle && changed)
      return make_error(ErrorCode::kInternal, "the pass '{}' changed @{} again, although nothing else had changed it",
                        pass->name, function.name());
    if (changed) idle.clear();
    if (!changed || pass->settles) idle.push_back(pass);
    any = any || changed;
    if (pass->establishes) stage = *pass->establishes;
    if (options_.verify_each)
      if (Expected<void> ok = verify(function, stage); !ok)
        return std::move(ok).error().note(fmt::format("after the pass '{}'", pass->name));
    if (options_.after_pass) options_.after_pass(*pass, function, changed);
    dump(*pass, function);
  }
  if (debug_flags().rewrite_limit >= 0 && !context.rewrites.last().empty())
    fmt::print(stderr, "@{}: rewrite {}: {}\n", function.name(), context.rewrites.num_rewrites(),
               context.rewrites.last());
  if (debug_flags().times("passes")) fmt::print(stderr, "@{}:\n{}", function.name(), timing_table());
  return any;
}

Expected<void> PassManager::check_limits(const ir::Function& function) const {
  if (options_.max_ops > 0 && function.num_ops() > static_cast<size_t>(options_.max_ops))
    return make_error(ErrorCode::kResourceExhausted, "@{} has {} operations, more than the limit of {}",
                      function.name(), function.num_ops(), options_.max_ops);
  return options_.interrupt.check();
}

Expected<bool> PassManager::run_one(ir::Function& function, const PassInfo& pass, PassContext& context) {
  const std::string before = options_.verify_each ? print(function) : std::string();
  context.rewrites.begin_pass(pass.name);
  const auto begin = std::chrono::steady_clock::now();
  Expected<bool> changed = pass.run(function, context);
  const auto end = std::chrono::steady_clock::now();
  record(pass, changed && *changed, end - begin);
  if (options_.trace)
    options_.trace->add({"pass", pass.name, begin, end,
                         fmt::format(R"("function":{},"changed":{},"ops after":{})", Trace::json(function.name()),
                                     changed && *changed, function.num_ops()),
                         Trace::this_thread()});
  if (!changed) return std::move(changed).error().note(fmt::format("in the pass '{}'", pass.name));
  if (options_.verify_each && !*changed && print(function) != before)
    return make_error(ErrorCode::kInternal, "the pass '{}' said that it changed nothing in @{}, but it did", pass.name,
                      function.name());
  return changed;
}

void PassManager::record(const PassInfo& pass, bool changed, std::chrono::nanoseconds time) {
  auto it = std::find_if(timings_.begin(), timings_.end(), [&](const PassTiming& t) { return t.pass == &pass; });
  if (it == timings_.end()) it = timings_.insert(timings_.end(), PassTiming{&pass});
  ++it->runs;
  it->changes += changed ? 1 : 0;
  it->time += time;
}

std::string PassManager::timing_table() const {
  std::string out = fmt::format("{:<28} {:>5} {:>8} {:>12}\n", "pass", "runs", "changes", "time");
  std::chrono::nanoseconds total{};
  for (const PassTiming& t : timings_) {
    total += t.time;
    out += fmt::format("{:<28} {:>5} {:>8} {:>9.3f} ms\n", t.pass->name, t.runs, t.changes,
                       std::chrono::duration<double, std::milli>(t.time).count());
  }
  return out + fmt::format("{:<28} {:>5} {:>8} {:>9.3f} ms\n", "total", "", "",
                           std::chrono::duration<double, std::milli>(total).count());
}

}  // namespace dlc::passes
