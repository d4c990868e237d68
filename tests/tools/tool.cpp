#include "tests/tools/tool.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace dlc::testing {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Ended ended_by(int status) {
  return WIFEXITED(status) ? Ended{.exit_code = WEXITSTATUS(status)} : Ended{.signal = WTERMSIG(status)};
}

}  // namespace

Tool::Tool(std::filesystem::path folder, const std::vector<std::string>& args, std::optional<size_t> max_file_bytes)
    : folder_(std::move(folder)) {
  // All that allocates happens before the fork.
  std::vector<char*> argv = {const_cast<char*>(DLC_TOOL)};
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  const std::string out = folder_ / "out", err = folder_ / "err";
  pid_ = ::fork();
  if (pid_ != 0) {
    if (pid_ < 0) std::abort();
    return;
  }
  const auto redirect = [](const char* path, int mode, int fd) {
    if (::dup2(::open(path, mode, 0600), fd) < 0) ::_exit(126);
  };
  redirect("/dev/null", O_RDONLY, 0);
  redirect(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 1);
  redirect(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 2);
  if (::chdir(folder_.c_str()) != 0) ::_exit(126);
  if (max_file_bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {*max_file_bytes, *max_file_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ::execv(DLC_TOOL, argv.data());
  ::_exit(127);
}

Tool::~Tool() {
  if (!running()) return;
  send(SIGKILL);
  wait();
}

void Tool::send(int signal) {
  if (running()) ::kill(pid_, signal);
}

bool Tool::running() {
  int status = 0;
  if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_) ended_ = ended_by(status);
  return !ended_;
}

Ended Tool::wait() {
  int status = 0;
  if (!ended_ && ::waitpid(pid_, &status, 0) == pid_) ended_ = ended_by(status);
  return ended_.value_or(Ended{});
}

std::string Tool::out() const { return content(folder_ / "out"); }
std::string Tool::err() const { return content(folder_ / "err"); }

}  // namespace dlc::testing
