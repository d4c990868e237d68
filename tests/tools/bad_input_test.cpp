// Bad input to the tool: for each the exit code and every word that the user reads. Tables of what is said of
// one format alone stand with its tests: graph_file_errors_test.cpp, parse_errors.dlir, tests/frontend/data.
#include <gtest/gtest.h>

#include <map>

#include "frontend/data/checkpoint.h"
#include "frontend/data/npy.h"
#include "frontend/data/npz.h"
#include "tests/frontend/data/data_testing.h"
#include "tests/tools/tool.h"

namespace dlc {
namespace {

using namespace testing_data;
using testing::Tool;
namespace fs = std::filesystem;

constexpr const char* kModel = R"(x = placeholder(f32[n, 3])
labels = placeholder(i32[n])
w = variable(zeros(f32[3, 2]))
logits = matmul(x, w)
loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train = adam(loss, learning_rate=0.01)
)";

/// Words of a command line: they hold no blanks.
std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  while (!line.empty()) {
    const size_t end = std::min(line.find(' '), line.size());
    if (end > 0) out.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(line.size(), end + 1));
  }
  return out;
}

/// A folder with a model, arrays that fit it, and arrays and files that do not.
class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    write_plain(dir / "m.dlc", kModel);
    write_plain(dir / "empty.dlc", "");
    write_plain(dir / "program.so",
                "\x7f"
                "ELF and what is left of a library");
    write_plain(dir / "open.dlc", "a = relu(1.0\n\n");
    write_plain(dir / "none_to_choose.dlc", "x = placeholder(f32[n, 3])\nbest = argmax(x, axis=0)\n");
    write_plain(dir / "wrong.dlc", "x = placeholder(f32[n, 3])\ny = rellu(x)\n");
    write_plain(dir / "vast.dlc",
                "a = exp(zeros(f32[4294967296]))\ny = reduce_sum(exp(reshape(a, [4294967296, 1]) * a))\n");
    write_plain(dir / "f.dlir", "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  return %0\n}\n");
    write_plain(dir / "cut.dlir", "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x");
    const auto npy = [&](const char* name, const Array& a) { value_or_throw(write_npy(dir / name, a)); };
    npy("x.npy", Array::full(kFloat32, {4, 3}, 1));
    npy("x64.npy", Array::full(kFloat64, {4, 3}, 1));
    npy("x5.npy", Array::full(kFloat32, {4, 5}, 1));
    npy("x1.npy", Array::full(kFloat32, {3}, 1));
    npy("none.npy", Array(kFloat32, {0, 3}));
    npy("y.npy", Array(kInt32, {4}));
    npy("y0.npy", Array(kInt32, {0}));
    npy("y3.npy", Array(kInt32, {3}));
    npy("high.npy", Array::of<int32_t>({4}, {0, 1, 2, 1}));
    npy("scalar.npy", Array::scalar<float>(1));
    value_or_throw(write_npz(dir / "a.npz", {{"x", Array(kFloat32, {4, 3})}}));
    const std::string whole = content_of(dir / "x.npy");
    write_plain(dir / "cut.npy", whole.substr(0, whole.size() - 1));
    write_plain(dir / "long.npy", whole + "!");
    // The names of NumPy's types, without NumPy.
    write_plain(dir / "complex.npy", header("<c8", "(1,)") + "12345678");
    write_plain(dir / "object.npy", header("|O", "(1,)") + "(lp0\n.");
    write_plain(dir / "vast.npy", header("<f4", "(4611686018427387904, 4611686018427387904)"));
    save_variables("good.safetensors", {3, 2});
    save_variables("other_shape.safetensors", {2, 3});
    value_or_throw(save_checkpoint(dir / "less.safetensors", {{"w", Array(kFloat32, {3, 2})}}));
    std::string flipped = content_of(dir / "good.safetensors");
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    write_plain(dir / "flipped.safetensors", flipped);
    write_plain(dir / "cut.safetensors", content_of(dir / "good.safetensors").substr(0, 100));
    fs::create_directory(dir / "folder");
  }

  static std::string header(const char* descr, const char* shape) {
    const std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", descr, shape);
    return "\x93NUMPY\1\0"_b + static_cast<char>(dict.size()) + '\0' + dict;
  }
  void save_variables(const char* name, const Shape& shape) {
    NamedArrays all;
    for (const char* variable : {"w", "w/adam_m", "w/adam_s"}) all.emplace_back(variable, Array(kFloat32, shape));
    for (const char* variable : {"Adam/beta1_power", "Adam/beta2_power"})
      all.emplace_back(variable, Array::scalar<float>(1));
    value_or_throw(save_checkpoint(dir / name, all));
  }
  /// All files of the folder, but for what the tool printed.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(dir.path()))
      if (entry.is_regular_file() && entry.path() != dir / "out" && entry.path() != dir / "err")
        all[entry.path().string()] = content_of(entry.path());
    return all;
  }

  const TempDir dir;
};

