// NumPy as the judge of what we read and write, where Debian's python3-numpy is installed; and a reader and
// writer of safetensors of their own, safetensors_reference.py.
#include <array>
#include <cstdio>

#include "frontend/data/checkpoint.h"
#include "frontend/data/npy.h"
#include "frontend/data/npz.h"
#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

constexpr const char* kPython = "/usr/bin/python3";

/// Runs a script in `dir`; what it printed, errors included, and whether it exited with 0.
std::pair<std::string, bool> run_python(const TempDir& dir, const std::string& script) {
  write_plain(dir / "script.py", "import numpy as np\n" + script);
  const std::string command = fmt::format("cd '{}' && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='{}' {} script.py 2>&1",
                                          dir.path().string(), DLC_SOURCE_DIR "/tests/frontend/data", kPython);
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {"popen failed", false};
  std::string output;
  std::array<char, 4096> buffer;
  for (size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
  return {output, ::pclose(pipe) == 0};
}

class NumPy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!run_python(dir_, "").second) GTEST_SKIP() << "no NumPy at " << kPython << " (python3-numpy)";
  }
  void run(const std::string& script) {
    const auto [output, good] = run_python(dir_, script);
    ASSERT_TRUE(good) << output;
  }
  const TempDir dir_;
};

TEST_F(NumPy, ReadsWhatWeWrite) {
  const NamedArrays arrays = sample_arrays();
  for (const auto& [name, array] : arrays) ASSERT_TRUE(succeeded(write_npy(dir_ / (name + ".npy"), array)));
  ASSERT_TRUE(succeeded(write_npz(dir_ / "stored.npz", arrays)));
  ASSERT_TRUE(succeeded(write_npz(dir_ / "deflated.npz", arrays, {.compress = true})));
  ASSERT_TRUE(succeeded(write_npz(dir_ / "none.npz", {})));
  run(R"(
types = {'bool': '|b1', 'u8': '|u1', 'i32': '<i4', 'i64': '<i8', 'u32': '<u4', 'u64': '<u8', 'f32': '<f4', 'f64': '<f8'}
stored, deflated = np.load('stored.npz'), np.load('deflated.npz')
assert list(np.load('none.npz')) == []
assert list(stored) == list(deflated) == list(types) + ['scalar', 'empty', 'one', 'cube'], list(stored)
for name, code in types.items():
    a = np.load(name + '.npy')
    assert a.dtype.str == code and a.shape == (2, 3), (name, a.dtype, a.shape)
    if name == 'bool':
        want = [[False, True, True], [True, True, True]]
    elif name[0] == 'f':
        want = np.array([[0, 1, 2], [3, -1e30, 1e30]], code)
    else:
        want = np.array([[0, 1, 2], [3, np.iinfo(code).min, np.iinfo(code).max]], code)
    assert np.array_equal(a, want), (name, a)
for name in stored:
    a = np.load(name + '.npy')
    for b in (stored[name], deflated[name]):
        assert a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b), name
assert np.load('scalar.npy') == 2.5 and np.load('empty.npy').shape == (3, 0, 2)
)");
}

TEST_F(NumPy, WritesWhatWeRead) {
  run(R"(
a = np.arange(24).reshape(2, 3, 4)
for name, code in {'bool': 'b1', 'u8': 'u1', 'i32': 'i4', 'i64': 'i8', 'u32': 'u4', 'u64': 'u8', 'f32': 'f4', 'f64': 'f8'}.items():
    for order in '<>':
        np.save(name + order, a.astype(order + code))
        np.save(name + order + 'F', np.asfortranarray(a.astype(order + code)))
np.savez('all.npz', x=a.astype('f4'), **{'scope/y': a.T.astype('i4')})
np.savez_compressed('small.npz', x=a.astype('f4'), **{'scope/y': a.T.astype('i4')})
with open('v2.npy', 'wb') as f: np.lib.format.write_array(f, a.astype('f4'), version=(2, 0))
with open('v3.npy', 'wb') as f: np.lib.format.write_array(f, a.astype('f4'), version=(3, 0))
np.save('half', a.astype('f2'))
for name, code in {'i8': 'i1', 'i16': '>i2', 'u16': '<u2'}.items(): np.save('narrow_' + name, a.astype(code))
np.save('object', np.array([{}], dtype=object))
np.save('record', np.zeros(2, dtype=[('a', 'f4'), ('b', 'i4')]))
)");
  Array counting(kInt32, {2, 3, 4}), transposed(kInt32, {4, 3, 2});
  for (int i = 0; i < 24; ++i) {
    counting.set_from_double(i, i);
    transposed.set_from_double((i % 4) * 6 + (i / 4 % 3) * 2 + i / 12, i);
  }
  for (const DType dtype : kAllDTypes) {
    for (const char* variant : {"<", ">", "<F", ">F"}) {
      const Expected<Array> a = read_npy(dir_ / fmt::format("{}{}.npy", dtype, variant));
      ASSERT_TRUE(succeeded(a));
      EXPECT_TRUE(same(*a, counting.cast(dtype))) << to_string(dtype) << variant;
    }
  }
  for (const char* file : {"v2.npy", "v3.npy"})
    EXPECT_TRUE(same(value_or_throw(read_npy(dir_ / file)), counting.cast(kFloat32)));
  for (const char* file : {"all.npz", "small.npz"}) {
    const Expected<NamedArrays> arrays = read_npz(dir_ / file);
    ASSERT_TRUE(succeeded(arrays));
    ASSERT_EQ(arrays->size(), 2u);
    EXPECT_TRUE(same(*find_array(*arrays, "x"), counting.cast(kFloat32)));
    EXPECT_TRUE(same(*find_array(*arrays, "scope/y"), transposed));
  }
  EXPECT_TRUE(same(value_or_throw(read_npy(dir_ / "half.npy")), counting.cast(kFloat32)));
  for (const char* narrow : {"i8", "i16", "u16"})
    EXPECT_TRUE(same(value_or_throw(read_npy(dir_ / fmt::format("narrow_{}.npy", narrow))), counting)) << narrow;
  EXPECT_TRUE(fails_with(read_npy(dir_ / "object.npy"), ErrorCode::kUnimplemented, "Python objects"));
  EXPECT_TRUE(fails_with(read_npy(dir_ / "record.npy"), ErrorCode::kUnimplemented, "structured element type"));
}

