// What tests of single operators share: types from text, the type rule on types, the reference
// meaning on values.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"

namespace dlc::ir {

/// "f32[n,4]" (no commas inside a dimension).
inline TensorType type_of(std::string_view text) {
  const size_t open = text.find('[');
  TensorType t{*dtype_from_string(text.substr(0, open)), {}};
  std::string_view rest = text.substr(open + 1, text.size() - open - 2);
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    t.dims.push_back(parse_dim(rest.substr(0, comma)).value());
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return t;
}

/// What the type rule of `op` says about operands of these types: the first result's type, with the
/// requirements it records ("f32[n] require n == m"), or its error's message.
inline std::string infer(OpKind op, const std::vector<std::string>& operands, AttrMap attrs = {}) {
  Function f("f");
  std::vector<Value> values;
  for (const std::string& text : operands) values.push_back(f.add_param(type_of(text), {}));
  auto made = Builder(f).try_create(op, values, std::move(attrs));
  if (!made) return made.error().message;
  std::string out = (*made)->type().str();
  for (const Requirement& r : f.requirements()) out += fmt::format(" require {} == {}", r.a, r.b);
  return out;
}

/// The op run on values.
inline Expected<std::vector<Array>> try_run(OpKind op, const std::vector<Array>& operands, AttrMap attrs = {}) {
  Function f("f");
  std::vector<Value> values;
  for (const Array& a : operands) values.push_back(f.add_param(TensorType::of(a.dtype(), a.shape()), {}));
  Builder b(f);
  b.set_provenance({"node", SourceLoc("test.dlc", 7)});
  Op* made = b.create(op, values, std::move(attrs));
  std::vector<Value> results;
  for (int i = 0; i < made->num_results(); ++i) results.push_back(made->result(i));
  f.set_results(results);
  return interpret(f, operands);
}

/// The first result as text, "f32[2] [1, 2]"; or the error's message.
inline std::string run(OpKind op, const std::vector<Array>& operands, AttrMap attrs = {}) {
  const auto results = try_run(op, operands, std::move(attrs));
  return results ? results->at(0).str() : results.error().message;
}

inline Array f32(Shape shape, std::initializer_list<float> values) {
  return Array::of<float>(std::move(shape), values);
}
inline Array i32(Shape shape, std::initializer_list<int32_t> values) {
  return Array::of<int32_t>(std::move(shape), values);
}
inline Array i64(Shape shape, std::initializer_list<int64_t> values) {
  return Array::of<int64_t>(std::move(shape), values);
}
/// 0, 1, 2, ... in this shape.
inline Array counting(DType dtype, Shape shape) {
  Array a(dtype, std::move(shape));
  for (int64_t i = 0; i < a.num_elements(); ++i) a.set_from_double(i, static_cast<double>(i));
  return a;
}

}  // namespace dlc::ir
