#include "frontend/session/variable_store.h"

#include "frontend/graph/node.h"

namespace dlc {

VariableStore::Slot& VariableStore::slot(const Node& variable) {
  const auto it = slots_.find(&variable);
  if (it != slots_.end()) return it->second;
  Slot slot;
  slot.node = &variable;
  slot.value = Array::uninitialized(variable.types[0].dtype, variable.types[0].shape());
  return slots_.emplace(&variable, std::move(slot)).first->second;
}

const VariableStore::Slot* VariableStore::find(const Node& variable) const {
  const auto it = slots_.find(&variable);
  return it == slots_.end() ? nullptr : &it->second;
}

Error VariableStore::not_initialized(const Node& variable) {
  return make_error(ErrorCode::kFailedPrecondition, "variable '{}' {} is not initialised: run the initializer first",
                    variable.name, variable.types[0])
      .at(variable.loc)
      .note("session.run(global_variables_initializer()) gives every variable its initial value");
}

}  // namespace dlc
