#include "tools/dlc/session_options.h"

namespace dlc::tools {

void add_session_options(CLI::App& app, SessionOptions& options) {
  app.add_option("--threads", options.num_threads, "Threads of a step; 0: all CPUs")->check(CLI::Range(0, 1024));
  app.add_flag("--check-numerics", options.check_numerics,
               "Fail at the first node that makes a NaN or an infinity, and name it");
  app.add_option("--trace", options.trace,
                 "Write a trace of passes, compilation and kernels to this file, for ui.perfetto.dev");
}

}  // namespace dlc::tools
