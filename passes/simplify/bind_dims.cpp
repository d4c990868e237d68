// bind-dims: symbols become numbers, so that kernels can be made for exactly these sizes.
#include "ir/printer.h"
#include "passes/simplify/families.h"

namespace dlc::passes {

Expected<bool> run_bind_dims(ir::Function& function, PassContext& context) {
  if (context.options.bind_dims.empty()) return false;
  for (const auto& [name, size] : context.options.bind_dims)
    if (size < 0)
      return make_error(ErrorCode::kInvalidArgument, "bind-dims: '{}' needs a size >= 0, got {}", name, size);
  const std::string before = print(function);
  DLC_ASSIGN_OR_RETURN(const auto bound, function.specialize(context.options.bind_dims));
  function.take_body(*bound);
  return print(function) != before;
}

}  // namespace dlc::passes