TEST_F(NumPy, AnotherReaderReadsOurSafetensors) {
  NamedArrays arrays = sample_arrays();
  arrays.emplace_back("größe \"quoted\"", Array::of<int32_t>({2}, {7, -7}));
  ASSERT_TRUE(succeeded(write_safetensors(dir_ / "plain", arrays, {{"note", "a\nb ä"}})));
  ASSERT_TRUE(succeeded(save_checkpoint(dir_ / "checkpoint", arrays, {{"step", "12"}})));
  ASSERT_TRUE(succeeded(write_safetensors(dir_ / "none", {})));
  for (const auto& [name, array] : arrays) {
    if (name[0] != 'g') {
      ASSERT_TRUE(succeeded(write_npy(dir_ / (name + ".npy"), array)));
    }
  }
  run(R"(
import safetensors_reference as st
assert st.read('none') == ({}, {})
plain, note = st.read('plain')
checkpoint, metadata = st.read('checkpoint')
assert note == {'note': 'a\nb ä'}, note
assert metadata['step'] == '12' and metadata['format'] == 'dlc-checkpoint', metadata
assert list(plain) == list(checkpoint) and len(plain) == 13, list(plain)
assert plain['größe "quoted"'].tolist() == [7, -7]
for name in plain:
    want = np.load(name + '.npy') if name[0] != 'g' else plain[name]
    for a in (plain[name], checkpoint[name]):
        assert a.dtype == want.dtype and a.shape == want.shape and a.tobytes() == want.tobytes(), name
assert metadata['checksum'] == st.checkpoint_checksum(checkpoint, metadata), metadata
with open('plain', 'rb') as f:
    assert int.from_bytes(f.read(8), 'little') % 8 == 0, 'the elements are not aligned'
)");
}

TEST_F(NumPy, AnotherWritersSafetensorsAreRead) {
  run(R"(
import safetensors_reference as st
a = np.arange(24).reshape(2, 3, 4)
all = {c: a.astype(c) for c in ('b1', 'u1', 'i4', 'i8', 'u4', 'u8', 'f4', 'f8')}
all['none'], all['one'], all['ä/b'] = np.zeros((0, 3), 'f4'), np.array(1.5, 'f8'), a.T.astype('>f4')
st.write('padded', all, {'k': 'v', 'ü': ''})
st.write('unpadded', all, pad=False, header_order=sorted(all, reverse=True))
st.write('empty', {})
st.write('half', {'h': np.ones(3, 'f2')})
)");
  Array counting(kInt32, {2, 3, 4}), transposed(kFloat32, {4, 3, 2});
  for (int i = 0; i < 24; ++i) {
    counting.set_from_double(i, i);
    transposed.set_from_double((i % 4) * 6 + (i / 4 % 3) * 2 + i / 12, i);
  }
  for (const char* file : {"padded", "unpadded"}) {
    const Expected<Safetensors> read = read_safetensors(dir_ / file);
    ASSERT_TRUE(succeeded(read));
    const auto expect = [&](const char* name, const Array& value) {
      const Array* const found = find_array(read->tensors, name);
      ASSERT_NE(found, nullptr) << name;
      EXPECT_TRUE(same(*found, value)) << name;
    };
    EXPECT_EQ(read->tensors.size(), 11u);
    const std::pair<const char*, DType> types[] = {{"b1", DType::kBool}, {"u1", DType::kU8},  {"i4", DType::kI32},
                                                   {"i8", DType::kI64},  {"u4", DType::kU32}, {"u8", DType::kU64},
                                                   {"f4", DType::kF32},  {"f8", DType::kF64}};
    for (const auto& [name, dtype] : types) expect(name, counting.cast(dtype));
    expect("none", Array(kFloat32, {0, 3}));
    expect("one", Array::scalar<double>(1.5));
    expect("ä/b", transposed);
    EXPECT_EQ(read->metadata, std::string(file) == "padded" ? Metadata({{"k", "v"}, {"ü", ""}}) : Metadata());
  }
  EXPECT_TRUE(value_or_throw(read_safetensors(dir_ / "empty")).tensors.empty());
  EXPECT_TRUE(find_array(value_or_throw(read_safetensors(dir_ / "half")).tensors, "h")
                  ->identical(Array::full(kFloat32, {3}, 1)));
}

}  // namespace
}  // namespace dlc
