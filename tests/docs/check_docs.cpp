// Holds the documents to what the project does. Every fenced block of a Markdown file is one of these;
// the kind stands in an HTML comment on the line before it:
//
//   <!-- examples/mlp.cpp -->     lines of that file, as they stand there (ctest runs the file)
//   <!-- run -->                  a sh block: bash runs it, with `dlc` and examples/ at hand
//   <!-- output -->               what the run block before it prints; "..." stands for any text, and on a
//                                 line of its own for any lines
//   <!-- parsed -->               a graph file: the tool reads it
//   <!-- shown -->                nothing to check: a form, a tree, a picture, a command for another machine
//
// A block without one of them is an error, and so is a link to a file that is not there. Usage:
//   check_docs --dlc=TOOL --root=DIR --temp=DIR FILE.md
//   check_docs --example=PROGRAM SOURCE.cpp     runs it; the "// Prints:" comment is what it must print
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Lines = std::vector<std::string>;

struct Block {
  int line = 0;
  std::string kind, language;
  Lines text;
};

[[noreturn]] void give_up(const std::string& message) {
  fmt::print(stderr, "check_docs: {}\n", message);
  std::exit(2);
}

Lines split(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    line.erase(line.find_last_not_of(" \t") + 1);
    lines.push_back(line);
  }
  return lines;
}

std::string join(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  if (!in) give_up(fmt::format("cannot read '{}'", path));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The kind is the comment directly before the fence.
std::vector<Block> blocks_of(const Lines& lines) {
  std::vector<Block> blocks;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with("```")) continue;
    Block b{static_cast<int>(i) + 1, "", lines[i].substr(3), {}};
    const std::string before = i > 0 ? lines[i - 1] : "";
    if (before.starts_with("<!-- ") && before.ends_with(" -->")) b.kind = before.substr(5, before.size() - 9);
    for (++i; i < lines.size() && !lines[i].starts_with("```"); ++i) b.text.push_back(lines[i]);
    blocks.push_back(std::move(b));
  }
  return blocks;
}

/// Whether `line` is `pattern`, in which "..." stands for any text.
bool matches(const std::string& pattern, const std::string& line) {
  const size_t dots = pattern.find("...");
  if (dots == std::string::npos) return pattern == line;
  if (line.compare(0, dots, pattern, 0, dots) != 0) return false;
  const std::string rest = pattern.substr(dots + 3);
  for (size_t at = dots; at <= line.size(); ++at)
    if (matches(rest, line.substr(at))) return true;
  return false;
}

/// Whether patterns from `p` on are the lines from `l` on; `farthest` is the last pattern that was tried.
bool matches(const Lines& patterns, size_t p, const Lines& lines, size_t l, size_t& farthest) {
  farthest = std::max(farthest, p);
  if (p == patterns.size()) return l == lines.size();
  if (patterns[p] == "...") {
    for (size_t at = l; at <= lines.size(); ++at)
      if (matches(patterns, p + 1, lines, at, farthest)) return true;
    return false;
  }
  return l < lines.size() && matches(patterns[p], lines[l]) && matches(patterns, p + 1, lines, l + 1, farthest);
}

/// Empty when `output` is as `patterns` say.
std::string compare(const Lines& patterns, const std::string& output) {
  size_t farthest = 0;
  if (matches(patterns, 0, split(output), 0, farthest)) return "";
  const std::string at = farthest < patterns.size() ? patterns[farthest] : "(the end)";
  return fmt::format("not found, or not there: '{}'\n--- what was printed:\n{}---\n", at, output);
}

struct Ran {
  int status = 0;
  std::string output;  // and errors
};

