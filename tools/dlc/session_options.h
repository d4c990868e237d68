// The options of a session that run, train and bench take alike.
#pragma once

#include <CLI/CLI.hpp>

#include "frontend/session/session.h"

namespace dlc::tools {

/// Declares --threads, --check-numerics and --trace.
void add_session_options(CLI::App& app, SessionOptions& options);

}  // namespace dlc::tools
