#include "frontend/graph/graph_file.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include "frontend/data/file_io.h"
#include "frontend/data/safetensors.h"
#include "frontend/graph/graph_reader.h"
#include "support/quote.h"

namespace dlc {

namespace {

using graph_text::GraphReader;

/// In the order of the text: grammar is read before meaning, but a person reads from the top.
void report(std::vector<Error> errors, Diagnostics& diagnostics) {
  const auto before = [](const Error& a, const Error& b) {
    return std::pair(a.loc.line, a.loc.column) < std::pair(b.loc.line, b.loc.column);
  };
  std::stable_sort(errors.begin(), errors.end(), before);
  for (const Error& e : errors) diagnostics.error(e.loc.line, e.loc.column, e);
}

std::optional<Graph> parse(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                           const NamedArrays* stored, graph_text::LoadConstants load) {
  Diagnostics found(file, text);
  try {
    const std::vector<graph_text::Token> tokens = graph_text::scan(text, found);
    const std::vector<graph_text::Statement> statements = graph_text::parse_statements(tokens, found);
    // Statements that follow the grammar are read also when others do not: all errors in one go.
    Graph graph = GraphReader(file, found, stored, std::move(load)).read(statements);
    if (found.ok()) return graph;
  } catch (const Exception& e) {
    found.error(1, 1, e.error());
  } catch (const std::bad_alloc&) {
    found.error(1, 1, ErrorCode::kResourceExhausted, "there is not enough memory for this graph");
  }
  report(found.errors(), diagnostics);
  return std::nullopt;
}

Expected<Graph> parse(std::string_view text, const std::string& file, const NamedArrays* stored,
                      graph_text::LoadConstants load) {
  Diagnostics diagnostics(file, text);
  std::optional<Graph> graph = parse(text, file, diagnostics, stored, std::move(load));
  if (!graph) return diagnostics.to_error();
  return std::move(*graph);
}

/// FNV-1a over names, types and elements (Fowler, Noll, Vo): tells files of different ages apart; it is
/// no protection against intent.
std::string digest_of(const NamedArrays& arrays) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&](const void* data, size_t size) {
    const auto* p = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; ++i) hash = (hash ^ p[i]) * 0x100000001b3;
  };
  for (const auto& [name, array] : arrays) {
    const std::string head = fmt::format("{}:{};", name, array.type_str());
    mix(head.data(), head.size());
    mix(array.bytes(), array.num_bytes());
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace

std::optional<Graph> parse_graph(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                                 const NamedArrays* stored) {
  return parse(text, file, diagnostics, stored, nullptr);
}

Expected<Graph> parse_graph(std::string_view text, const std::string& file, const NamedArrays* stored) {
  return parse(text, file, stored, nullptr);
}

Expected<Graph> read_graph_file(const FilePath& path) {
  DLC_ASSIGN_OR_RETURN(const std::string text, read_text_file(path, kMaxGraphFileBytes));
  const auto load = [&](const std::string& name, const std::string& digest) -> Expected<NamedArrays> {
    // A graph file from elsewhere must not make us open any file it likes.
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos ||
        name.find('\0') != std::string::npos)
      return make_error(ErrorCode::kInvalidArgument,
                        "{} is no file of constants: it lies beside the graph file and is named without a folder",
                        quote(name));
    DLC_ASSIGN_OR_RETURN(Safetensors file, read_safetensors(std::filesystem::path(path).parent_path() / name));
    if (!digest.empty() && digest != digest_of(file.tensors))
      return make_error(ErrorCode::kData,
                        "{} does not belong to this graph file: its digest is {}, needs {}; copy both files together",
                        quote(name), digest_of(file.tensors), quote(digest));
    return std::move(file.tensors);
  };
  return parse(text, path.string(), nullptr, load);
}

Expected<void> write_graph_file(const Graph& graph, const FilePath& path) {
  NamedArrays stored;
  std::string text = print(graph, &stored);
  if (!stored.empty()) {
    std::filesystem::path beside = path;
    beside += ".safetensors";
    DLC_RETURN_IF_ERROR(write_safetensors(beside, stored));
    text =
        fmt::format("constants_file({}, digest=\"{}\")\n", quote(beside.filename().string()), digest_of(stored)) + text;
  }
  return write_file_atomic(path, text);
}

}  // namespace dlc