Ran run(const std::string& command) {
  std::FILE* pipe = popen(("{ " + command + "\n} 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) give_up("cannot start a shell");
  Ran ran;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.output.append(buffer, n);
  const int status = pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

struct Checker {
  std::string dlc, root, temp;
  std::string last_output;

  std::string in_shell(const std::string& script) const {
    const std::string file = temp + "/.script";
    std::ofstream(file) << "set -euo pipefail\ncd " << temp
                        << "\nPATH=" << std::filesystem::path(dlc).parent_path().string() << ":$PATH\n"
                        << script;
    return "bash " + file;
  }

  /// Empty when the block holds.
  std::string check(const Block& b) {
    if (b.kind == "shown") return "";
    if (b.kind == "run") {
      const Ran ran = run(in_shell(join(b.text)));
      last_output = ran.output;
      return ran.status == 0 ? "" : fmt::format("exit status {}:\n{}", ran.status, ran.output);
    }
    if (b.kind == "output") return compare(b.text, last_output);
    if (b.kind == "parsed") {
      std::ofstream(temp + "/.graph.dlc") << join(b.text);
      const Ran ran = run(in_shell("dlc compile .graph.dlc --emit graph"));
      return ran.status == 0 ? "" : ran.output;
    }
    if (b.kind.empty()) return "says neither what it is nor how to check it; see tests/docs/check_docs.cpp";
    const std::string whole = "\n" + join(split(read(root + "/" + b.kind)));
    return whole.find("\n" + join(b.text)) != std::string::npos ? "" : "these are not consecutive lines of " + b.kind;
  }
};

/// "line N: path" of each link to a file that does not exist.
Lines broken_links(const Lines& lines, const std::filesystem::path& folder) {
  Lines broken;
  for (size_t i = 0; i < lines.size(); ++i) {
    for (size_t at = 0; (at = lines[i].find("](", at)) != std::string::npos; at += 2) {
      const std::string link = lines[i].substr(at + 2, lines[i].find_first_of("#)", at + 2) - at - 2);
      if (!link.empty() && link.find("://") == std::string::npos && !std::filesystem::exists(folder / link))
        broken.push_back(fmt::format("line {}: {}", i + 1, link));
    }
  }
  return broken;
}

int check_document(Checker checker, const std::string& file) {
  std::filesystem::remove_all(checker.temp);
  std::filesystem::create_directories(checker.temp);
  std::filesystem::create_directory_symlink(checker.root + "/examples", checker.temp + "/examples");
  int failures = 0;
  const Lines lines = split(read(file));
  for (const std::string& link : broken_links(lines, std::filesystem::path(file).parent_path())) {
    fmt::print(stderr, "{}: a link to nothing: {}\n", file, link);
    ++failures;
  }
  const std::vector<Block> blocks = blocks_of(lines);
  for (const Block& b : blocks) {
    const std::string problem = checker.check(b);
    if (problem.empty()) continue;
    fmt::print(stderr, "{}:{}: block '{}' ({}): {}\n", file, b.line, b.language, b.kind, problem);
    ++failures;
  }
  fmt::print("{}: {} blocks, {} wrong\n", file, blocks.size(), failures);
  return failures == 0 ? 0 : 1;
}

int check_example(const std::string& program, const std::string& source) {
  Lines patterns;
  bool prints = false;
  for (const std::string& line : split(read(source))) {
    if (prints && !line.starts_with("//   ")) break;
    if (prints) patterns.push_back(line.substr(5));
    prints |= line == "// Prints:";
  }
  if (!prints) give_up(fmt::format("'{}' has no comment '// Prints:'", source));
  const Ran ran = run(program);
  const std::string problem =
      ran.status == 0 ? compare(patterns, ran.output) : fmt::format("exit status {}:\n{}", ran.status, ran.output);
  fmt::print("{}{}", problem, problem.empty() ? ran.output : "");
  return problem.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Checker checker;
  std::string example, file;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&](const char* name, std::string& to) {
      if (!arg.starts_with(name)) return false;
      to = arg.substr(std::string(name).size());
      return true;
    };
    if (value("--dlc=", checker.dlc) || value("--root=", checker.root) || value("--temp=", checker.temp) ||
        value("--example=", example))
      continue;
    file = arg;
  }
  if (file.empty() || (example.empty() && (checker.dlc.empty() || checker.root.empty() || checker.temp.empty())))
    give_up("usage: check_docs --dlc=TOOL --root=DIR --temp=DIR FILE.md, or --example=PROGRAM SOURCE.cpp");
  return example.empty() ? check_document(checker, file) : check_example(example, file);
}
