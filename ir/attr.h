// Attributes: what an op knows at compile time beside its operands.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "ir/dim.h"
#include "support/array.h"
#include "support/dtype.h"
#include "support/flat_map.h"

namespace dlc::ir {

using Ints = std::vector<int64_t>;
using Attr = std::variant<bool, int64_t, double, std::string, DType, Ints, Dims, Array>;

/// An op that was created has exactly those of its OpDef.
using AttrMap = FlatMap<Attr>;

/// "bool", "int", "float", "string", "dtype", "ints", "dims", "array".
const char* attr_type_name(const Attr& attr);
/// As the IR prints it: true, 3, 0.5, "s", f32, [1,2], <n,4>, f32[2] {1, 2}. Exact.
std::string attr_str(const Attr& attr);
bool attr_equal(const Attr& a, const Attr& b);

}  // namespace dlc::ir
