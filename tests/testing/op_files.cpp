#include "tests/testing/op_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace dlc::test {

namespace {

/// The operators that each file of the folder defines, by the file's name without ".cpp".
std::map<std::string, std::vector<std::string>> definitions(const std::string& folder, const std::string& type,
                                                            const std::string& suffix) {
  std::map<std::string, std::vector<std::string>> out;
  const std::string before = type + " ", after = "_" + suffix + "() {";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      const size_t end = line.find(after);
      if (line.starts_with(before) && end != std::string::npos)
        out[entry.path().stem().string()].push_back(line.substr(before.size(), end - before.size()));
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> op_file_violations(const std::string& folder, const std::vector<std::string>& names,
                                            const std::string& type, const std::string& suffix) {
  std::vector<std::string> out;
  const auto defined = definitions(folder, type, suffix);
  for (const std::string& name : names)
    if (!defined.contains(name))
      out.push_back(fmt::format("{}/{}.cpp defines no {} {}_{}()", folder, name, type, name, suffix));
  for (const auto& [file, ops] : defined)
    for (const std::string& op : ops)
      if (op != file)
        out.push_back(fmt::format("{}/{}.cpp defines operator {}; it belongs into {}.cpp", folder, file, op, op));
  return out;
}

}  // namespace dlc::test
