// freeze: parameters that have become constants, such as the weights of a trained model.
#pragma once

#include <map>
#include <memory>

#include "ir/function.h"
#include "support/array.h"

namespace dlc::ir {

/// A deep copy in which parameter i is the constant `values.at(i)`, for each i there; the others keep
/// their order. An update of a parameter that has gone stays a result. kInvalidType or kInvalidShape,
/// naming the parameter, when a value is of another type than it.
Expected<std::unique_ptr<Function>> freeze(const Function& function, const std::map<int, Array>& values);

}  // namespace dlc::ir
