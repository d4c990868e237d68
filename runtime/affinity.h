// The CPUs this process may use, and binding a thread to one of them.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

namespace dlc::runtime {

/// Numbers of the CPUs that the calling thread may run on, ascending; never empty.
std::vector<int> allowed_cpus();
/// Restricts a thread of this process, by its kernel number (0: the calling one), to `cpus`. Best
/// effort: where the system refuses, nothing changes. Allocates nothing.
void bind_thread(pid_t thread, std::span<const int> cpus);

}  // namespace dlc::runtime