struct Row {
  const char* command;
  int exit_code;
  const char* says;  ///< all that is on standard error
};

const Row kRows[] = {
    // Feeds and fetches.
    {"run m.dlc --fetch loss", 1,
     "dlc: error: placeholder 'x' f32[n,3] needs a value: feed it (m.dlc:1:5)\n  'x' was made at m.dlc:1:5\n"},
    {"run m.dlc --fetch loss --feed x=x.npy", 1,
     "dlc: error: placeholder 'labels' i32[n] needs a value: feed it (m.dlc:2:10)\n"
     "  'labels' was made at m.dlc:2:10\n"},
    {"run m.dlc --fetch loss --feed x=x64.npy --feed labels=y.npy", 1,
     "dlc: error: feed 'x' needs f32[n,3], got f64[4,3] (m.dlc:1:5)\n"},
    {"run m.dlc --fetch loss --feed x=x5.npy --feed labels=y.npy", 1,
     "dlc: error: feed 'x' needs f32[n,3], got f32[4,5]: axis 1 is 5, not 3 (m.dlc:1:5)\n"},
    {"run m.dlc --fetch loss --feed x=x1.npy --feed labels=y.npy", 1,
     "dlc: error: feed 'x' needs f32[n,3], got f32[3]: its rank is 1, not 2 (m.dlc:1:5)\n"},
    {"run none_to_choose.dlc --feed x=none.npy", 1,
     "dlc: error: 'best': axis 0 of f32[0,3] is empty: there is no largest or smallest element "
     "(none_to_choose.dlc:2:8)\n"},
    {"run m.dlc --fetch loss --feed x=x.npy --feed labels=y3.npy", 1,
     "dlc: error: feed 'labels' needs i32[n], got i32[3]: axis 0 is 3, but 'n' is 4 by axis 0 of feed 'x', which is "
     "f32[4,3] (m.dlc:2:10)\n"},
    {"run m.dlc --fetch loss --feed x=x.npy --feed labels=high.npy", 1,
     "dlc: error: 'sparse_softmax_cross_entropy_with_logits': index out of range: element 2 has value 2 (m.dlc:5:20)\n"
     "  no variable was changed by this run\n"},
    {"run m.dlc --fetch loss --feed x=x.npy --feed x=x.npy --feed labels=y.npy", 1,
     "dlc: error: 'x' is fed twice (m.dlc:1:5)\n"},
    {"run m.dlc --fetch loss --feed z=x.npy", 1,
     "dlc: error: there is no node 'z' in the graph\n  names like it: zeros\n"},
    {"run m.dlc --fetch loss --feed x", 1, "dlc: error: 'x' is not of the form NAME=FILE.npy\n"},
    {"run m.dlc --fetch loss --feed =x.npy", 1, "dlc: error: '=x.npy' is not of the form NAME=FILE.npy\n"},
    {"run m.dlc --fetch loss --feed x=", 1, "dlc: error: 'x=' is not of the form NAME=FILE.npy\n"},
    {"run m.dlc --fetch los", 1, "dlc: error: there is no node 'los' in the graph\n  names like it: loss\n"},
    {"run m.dlc --fetch loss:1", 1, "dlc: error: reduce_mean 'loss' has 1 output, there is no 'loss:1' (m.dlc:5:8)\n"},
    {"run m.dlc --fetch loss:x", 1, "dlc: error: 'loss:x' names no tensor: needs NAME or NAME:NUMBER\n"},
    {"run m.dlc --fetch loss:99999999999999999999", 1,
     "dlc: error: 'loss:99999999999999999999' names no tensor: needs NAME or NAME:NUMBER\n"},
    // Array files.
    {"run m.dlc --fetch loss --feed x=complex.npy", 2,
     "dlc: error: complex.npy: element type '<c8' (complex numbers) is not supported; save a.real and a.imag as arrays "
     "of "
     "their own\n"},
    {"run m.dlc --fetch loss:0:0", 1, "dlc: error: there is no node 'loss:0' in the graph\n"},
    {"run m.dlc --fetch loss --feed x=object.npy", 2,
     "dlc: error: object.npy: element type '|O' (Python objects) is not supported; they are pickles, which run code "
     "when "
     "loaded; save an array of numbers\n"},
    {"run m.dlc --fetch loss --feed x=absent.npy", 1,
     "dlc: error: absent.npy: cannot open for reading: No such file or directory\n"},
    {"run m.dlc --fetch loss --feed x=cut.npy", 1,
     "dlc: error: cut.npy: f32[4,3] needs 48 bytes of data, found 47; the file is cut off or its shape wrong\n"},
    {"run m.dlc --fetch loss --feed x=long.npy", 1, "dlc: error: long.npy: 1 bytes follow where the data should end\n"},
    {"run m.dlc --fetch loss --feed x=vast.npy", 1,
     "dlc: error: vast.npy: the shape f32[4611686018427387904,4611686018427387904] has more bytes than can be "
     "addressed\n"},
    {"run m.dlc --fetch loss --feed x=a.npz:y", 1, "dlc: error: a.npz: no array named 'y'; it has: x\n"},
    {"run m.dlc --fetch loss --feed x=a.npz", 1,
     "dlc: error: a.npz: not a .npy file: it does not begin with \\x93NUMPY\n"},
    {"run m.dlc --fetch loss --feed x=x.npy:x", 1,
     "dlc: error: x.npy:x: cannot open for reading: No such file or directory\n"},
    {"run m.dlc --fetch loss --feed x=folder", 1, "dlc: error: folder: expected a regular file, found a folder\n"},
    {"run m.dlc --fetch loss --feed x=/dev/null", 1,
     "dlc: error: /dev/null: expected a regular file, found something else\n"},
    // Models.
    {"run absent.dlc", 1, "dlc: error: cannot open 'absent.dlc': No such file or directory\n"},
    {"run folder", 1, "dlc: error: cannot read 'folder': it is a folder\n"},
    {"run empty.dlc", 1, "dlc: error: 'empty.dlc' is empty: neither a graph file nor IR text\n"},
    {"run wrong.dlc", 1,
     "wrong.dlc:2:5: error: there is no operator 'rellu'; did you mean 'relu'?\n  y = rellu(x)\n      ^\n"},
    {"run open.dlc", 1,
     "open.dlc:1:13: error: expected ',' or ')' in the arguments of relu, found the end of the text\n  a = relu(1.0\n"
     "              ^\n"},
    {"run cut.dlir", 1,
     "cut.dlir:2:14: error: expected ',' or ')' after an operand, found the end of the text\n    %0 = exp(%x\n         "
     "      ^\ncut.dlir:2:14: error: expected '}' after the function's body, found the end of the text\n    %0 = "
     "exp(%x\n               ^\n"},
    {"run f.dlir", 1, "dlc: error: parameter 'x' f32[4] needs a value: --feed x=FILE.npy\n"},
    {"run f.dlir --feed x=x.npy", 1, "dlc: error: feed 'x' needs f32[4], got f32[4,3]: its rank is 2, not 1\n"},
    {"train f.dlir --minimize loss --feed x=x.npy", 1,
     "dlc: error: 'f.dlir' is IR text; training needs a graph file\n"},
    // Checkpoints.
    {"run m.dlc --fetch w --checkpoint absent.safetensors", 1,
     "dlc: error: absent.safetensors: cannot open for reading: No such file or directory\n"},
    {"run m.dlc --fetch w --checkpoint x.npy", 1,
     "dlc: error: x.npy: bad safetensors header: it claims 379676406402707 bytes, which none has (at most "
     "100000000); is this a safetensors file?\n"},
    {"run m.dlc --fetch w --checkpoint cut.safetensors", 1,
     "dlc: error: cut.safetensors: bad safetensors header: it claims 416 bytes, but 92 follow; the file is cut off\n"},
    {"run m.dlc --fetch w --checkpoint flipped.safetensors", 1,
     "dlc: error: flipped.safetensors: the checksum is crc32:c4838d8d, expected 'crc32:5144651d'; the file is "
     "damaged\n"},
    {"run m.dlc --fetch w --checkpoint less.safetensors", 1,
     "dlc: error: 'less.safetensors' has no variable 'Adam/beta1_power'\n  the checkpoint must be one of this model: "
     "every variable is read from it\n"},
    {"run m.dlc --fetch w --checkpoint other_shape.safetensors", 1,
     "dlc: error: variable 'w' f32[3,2] cannot take f32[2,3] (m.dlc:3:5)\n"},
    {"run m.dlc --fetch w --checkpoint folder", 1, "dlc: error: folder: expected a regular file, found a folder\n"},
    // Training.
    {"train m.dlc --minimize loss", 1,
     "dlc: error: nothing to train on: give --data digits, --data mnist:DIR or --feed NAME=FILE.npy\n"},
    {"train m.dlc --minimize los --feed x=x.npy", 1,
     "dlc: error: there is no node 'los' in the graph\n  names like it: loss\n"},
    {"train m.dlc --minimize loss --feed x=x.npy", 1,
     "dlc: error: placeholder 'labels' i32[n] needs a value: feed it (m.dlc:2:10)\n"
     "  'labels' was made at m.dlc:2:10\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y3.npy", 1,
     "dlc: error: batches: all arrays need as many rows; 'x' has 4 (f32[4,3]), but 'labels' has 3 (i32[3])\n"},
    {"train m.dlc --minimize loss --feed x=scalar.npy --feed labels=y.npy", 1,
     "dlc: error: batches: array 'x' is a scalar; expected rows, [n,...]\n"},
    {"train m.dlc --minimize loss --feed x=none.npy --feed labels=y0.npy", 1,
     "dlc: error: nothing to train on: 'x' is f32[0,3], without a row\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=high.npy --batch-size 4 --no-shuffle", 1,
     "dlc: error: 'sparse_softmax_cross_entropy_with_logits': index out of range: element 2 has value 2 (m.dlc:5:20)\n"
     "  no variable was changed by this run\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --test-feed x=x.npy", 1,
     "dlc: error: 'labels' is fed in training, but not in the validation: add --test-feed labels=FILE.npy\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --test-feed x=x.npy --test-feed labels=y.npy", 1,
     "dlc: error: 'labels' is fed in the validation, but not in training: add --feed labels=FILE.npy\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --metric acc", 1,
     "dlc: error: there is no node 'acc' in the graph\n"},
    {"train m.dlc --minimize logits --feed x=x.npy --feed labels=y.npy", 1,
     "dlc: error: 'logits' is f32[n,2]; what is minimized is one number, reduce_mean(logits) for one (m.dlc:4:10)\n"},
    {"train m.dlc --minimize loss --step loss --feed x=x.npy --feed labels=y.npy", 1,
     "dlc: error: the step 'loss' changes no variable: nothing would be trained (m.dlc:5:8)\n"
     "  name the result of an optimizer with --step, or leave it out: --optimizer makes one\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --checkpoint-dir /proc/sys/kernel", 1,
     "dlc: error: /proc/sys/kernel/checkpoint: cannot create a file in folder '/proc/sys/kernel': No such file or "
     "directory\n"},
    {"explain program.so", 1,
     "dlc: error: 'program.so' is a compiled program or library: neither a graph file nor IR text\n"
     "  `dlc run` runs a model that `dlc compile --emit shared` made\n"},
    {"run program.so", 1,
     "dlc: error: cannot load 'program.so': the file is cut short\n"
     "  copy it again, or make it again with dlc compile MODEL --emit shared -o FILE\n"},
    {"run m.dlc --fetch w --feed w=x5.npy", 1,
     "dlc: error: feed 'w' needs f32[3,2], got f32[4,5]: axis 0 is 4, not 3 (m.dlc:3:5)\n"},
    {"train m.dlc --minimize loss --data mnist:absent", 1,
     "dlc: error: absent: expected a folder with the MNIST files\n"},
    {"train m.dlc --minimize loss --data birds", 1,
     "dlc: error: there is no data set 'birds': use 'digits' or 'mnist:DIR'\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --checkpoint less.safetensors", 1,
     "dlc: error: 'less.safetensors' has no variable 'Adam/beta1_power'\n  the checkpoint must be one of this model: "
     "every variable is read from it\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --test-feed x=none.npy --test-feed labels=y0.npy",
     1, "dlc: error: nothing to validate on: 'x' is f32[0,3], without a row\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --resume", 1,
     "dlc: error: --resume needs the folder of the checkpoints: --checkpoint-dir DIR\n"},
    // The command line.
    {"train m.dlc", 1, "--minimize is required\nRun with --help for more information.\n"},
    {"train", 1, "model is required\nRun with --help for more information.\n"},
    {"nothing", 1,
     "dlc: error: there is no verb 'nothing'\n  there are: compile, run, train, bench, explain, opt, check, bisect, "
     "reduce, ops\n  dlc --help says what each does\n"},
    {"trains m.dlc", 1,
     "dlc: error: there is no verb 'trains'; did you mean 'train'?\n  there are: compile, run, train, bench, explain, "
     "opt, check, bisect, reduce, ops\n  dlc --help says what each does\n"},
    {"train m.dlc --minimize loss --batch-size 0", 1,
     "--batch-size: Value 0 not in range 1 to 1000000000\nRun with --help for more information.\n"},
    {"train m.dlc --minimize loss --epochs -1", 1,
     "--epochs: Value -1 not in range 0 to 1000000000\nRun with --help for more information.\n"},
    {"train m.dlc --minimize loss --keep -1", 1,
     "--keep: Value -1 not in range 0 to 1000000000\nRun with --help for more information.\n"},
    {"train m.dlc --minimize loss --optimizer best", 1,
     "--optimizer: best not in {sgd,momentum,adam}\nRun with --help for more information.\n"},
    {"compile m.dlc --feed x=f32", 1, "dlc: error: 'f32' is no type of a feed; write, for example, f32[64,784]\n"},
    {"compile m.dlc --feed x=f32[4,-3]", 1,
     "dlc: error: 'f32[4,-3]' is no type of a feed; write, for example, f32[64,784]\n"},
    {"compile m.dlc --feed x=f16[4,3]", 1,
     "dlc: error: 'f16[4,3]' is no type of a feed; write, for example, f32[64,784]\n"},
    {"compile m.dlc --feed x=f32[99999999999999999999,3]", 1,
     "dlc: error: 'f32[99999999999999999999,3]' is no type of a feed; write, for example, f32[64,784]\n"},
    {"compile m.dlc --feed x=f32[4611686018427387904,3]", 1,
     "dlc: error: shape [4611686018427387904,3] has too many elements\n"},
    {"compile m.dlc --fetch loss --feed x=f32[4,3] --feed labels=i32[3] --emit plan", 1,
     "dlc: error: feed 'labels' needs i32[n], got i32[3]: axis 0 is 3, but 'n' is 4 by axis 0 of feed 'x', which is "
     "f32[4,3] (m.dlc:2:10)\n"},
    {"compile m.dlc --fetch loss --feed x=f32[4,5]", 1,
     "dlc: error: feed 'x' needs f32[n,3], got f32[4,5]: axis 1 is 5, not 3 (m.dlc:1:5)\n"},
    {"compile m.dlc --fetch loss --feed x=f64[4,3]", 1,
     "dlc: error: feed 'x' needs f32[n,3], got f64[4,3] (m.dlc:1:5)\n"},
    {"compile m.dlc --target avx1024", 1,
     "dlc: error: unknown target 'avx1024': expected host, sse2, avx2 or avx512\n"},
    {"bench m.dlc --fetch train", 1,
     "dlc: error: the size 'n' of feed 'x' f32[n,3] is open: give it, for example --feed x=f32[64]\n"},
    // Folders and files that cannot be written.
    {"run m.dlc --fetch w --save m.dlc", 1, "dlc: error: cannot make the folder 'm.dlc': Not a directory\n"},
    {"run m.dlc --fetch w --save /proc/x", 1,
     "dlc: error: cannot make the folder '/proc/x': No such file or directory\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --save /proc/x", 1,
     "dlc: error: /proc/x: cannot create a file in folder '/proc': No such file or directory\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --save folder", 1,
     "dlc: error: folder: cannot write: expected a regular file or a new name, found a folder\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --checkpoint-dir /proc/x", 1,
     "dlc: error: /proc/x: cannot make the folder: No such file or directory\n"},
    {"train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --checkpoint-dir x.npy", 1,
     "dlc: error: x.npy: cannot make the folder: Not a directory\n"},
    {"compile m.dlc --emit plan -o /proc/x", 1,
     "dlc: error: /proc/x: cannot create a file in folder '/proc': No such file or directory\n"},
    {"compile m.dlc --emit plan -o folder", 1, "dlc: error: cannot write 'folder': Is a directory\n"},
    {"compile m.dlc --emit plan -o /dev/full", 1, "dlc: error: cannot write '/dev/full': No space left on device\n"},
};

