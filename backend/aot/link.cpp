#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "backend/aot/aot.h"

namespace dlc::backend {
namespace {

/// The first program of that name on the search path.
std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? std::optional(name) : std::nullopt;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

Expected<std::string> find_linker() {
  if (const char* wanted = std::getenv("DLC_LINKER"); wanted && *wanted) {
    if (auto found = find_program(wanted)) return *std::move(found);
    return make_error(ErrorCode::kNotFound, "there is no linker '{}', which DLC_LINKER names", wanted);
  }
  for (const char* name : {"ld.lld", "ld.lld-19", "ld"})
    if (auto found = find_program(name)) return *std::move(found);
  return make_error(ErrorCode::kNotFound,
                    "a shared library needs a linker, and neither ld.lld, ld.lld-19 nor ld is on the search path")
      .note(
          "install binutils or lld-19, name a linker in DLC_LINKER, or write an object (--emit obj) and link it "
          "elsewhere");
}

struct Finished {
  int status = 0;
  std::string output;  ///< standard output and error
};

Expected<Finished> run_program(std::vector<std::string> words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return make_error(ErrorCode::kIo, "cannot make a pipe: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Finished finished;
  if (failed == 0) {
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) != 0;) {
      if (n > 0) finished.output.append(buffer, static_cast<size_t>(n));
      if (n < 0 && errno != EINTR) break;
    }
    while (waitpid(child, &finished.status, 0) < 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  if (failed != 0) return make_error(ErrorCode::kIo, "cannot start '{}': {}", words[0], std::strerror(failed));
  return finished;
}

/// A folder of our own beside `file`, gone with this object.
class WorkFolder {
 public:
  static Expected<WorkFolder> create(const std::filesystem::path& file) {
    std::string path = (file.has_parent_path() ? file.parent_path() : std::filesystem::path(".")) / ".dlc-link-XXXXXX";
    if (!mkdtemp(path.data()))
      return make_error(ErrorCode::kIo, "cannot write beside '{}': {}", file.string(), std::strerror(errno));
    return WorkFolder(path);
  }
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace

Expected<void> link_shared(const std::string& object, const std::filesystem::path& library) {
  DLC_ASSIGN_OR_RETURN(const std::string linker, find_linker());
  DLC_ASSIGN_OR_RETURN(const WorkFolder folder, WorkFolder::create(library));
  const std::filesystem::path input = folder / "program.o", output = folder / "program.so";
  std::ofstream file(input, std::ios::binary);
  file << object;
  file.close();
  if (!file) return make_error(ErrorCode::kIo, "cannot write '{}': {}", input.string(), std::strerror(errno));
  // memcpy, memmove and memset stay undefined: whoever loads the library has a C library.
  DLC_ASSIGN_OR_RETURN(
      const Finished finished,
      run_program({linker, "-shared", "--hash-style=gnu", "-z", "relro", "-z", "now", "-z", "noexecstack", "-soname",
                   library.filename().string(), "-o", output.string(), input.string()}));
  if (!WIFEXITED(finished.status) || WEXITSTATUS(finished.status) != 0)
    return make_error(ErrorCode::kIo, "'{}' cannot link '{}':\n{}", linker, library.string(), finished.output);
  std::error_code failed;
  std::filesystem::rename(output, library, failed);
  if (failed) return make_error(ErrorCode::kIo, "cannot write '{}': {}", library.string(), failed.message());
  return {};
}

}  // namespace dlc::backend
