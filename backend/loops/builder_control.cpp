// The control flow of LoopBuilder.
#include <bit>

#include "backend/loops/builder.h"

namespace dlc::backend::loops {

void LoopBuilder::open(bool is_chunk) {
  scopes_.emplace_back();
  scopes_.back().is_chunk = is_chunk;
}

Block LoopBuilder::close(const Values& yields) {
  emit({.op = OpCode::kYield, .operands = yields});
  Block block = std::move(scopes_.back().block);
  scopes_.pop_back();
  return block;
}

void LoopBuilder::check_same_types(const char* what, const Values& a, const Values& b) const {
  DLC_CHECK(a.size() == b.size(), "{} in kernel '{}': {} values against {}", what, kernel_.name, a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    DLC_CHECK(type(a[i]) == type(b[i]), "{} in kernel '{}': value {} is {}x{} against {}x{}", what, kernel_.name, i,
              type(a[i]).elem, type(a[i]).lanes, type(b[i]).elem, type(b[i]).lanes);
}

LoopBuilder::Values LoopBuilder::add_results(Inst& inst, const Values& like) {
  for (const Value v : like) inst.results.push_back(new_value(type(v)));
  return inst.results;
}

LoopBuilder::Values LoopBuilder::for_loop(Value lower, Value upper, int64_t step, const Values& init,
                                          const std::function<Values(Value i, const Values& carried)>& body) {
  DLC_CHECK(step > 0, "a loop of step {} in kernel '{}'", step, kernel_.name);
  const auto extent = known_int(sub(upper, lower));
  if (extent && *extent <= 0) return init;
  if (extent && *extent <= step) {
    const Values result = body(lower, init);
    check_same_types("for", init, result);
    return result;
  }
  open();
  const Value i = new_value({kInt64, 1});
  Values carried;
  for (const Value v : init) carried.push_back(new_value(type(v)));
  Block& block = scopes_.back().block;
  block.args = {i};
  block.args.insert(block.args.end(), carried.begin(), carried.end());
  const Values next = body(i, carried);
  check_same_types("for", init, next);

  Inst inst{.op = OpCode::kFor, .operands = {lower, upper}, .imm = step};
  inst.operands.insert(inst.operands.end(), init.begin(), init.end());
  inst.blocks.push_back(close(next));
  Values results = add_results(inst, init);
  emit(std::move(inst));
  return results;
}

void LoopBuilder::for_loop(Value lower, Value upper, int64_t step, const std::function<void(Value i)>& body) {
  for_loop(lower, upper, step, {}, [&](Value i, const Values&) -> Values {
    body(i);
    return {};
  });
}

LoopBuilder::Values LoopBuilder::while_loop(const Values& init, const std::function<Value(const Values&)>& condition,
                                            const std::function<Values(const Values&)>& body) {
  Inst inst{.op = OpCode::kWhile, .operands = init};
  const auto open_with_args = [&] {
    open();
    Values args;
    for (const Value v : init) args.push_back(new_value(type(v)));
    scopes_.back().block.args = args;
    return args;
  };
  const Values tested = open_with_args();
  Values yields{condition(tested)};
  DLC_CHECK(type(yields[0]) == (Type{kBool, 1}), "while in kernel '{}': the condition is {}x{}", kernel_.name,
            type(yields[0]).elem, type(yields[0]).lanes);
  yields.insert(yields.end(), tested.begin(), tested.end());
  inst.blocks.push_back(close(yields));

  const Values carried = open_with_args();
  const Values next = body(carried);
  check_same_types("while", init, next);
  inst.blocks.push_back(close(next));
  Values results = add_results(inst, init);
  emit(std::move(inst));
  return results;
}

LoopBuilder::Values LoopBuilder::if_else(Value condition, const std::function<Values()>& then_body,
                                         const std::function<Values()>& else_body) {
  DLC_CHECK(type(condition) == (Type{kBool, 1}), "if in kernel '{}': the condition is {}x{}", kernel_.name,
            type(condition).elem, type(condition).lanes);
  if (is_constant_bool(condition, true)) return then_body();
  if (is_constant_bool(condition, false)) return else_body();
  Inst inst{.op = OpCode::kIf, .operands = {condition}};
  open();
  const Values then_values = then_body();
  inst.blocks.push_back(close(then_values));
  open();
  const Values else_values = else_body();
  check_same_types("if", then_values, else_values);
  inst.blocks.push_back(close(else_values));
  Values results = add_results(inst, then_values);
  emit(std::move(inst));
  return results;
}

void LoopBuilder::if_then(Value condition, const std::function<void()>& body) {
  if_else(
      condition,
      [&]() -> Values {
        body();
        return {};
      },
      []() -> Values { return {}; });
}

void LoopBuilder::parallel(Value n_chunks, const std::function<void(Value chunk)>& body) {
  DLC_CHECK(scopes_.size() == 1, "kernel '{}': parallel below the top level", kernel_.name);
  const auto known = known_int(n_chunks);
  if (known && *known <= 0) return;
  if (known == 1) return body(i64(0));  // nothing to hand out
  open(/*is_chunk=*/true);
  const Value chunk = new_value({kInt64, 1});
  scopes_.back().block.args = {chunk};
  body(chunk);
  Inst inst{.op = OpCode::kParallel, .operands = {n_chunks}};
  inst.blocks.push_back(close({}));
  emit(std::move(inst));
}

void LoopBuilder::vector_for(Value lower, Value upper, int lanes,
                             const std::function<void(Value i, Value mask)>& body) {
  DLC_CHECK(lanes >= 1, "a vector loop of {} lanes in kernel '{}'", lanes, kernel_.name);
  if (lanes == 1) return for_loop(lower, upper, 1, [&](Value i) { body(i, Value{}); });
  Value extent = sub(upper, lower);
  const auto known = known_int(extent);
  if (known && *known <= 0) return;
  // An empty range may have upper < lower; rounding that down would reach outside.
  if (!known) extent = max(extent, i64(0));
  const bool power_of_two = std::has_single_bit(static_cast<unsigned>(lanes));
  const Value tail = power_of_two ? bit_and(extent, i64(lanes - 1)) : rem(extent, i64(lanes));
  const Value main_end = add(lower, sub(extent, tail));
  for_loop(lower, main_end, lanes, [&](Value i) { body(i, Value{}); });
  if_then(gt(tail, i64(0)), [&] {
    const Value rest = broadcast(convert(tail, kInt32), lanes);
    body(main_end, lt(iota({kInt32, lanes}), rest));
  });
}

Value LoopBuilder::tail_mask(Value start, Value end, int lanes) {
  const Value rest = min(max(sub(end, start), i64(0)), i64(lanes));
  if (const auto known = known_int(rest); known == lanes) return constant_int({kBool, lanes}, 1);
  return lt(iota({kInt32, lanes}), broadcast(convert(rest, kInt32), lanes));
}

void LoopBuilder::fault(Value condition, Value site, Value element, Value value) {
  const Type i64_scalar{kInt64, 1};
  const int lanes = type(condition).lanes;
  const auto fits = [&](Value v) { return type(v).elem == kInt64 && (type(v).lanes == 1 || type(v).lanes == lanes); };
  DLC_CHECK(type(condition).elem == kBool && type(site) == i64_scalar && fits(element) && fits(value),
            "fault in kernel '{}' needs a bool condition, an i64 site, and i64 element and value", kernel_.name);
  if (is_constant_bool(condition, false)) return;
  emit({.op = OpCode::kFault, .operands = {condition, site, element, value}});
}

}  // namespace dlc::backend::loops
