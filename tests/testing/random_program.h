// Random programs: valid functions of everything the compiler takes, with values for their
// parameters, drawn from a seed. The same seed gives the same program on every machine.
//
//   const RandomProgram p = test::random_program(17);
//   auto results = ir::interpret(*differentiated(*p.function), p.params);
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "ir/function.h"
#include "support/array.h"

namespace dlc::test {

struct RandomProgram {
  uint64_t seed = 0;
  std::unique_ptr<ir::Function> function;  ///< may hold gradients, pins, composites
  ir::SymbolBinding binding;               ///< empty: the program is static
  std::vector<Array> params;               ///< by parameter; shapes agree with `binding`
  bool large = false;                      ///< one kernel at least is split among threads

  /// The seed, the sizes and the text of the program: what a failing test prints.
  std::string str() const;
};

/// Element-wise ops, reductions, products, shape ops, softmax and losses, gathers and scatters,
/// random bits, gradients and theirs; feeds, variables with updates, several fetches; every type, ranks
/// 0 to 6, sizes 0, 1 and odd; in 300 programs of successive seeds, every operator in every type that it
/// admits. No run of it faults; one program in eight holds infinities and NaN.
RandomProgram random_program(uint64_t seed);

/// The same with ops that fault: a division of integers by zero, an index out of range, a checked number
/// that is not finite. Each is a node of its own name.
RandomProgram random_faulty_program(uint64_t seed);

/// Ops whose results come of a gradient, `gradients` themselves included.
std::unordered_set<const ir::Op*> ops_of_gradients(const ir::Function& function);

/// The passes that come before every reference run: gradients expanded, pins gone.
std::unique_ptr<ir::Function> differentiated(const ir::Function& function);

}  // namespace dlc::test
