#include "tools/dlc/session_options.h"

namespace dlc::tools {

void add_session_options(CLI::App& app, SessionOptions& options) {
  app.add_option("--threads", options.num_threads, "Threads of a step; 0: all CPUs")->check(CLI::Range(0, 1024));
  app.add_flag("--check-numerics", options.check_numerics,
               "Fail at the first node that makes a NaN or an infinity, and name it");
  app.add_option("--max-nodes", options.max_nodes, "Refuse a step of more operations than this")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  app.add_option("--max-memory", options.max_memory,
                 "Refuse a step that needs more memory than this, in bytes or as 512MB, 2GB (of 1024)")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--max-seconds", options.max_seconds, "End a step that takes longer, compilation included")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--trace", options.trace,
                 "Write a trace of passes, compilation and kernels to this file, for ui.perfetto.dev");
}

}  // namespace dlc::tools
