// A slow interpreter of kernels, on real memory: what compiled code must equal bit for bit, and the
// one place where every access is checked. It fails on
//   - an access outside its buffer, or an aligned access that is not,
//   - a race: two chunks of one `parallel` touch a byte and at least one of them writes it
//     (by address, so buffers that share memory are seen; the same chunk may work in place),
//   - a store through one buffer to memory that another `noalias` buffer of the kernel covers (each row
//     of a table is a buffer),
//   - a read of scratch that its chunk has not written,
//   - an integer division by 0 or of MIN by -1, and a shift by the width or more,
//   - more steps than `max_steps`: a `while` without end.
//
//   std::vector<float> x(100), y(100);
//   RunArgs args{.buffers = {{x.data(), 100}, {y.data(), 100}}, .scalars = {100}};
//   DLC_RETURN_IF_ERROR(interpret(kernel, args));
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "backend/loops/loops.h"
#include "runtime/fp_state.h"
#include "support/expected.h"

namespace dlc::backend::loops {

/// The memory of one parameter.
struct BufferArg {
  void* data = nullptr;
  int64_t size = 0;  ///< in elements of the buffer's type
};

/// What kFault reports; the same as dlc_services::report_fault.
using FaultSink = std::function<void(int64_t site, int64_t element, int64_t value)>;

struct RunArgs {
  std::vector<BufferArg> buffers;  ///< those of space kParam in order, then the rows of the tables
  std::vector<int64_t> scalars;    ///< one slot each; narrower types sit in the low bytes (runtime/abi.h)
  FaultSink fault;                 ///< empty: a fault is an error of the run
  uint64_t chunk_seed = 0;         ///< not 0: chunks of `parallel` run in an order drawn from it
  runtime::FpMode fp = runtime::FpMode::kFlushSubnormals;
  int64_t max_steps = int64_t{1} << 40;  ///< instructions
};

/// Runs the kernel, which must verify. The error quotes the instruction, with the buffer, the
/// element and, for races, both chunks. Memory already written stays written.
Expected<void> interpret(const Kernel& kernel, const RunArgs& args);

}  // namespace dlc::backend::loops
