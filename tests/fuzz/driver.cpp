// The main() of a fuzz target outside the fuzz preset: runs each file of the corpus, then seeded
// mutations of them, so that a fuzz target is also a plain, repeatable test.
//
//   graph_file_fuzz --runs=500 --seed=1 tests/fuzz/corpus/graph_file
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run_one(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

/// One to four edits: a byte changed, dropped, doubled or swapped for one that parsers care for, a
/// stretch removed or repeated, the tail cut, or a stretch of another input spliced in.
std::string mutate(std::string text, const std::vector<std::string>& corpus, std::mt19937_64& random) {
  const auto below = [&](size_t n) { return n == 0 ? 0 : static_cast<size_t>(random() % n); };
  const size_t edits = 1 + below(4);
  for (size_t e = 0; e < edits; ++e) {
    const size_t at = below(text.size() + 1);
    const size_t length = std::min(text.size() - at, 1 + below(16));
    switch (below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, text.substr(at, length)); break;
      case 3: {
        constexpr std::string_view kTelling = "(){}[]<>=,:;%@\"'#/\\-0123456789\n\0?";
        text.insert(at, 1, kTelling[below(kTelling.size())]);
        break;
      }
      case 4: text.resize(at); break;
      case 5: {
        const std::string& other = corpus[below(corpus.size())];
        const size_t from = below(other.size() + 1);
        text.insert(at, other.substr(from, below(64)));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 500;
  uint64_t seed = 1;
  std::vector<std::string> corpus = {""};
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with("--runs=")) {
      runs = std::stoull(std::string(arg.substr(7)));
      continue;
    }
    if (arg.starts_with("--seed=")) {
      seed = std::stoull(std::string(arg.substr(7)));
      continue;
    }
    if (!std::filesystem::is_directory(arg)) {
      std::fprintf(stderr, "%s: '%s' is not a folder of example inputs\n", argv[0], argv[i]);
      return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arg))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());  // the order of a directory is the file system's own
    for (const std::filesystem::path& path : files) {
      std::ifstream in(path, std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }

  for (const std::string& input : corpus) run_one(input);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < runs; ++i) {
    const std::string input = mutate(corpus[random() % corpus.size()], corpus, random);
    // A crash leaves the input that made it.
    std::ofstream("fuzz-last-input.bin", std::ios::binary).write(input.data(), static_cast<long>(input.size()));
    run_one(input);
  }
  std::printf("%zu inputs of the corpus and %llu mutations of them (seed %llu)\n", corpus.size(),
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
  return 0;
}
