#include "support/dtype.h"

namespace dlc {

const char* to_string(DType t) {
  switch (t) {
    case DType::kBool: return "bool";
    case DType::kU8: return "u8";
    case DType::kI32: return "i32";
    case DType::kI64: return "i64";
    case DType::kU32: return "u32";
    case DType::kU64: return "u64";
    case DType::kF32: return "f32";
    case DType::kF64: return "f64";
  }
  return "?";
}

std::optional<DType> dtype_from_string(std::string_view name) {
  for (const DType t : kAllDTypes)
    if (name == to_string(t)) return t;
  return std::nullopt;
}

}  // namespace dlc
