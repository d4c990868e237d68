#include "tests/testing/op_eval.h"

#include <cmath>

#include "ir/interp/interpreter.h"
#include "ir/parser.h"

namespace dlc::test {

using ir::Builder;
using ir::Function;
using ir::TensorType;
using ir::Value;

Array array(DType dtype, Shape shape, const std::vector<double>& values) {
  Array a = Array::uninitialized(dtype, std::move(shape));
  DLC_CHECK(a.num_elements() == static_cast<int64_t>(values.size()), "{} values for {}", values.size(), a.type_str());
  for (int64_t i = 0; i < a.num_elements(); ++i) a.set_from_double(i, values[static_cast<size_t>(i)]);
  return a;
}

std::vector<double> values(const Array& a) {
  std::vector<double> out;
  for (int64_t i = 0; i < a.num_elements(); ++i) out.push_back(a.value_as_double(i));
  return out;
}

TensorType type(std::string_view text) {
  const std::string source = fmt::format("func @type(%x: {}) -> ({}) {{\n  return %x\n}}\n", text, text);
  return value_or_throw(ir::parse_function(source))->param(0).type();
}

Expected<std::vector<TensorType>> infer(std::string_view op, const std::vector<std::string>& operand_types,
                                        ir::AttrMap attrs) {
  const std::optional<ir::OpKind> kind = ir::find_op(op);
  DLC_CHECK(kind.has_value(), "no op {}", op);
  Function f("test");
  std::vector<Value> operands;
  for (const std::string& t : operand_types)
    operands.push_back(f.add_param(type(t), {.name = fmt::format("{}", operands.size())}));
  DLC_ASSIGN_OR_RETURN(ir::Op* const made, Builder(f).try_create(*kind, operands, std::move(attrs)));
  std::vector<TensorType> types;
  for (int i = 0; i < made->num_results(); ++i) types.push_back(made->type(i));
  return types;
}

std::unique_ptr<Function> function_of(ir::OpKind op, std::span<const TensorType> operand_types, ir::AttrMap attrs) {
  auto f = std::make_unique<Function>("test");
  std::vector<Value> operands;
  for (const TensorType& t : operand_types)
    operands.push_back(f->add_param(t, {.name = fmt::format("{}", operands.size())}));
  ir::Op* const made = Builder(*f).create(op, operands, std::move(attrs));
  std::vector<Value> results;
  for (int i = 0; i < made->num_results(); ++i) results.push_back(made->result(i));
  f->set_results(results);
  return f;
}

Expected<std::vector<Array>> try_eval(ir::OpKind op, std::vector<Array> operands, ir::AttrMap attrs) {
  std::vector<TensorType> types;
  for (const Array& a : operands) types.push_back(TensorType::of(a.dtype(), a.shape()));
  return ir::interpret(*function_of(op, types, std::move(attrs)), operands);
}

Array eval(ir::OpKind op, std::vector<Array> operands, ir::AttrMap attrs) {
  return value_or_throw(try_eval(op, std::move(operands), std::move(attrs)))[0];
}

bool same_number(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

}  // namespace dlc::test
