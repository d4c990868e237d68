// promote_to_f64: the function in double precision.
#include <unordered_map>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::ir {

namespace {

DType promoted(DType t) { return t == kFloat32 ? kFloat64 : t; }

AttrMap promoted(AttrMap attrs) {
  for (auto& [name, attr] : attrs) {
    if (auto* dtype = std::get_if<DType>(&attr)) *dtype = promoted(*dtype);
    if (auto* array = std::get_if<Array>(&attr); array && array->dtype() == kFloat32) *array = array->cast(kFloat64);
  }
  return attrs;
}

/// A bit pattern is not a number: it stays that of an f32, converted before and after.
Value promote_bitcast(Builder& b, const Op& op, Value x) {
  if (op.operand(0).dtype() == kFloat32) x = b.convert(x, kFloat32);
  const Value bits = b.create_like(op, {&x, 1})->result();
  return b.convert(bits, promoted(op.type().dtype));
}

}  // namespace

std::unique_ptr<Function> promote_to_f64(const Function& function) {
  auto out = std::make_unique<Function>(function.name());
  std::unordered_map<Value, Value> map;
  for (int i = 0; i < function.num_params(); ++i) {
    const Value p = function.param(i);
    map[p] = out->add_param(p.type().with(promoted(p.dtype())), function.param_info(i), p.op->provenance());
  }
  for (const Requirement& r : function.requirements()) out->require(r.a, r.b, r.provenance).value();

  Builder b(*out);
  for (const auto& op : function.ops()) {
    b.set_provenance(op->provenance());
    std::vector<Value> operands;
    for (const Value v : op->operands()) operands.push_back(map.at(v));
    if (op->is(OpKind::kBitcast)) {
      map[op->result()] = promote_bitcast(b, *op, operands[0]);
      continue;
    }
    if (op->is(OpKind::kConvert) && operands[0].dtype() == promoted(op->type().dtype)) {
      map[op->result()] = operands[0];  // f32 to f64 and back are one type now
      continue;
    }
    std::vector<std::unique_ptr<Function>> regions;
    for (const auto& region : op->regions()) regions.push_back(promote_to_f64(*region));
    Op* copy = b.create(op->kind(), operands, promoted(op->attrs()), std::move(regions));
    for (int i = 0; i < op->num_results(); ++i) map[op->result(i)] = copy->result(i);
  }

  std::vector<Value> results;
  std::vector<ResultInfo> infos;
  for (int i = 0; i < function.num_results(); ++i) {
    results.push_back(map.at(function.result(i)));
    infos.push_back(function.result_info(i));
  }
  out->set_results(results, std::move(infos));
  return out;
}

}  // namespace dlc::ir
