// The variables of a session: storage by node, and whether it was ever assigned.
#pragma once

#include <string>
#include <unordered_map>

#include "frontend/graph/tensor.h"
#include "support/array.h"
#include "support/expected.h"

namespace dlc {

class VariableStore {
 public:
  struct Slot {
    Array value;
    Array next;  ///< where checked runs put the next value, to be swapped; empty before the first
    bool initialized = false;
    const Node* node = nullptr;
  };

  /// The slot of a variable, made (without a value) when it is new. References stay valid.
  Slot& slot(const Node& variable);
  const Slot* find(const Node& variable) const;
  /// "variable 'w' is not initialised: run the initializer ..."
  static Error not_initialized(const Node& variable);

 private:
  std::unordered_map<const Node*, Slot> slots_;
};

}  // namespace dlc
