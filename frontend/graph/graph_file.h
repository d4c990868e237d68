// Graph files (.dlc): a Graph as text, and back. docs/graph_file.md has the grammar.
//
//   # softmax regression
//   x      = placeholder(f32[n, 784])
//   W      = variable(glorot_uniform(f32[784, 10], seed=1))
//   logits = matmul(x, W) + variable(zeros(f32[10]))
//
// print() and parse_graph() are each other's inverse: parsing what a graph prints gives an equal graph
// (the same nodes in the same order, with the same names, operands, attributes and control inputs), and
// printing that gives the same text. Places in the user's source are not part of it: a node that comes
// from a file has its place there.
#pragma once

#include <string>
#include <string_view>

#include "frontend/data/named_arrays.h"
#include "frontend/graph/graph.h"
#include "support/diagnostics.h"
#include "support/expected.h"
#include "support/file_path.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// The graph that `text` says; `file` names it in messages and is the place of its nodes. Any text gives
/// a graph or errors, up to Diagnostics' limit of them; nothing is thrown. `stored`: what
/// stored_constant(...) refers to, by name of the node; may be null.
std::optional<Graph> parse_graph(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                                 const NamedArrays* stored = nullptr);
/// The same; all errors in one.
Expected<Graph> parse_graph(std::string_view text, const std::string& file = "<text>",
                            const NamedArrays* stored = nullptr);

/// Reads a graph file, and the file of constants that it names, from the same folder. Errors: kNotFound,
/// kIo, kParse and those of operators with line and column; kData when the constants do not belong to
/// the graph file; kResourceExhausted beyond kMaxGraphFileBytes.
Expected<Graph> read_graph_file(const FilePath& path);
inline constexpr uint64_t kMaxGraphFileBytes = uint64_t{256} << 20;

/// The text of a graph. Constants of more than kMaxPrintedElements elements go to `stored`, or, when that
/// is null, are printed in full like the others.
std::string print(const Graph& graph, NamedArrays* stored = nullptr);
inline constexpr int64_t kMaxPrintedElements = 64;

/// Writes `path`, and, where there are large constants, `path`.safetensors beside it. Each file is
/// replaced at once (file_io.h), the constants first; the graph file has their checksum, so that a pair
/// of different ages is not taken for one.
Expected<void> write_graph_file(const Graph& graph, const FilePath& path);

}  // namespace dlc DLC_PUBLIC
