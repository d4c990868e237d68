// KernelContext: one kernel under construction. Knows which buffers and scalars the kernel takes
// and what the plan must pass for each of them.
//
// A kernel is built from a region (an ir::Function whose ops become one kernel). Its buffers are,
// in order of first use: the region's parameters, its results, dense constants, scratch of the
// kernel. Extents, strides and scalar constants are scalar parameters, so that equal kernels are
// one kernel; small extents are baked in, which decides unrolling and tails at compile time.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "backend/loops/builder.h"
#include "ir/function.h"
#include "ir/target.h"

namespace dlc::backend {

/// What the plan passes for one buffer of a kernel.
struct BufferArg {
  enum Kind : uint8_t {
    kParam,     ///< region parameter `index`
    kResult,    ///< region result `index`
    kConstant,  ///< `data`
    kScratch,   ///< `elements` of the kernel's own, in the arena
  };
  Kind kind = kParam;
  int index = 0;
  Array data;
  DType dtype = kFloat32;
  ir::Dim elements;
};

/// What the plan passes for one scalar: a size known when dims are bound, bits, half the key of random numbers, or a
/// fault site. In a plan keys are bits.
struct ScalarArg {
  enum Kind : uint8_t { kDim, kBits, kSeed, kSite };
  Kind kind = kDim;
  ir::Dim dim;
  uint64_t bits = 0;          ///< kSeed: which half
  ir::Provenance provenance;  ///< kSite
  std::string check;          ///< kSite: what failed, e.g. "index out of range"
  /// kSite: of the op that it is of, among those of the region that can fail. kSeed: among all of them.
  size_t number = 0;
};

struct BuiltKernel {
  loops::Kernel kernel;
  std::vector<BufferArg> buffers;  ///< of a sweep: its parameters and results are what one row is passed
  std::vector<ScalarArg> scalars;
  bool can_fail = false;
  /// Region results whose buffer may be that of a region parameter: result -> parameters read at the
  /// same element only, before the element is written.
  std::vector<std::vector<int>> in_place;
};

class KernelContext {
 public:
  /// `space`: kParam, or kTable for a kernel whose parameters and results are tables, one row a call.
  KernelContext(const ir::Function& region, const ir::Target& target, const std::string& name,
                loops::Space space = loops::Space::kParam)
      : b(name), region_(region), target_(target), space_(space) {}

  const ir::Function& region() const { return region_; }
  const ir::Target& target() const { return target_; }

  loops::BufferId param_buffer(int index);
  loops::BufferId result_buffer(int index);
  loops::BufferId constant_buffer(const Array& data);
  /// Scratch in the arena, 64-byte aligned, not initialised; shared by all chunks.
  loops::BufferId arena_scratch(const std::string& name, DType dtype, const ir::Dim& elements);

  /// A size: baked in when it is a small number, else a scalar parameter.
  loops::Value extent(const ir::Dim& dim);
  /// A scalar constant of an op, `bits` in the low bytes: baked in when it is 0, ±1, ½ or 2.
  loops::Value scalar_constant(DType dtype, uint64_t bits);
  /// A half of the Philox key of `op`, an rng_bits; never baked in, so that layers which differ in their seeds alone
  /// have one kernel.
  loops::Value seed(const ir::Op& op, uint64_t half);
  /// The number of the check, for LoopBuilder::fault.
  loops::Value fault_site(const ir::Op& op, const std::string& check);

  BuiltKernel finish() &&;

  loops::LoopBuilder b;
  /// See BuiltKernel::in_place; schedules that write elements in reading order fill it.
  std::vector<std::vector<int>> in_place;

 private:
  static constexpr int64_t kLargestBakedExtent = 64;
  const ir::Function& region_;
  const ir::Target& target_;
  const loops::Space space_;
  std::map<int, loops::BufferId> params_, results_;
  std::vector<std::pair<Array, loops::BufferId>> constants_;
  std::map<std::string, loops::Value> dims_;
  std::map<std::string, loops::Value> constants_by_bits_;
  std::map<std::string, loops::Value> sites_, seeds_;
  std::vector<BufferArg> buffer_args_;
  std::vector<ScalarArg> scalar_args_;
};

/// Chunks of work over `elements` of about `cost` nanoseconds each: a count from sizes alone (about
/// 20 µs of work a chunk, at most 256) and the elements of one chunk, a multiple of `granule`.
struct Chunking {
  ir::Dim count;
  ir::Dim size;
};
Chunking chunk(const ir::Dim& elements, double cost_ns, int64_t granule);

}  // namespace dlc::backend