TEST_F(BadInput, EveryWordOfEveryMessage) {
  const auto before = files();
  for (const Row& row : kRows) {
    Tool tool(dir.path(), words(row.command));
    EXPECT_EQ(tool.wait().exit_code, row.exit_code) << row.command;
    EXPECT_EQ(tool.err(), row.says) << row.command;
  }
  EXPECT_EQ(files(), before) << "a command that failed has left or changed a file";
  EXPECT_GE(std::size(kRows), 79u);
}

// Where a training is to go on from a checkpoint that is cut at any of its bytes (every 23rd here; that of every byte
// of each format is told is shown by the tests of the readers).
TEST_F(BadInput, ACheckpointThatIsCutIsToldAtAnyByte) {
  const std::string whole = content_of(dir / "good.safetensors");
  for (size_t n = 0; n < whole.size(); n += 23) {
    write_plain(dir / "c.safetensors", whole.substr(0, n));
    Tool tool(dir.path(), words("run m.dlc --fetch w --checkpoint c.safetensors"));
    EXPECT_EQ(tool.wait().exit_code, 1) << n;
    EXPECT_TRUE(tool.err().starts_with("dlc: error: c.safetensors: ")) << n << "\n" << tool.err();
    EXPECT_EQ(tool.out(), "") << n;
  }
}

