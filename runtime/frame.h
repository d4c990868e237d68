// Frame: one running instance of a program, whether it was compiled in this process or ahead of
// time: the arena, and the pointers that its table (runtime/program.h) asks for.
//
//   DLC_ASSIGN_OR_RETURN(runtime::Frame frame, runtime::Frame::create(program));
//   frame.run(context, params, results);
//   if (const auto fault = context.fault()) return runtime::describe(program, *fault);
#pragma once

#include <span>
#include <vector>

#include "runtime/arena.h"
#include "runtime/context.h"
#include "runtime/program.h"
#include "support/expected.h"

namespace dlc::runtime {

/// One run at a time.
class Frame {
 public:
  Frame() = default;
  /// `program` is borrowed, and what it points to. kResourceExhausted when there is not enough memory.
  static Expected<Frame> create(const dlc_program& program);

  /// Runs the step. `params[i]` points to parameter i (variables are updated there), `results[i]` to
  /// room for result i (null for updates); nothing written may overlap anything else. Allocates
  /// nothing. On a fault, which the context holds, no variable has changed.
  void run(Context& context, std::span<void* const> params, std::span<void* const> results) {
    run(program_->entry, context, params, results);
  }
  /// The same with another entry than the program's, for who looks on; null does nothing.
  void run(dlc_entry_fn entry, Context& context, std::span<void* const> params, std::span<void* const> results);

  Arena& arena() { return arena_; }
  const Arena& arena() const { return arena_; }
  /// The pointers that the entry was last given, in the order of the table's slots.
  std::span<void* const> buffers() const { return buffers_; }

 private:
  struct Patch {
    size_t slot;
    size_t index;  ///< of the parameter or result
  };
  const dlc_program* program_ = nullptr;
  Arena arena_;
  std::vector<void*> buffers_;
  std::vector<Patch> param_patches_, result_patches_;
};

/// What the user reads when a check failed: kOutOfRange or kArithmetic, with the node and its place.
Error describe(const dlc_site& site, const Fault& fault);
Error describe(const dlc_program& program, const Fault& fault);

}  // namespace dlc::runtime