// With room for too few bytes: an error, the old file, and nothing else.
TEST_F(BadInput, OnAFullDiskTheOldFileStays) {
  const auto try_with_little_room = [&](std::string_view command, const char* says) {
    const auto before = files();
    Tool tool(dir.path(), words(command), /*max_file_bytes=*/300);
    EXPECT_EQ(tool.wait().exit_code, 1) << command;
    EXPECT_EQ(tool.err(), says) << command;
    EXPECT_EQ(files(), before) << command;
  };
  write_plain(dir / "old", "old");
  write_plain(dir / "folder/w.npy", "old");
  value_or_throw(write_npy(dir / "big.npy", Array(kFloat32, {100})));
  write_plain(dir / "big.dlc", "w = placeholder(f32[100])\ny = w + 1\n");
  try_with_little_room("train m.dlc --minimize loss --feed x=x.npy --feed labels=y.npy --save old",
                       "dlc: error: old: cannot write its temporary file: File too large; the file is as it was "
                       "before\n");
  try_with_little_room("run big.dlc --feed w=big.npy --fetch w --save folder",
                       "dlc: error: folder/w.npy: cannot write its temporary file: File too large; the file is as it "
                       "was before\n");
  try_with_little_room("compile m.dlc --emit plan -o old",
                       "dlc: error: old: cannot write its temporary file: File too large; the file is as it was "
                       "before\n");
  try_with_little_room("compile m.dlc --emit plan", "dlc: error: cannot write to standard output: File too large\n");
  EXPECT_EQ(content_of(dir / "folder/w.npy"), "old");
}

}  // namespace
}  // namespace dlc
