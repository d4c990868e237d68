#include "tests/testing/random_program.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/interp/interpreter.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "passes/pass_manager.h"
#include "tests/testing/random_builder.h"

namespace dlc::test {
namespace {

using ir::Dim;
using ir::OpKind;
using ir::ParamKind;
using ir::ResultKind;
using ir::Value;

class ProgramGenerator {
 public:
  ProgramGenerator(uint64_t seed, bool faulty)
      : seed_(seed),
        faulty_(faulty),
        random_(seed),
        large_(random_.chance(faulty ? 0.1 : 0.23)),
        r_(random_, draw_limits()) {}

  RandomProgram run() {
    add_params();
    const int64_t ops = large_ ? random_.range(2, 4) : random_.range(3, 18);
    const int64_t gradient_at = random_.chance(large_ ? 0.2 : 0.5) ? random_.range(2, ops) : -1;
    const int64_t long_work_at = large_ ? random_.range(0, ops - 1) : -1;
    for (int64_t i = 0; i < ops; ++i) {
      add_random_op(r_);
      if (faulty_ && random_.chance(0.3)) add_fault();
      if (i == long_work_at) add_long_work();
      if (i == gradient_at) add_gradients(false);
      if (gradient_at >= 0 && i == gradient_at + 3 && random_.chance(0.6)) add_gradients(true);
    }
    if (faulty_) {
      for (int i = 0; i < 20 && r_.num_faults == 0; ++i) add_fault();
    } else {
      add_ops_in_turn();
    }
    finish();
    RandomProgram p;
    p.function = std::move(r_.function);
    p.binding = r_.limits.binding;
    p.params = std::move(params_);
    p.large = large_;
    return p;
  }

 private:
  RandomLimits draw_limits() {
    RandomLimits limits;
    limits.special_values = !large_ && random_.chance(faulty_ ? 0.4 : 0.12);
    if (large_) {
      limits.elements = 60000;
      limits.products = 7000000;
      limits.dims = {Dim(random_.range(200, 240)), Dim(random_.range(160, 240))};
      return limits;
    }
    static const std::vector<int64_t> kSizes = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65};
    for (int i = 0; i < 3; ++i) limits.dims.emplace_back(random_.pick(kSizes));
    if (random_.chance(0.12)) limits.dims[0] = 0;
    if (random_.chance(0.4)) {
      static const std::vector<int64_t> kBound = {0, 1, 2, 7, 17, 40};
      for (const char* name : {"n", "m"}) {
        if (name[0] == 'm' && random_.chance(0.6)) break;
        limits.dims.push_back(Dim::symbol(name));
        limits.binding[name] = random_.pick(kBound);
      }
    }
    return limits;
  }

  Array random_value(DType dtype, const ir::Dims& dims) {
    Shape shape;
    for (const Dim& d : dims) shape.push_back(r_.size(d));
    Array a(dtype, shape);
    for (int64_t i = 0; i < a.num_elements(); ++i) {
      double x = is_float(dtype) ? std::ldexp(static_cast<double>(random_.range(-2000, 2000)), -10) + 1.0 / 4096
                                 : static_cast<double>(random_.range(is_unsigned_int(dtype) ? 0 : -4, 12));
      if (dtype == kBool) x = static_cast<double>(random_.range(0, 1));
      if (is_float(dtype) && r_.limits.special_values && random_.chance(0.05)) {
        static const std::vector<double> kSpecial = {INFINITY, -INFINITY, NAN, 0.0, -0.0};
        x = random_.pick(kSpecial);
      }
      a.set_from_double(i, x);
    }
    return a;
  }

  Value add_param(DType dtype, ParamKind kind, std::string name, const ir::Dims& dims) {
    params_.push_back(random_value(dtype, dims));
    return r_.param({dtype, dims}, {kind, std::move(name)}, params_.back());
  }

  void add_params() {
    static const std::vector<DType> kFeeds = {kFloat32, kFloat32, kFloat32, kFloat32, kFloat64, kInt32,
                                              kInt64,   kUInt8,   kUInt32,  kUInt64,  kBool};
    if (large_) {
      const DType dtype = random_.chance(0.7) ? kFloat32 : kFloat64;
      long_param_ = add_param(dtype, ParamKind::kFeed, "long", {r_.limits.dims[0], r_.limits.dims[1]});
    }
    // A symbol gets its size from a feed that has it as an axis.
    for (const auto& [name, size] : r_.limits.binding)
      add_param(kFloat32, ParamKind::kFeed, "of_" + name, {Dim::symbol(name), r_.limits.dims[0]});
    for (int64_t i = 0, n = random_.range(1, 4); i < n; ++i)
      add_param(random_.pick(kFeeds), ParamKind::kFeed, fmt::format("x{}", i), r_.random_dims());
    for (int64_t i = 0, n = random_.range(0, 3); i < n; ++i) {
      ir::Dims dims;
      for (const Dim& d : r_.random_dims()) dims.push_back(d.is_constant() ? d : Dim(3));  // a variable's size is known
      while (r_.elements(dims) > r_.limits.elements) dims.pop_back();
      variables_.push_back(add_param(random_.chance(0.8) ? kFloat32 : random_.pick(kFeeds), ParamKind::kVariable,
                                     fmt::format("w{}", i), dims));
    }
    if (random_.chance(0.3)) {
      params_.push_back(Array::scalar<uint64_t>(random_.next() >> 20));
      r_.param(ir::TensorType::scalar(kUInt64), {ParamKind::kRngState, "state"}, params_.back());
    }
    for (const Value v : std::vector<Value>(r_.made()))
      if (is_float(v.dtype()) && random_.chance(0.6)) r_.make(OpKind::kPin, {v});
  }

  /// One value that takes so long that its kernel is split among threads: chunks are of about 20 µs.
  void add_long_work() {
    Value x = *long_param_;
    if (random_.chance(0.3)) {
      const auto dot = r_.make(OpKind::kDotGeneral, {x, r_.like(x)},
                               {{"lhs_batch", ir::Ints{}},
                                {"rhs_batch", ir::Ints{}},
                                {"lhs_contract", ir::Ints{0}},
                                {"rhs_contract", ir::Ints{0}}});
      if (dot) wanted_.push_back(*dot);
    }
    static const std::vector<OpKind> kSlow = {OpKind::kSin, OpKind::kCos,  OpKind::kAsinh, OpKind::kErf,
                                              OpKind::kTan, OpKind::kErfc, OpKind::kAtan,  OpKind::kCbrt};
    for (int i = 0; i < 4; ++i)
      if (const auto y = r_.make(random_.pick(kSlow), {x})) x = *y;
    wanted_.push_back(x);
  }

  void add_fault() {
    if (const auto made = add_faulty_op(r_, fmt::format("fault{}", num_faulty_++))) wanted_.push_back(*made);
  }

  /// Programs of neighbouring seeds share out all operators with all their types, whatever else is drawn.
  void add_ops_in_turn() {
    constexpr uint64_t kInTurn = 3;
    const auto& all = all_typed_ops();
    for (uint64_t i = 0; i < kInTurn; ++i)
      if (const auto made = add_typed_op(r_, all[(seed_ * kInTurn + i) % all.size()])) wanted_.push_back(*made);
  }

  /// The gradient of a scalar with respect to a few of the values before it. `second`: the scalar comes
  /// of a gradient, if there is one.
  void add_gradients(bool second) {
    std::optional<Value> x;
    if (second) {
      const auto of_gradients = ops_of_gradients(*r_.function);
      x = r_.pick([&](Value v) { return is_float(v.dtype()) && of_gradients.contains(v.op); });
    }
    if (!x) x = r_.pick_float();
    if (!x) return;
    ir::Ints axes;
    for (int64_t a = 0; a < x->rank(); ++a) axes.push_back(a);
    const auto y = x->rank() == 0 ? x : r_.make(OpKind::kReduce, {*x}, {{"kind", std::string("sum")}, {"axes", axes}});
    if (!y) return;
    std::vector<Value> operands{*y};
    for (int64_t n = random_.range(1, 3); n > 0; --n) {
      // As lowering does, of pins: passes may merge or fold anything else before gradients are taken.
      const auto with_respect_to =
          r_.pick([&](Value v) { return v.is(OpKind::kPin) && is_float(v.dtype()) && v != *y; });
      if (!with_respect_to) break;
      operands.push_back(*with_respect_to);
    }
    if (operands.size() == 1) return;
    const auto made = r_.b.try_create(OpKind::kGradients, operands, {{"num_ys", int64_t{1}}});
    if (!made) return r_.expect_no_bug(made.error());
    ir::Op& op = **made;
    // Its values, from a copy in which it is expanded.
    std::unordered_map<Value, Value> map;
    const auto copy = r_.function->clone(&map);
    std::vector<Value> results;
    for (int i = 0; i < op.num_results(); ++i) results.push_back(map.at(op.result(i)));
    copy->set_results(results);
    const auto values = ir::interpret(*differentiated(*copy), params_);
    if (!values) r_.expect_no_bug(values.error());
    const bool good =
        values && std::all_of(values->begin(), values->end(), [&](const Array& a) { return good_gradient(a); });
    if (!good) {
      ir::Rewriter(*r_.function).erase(op);
      return;
    }
    for (int i = 0; i < op.num_results(); ++i) r_.keep(op.result(i), (*values)[static_cast<size_t>(i)]);
  }

  bool good_gradient(const Array& a) const {
    for (int64_t i = 0; i < a.num_elements(); ++i) {
      const double x = a.value_as_double(i);
      if (std::isfinite(x) ? std::abs(x) > r_.limits.magnitude : !r_.limits.special_values) return false;
    }
    return true;
  }

  /// The next value of a variable: a step, a value that is there, another variable, or a reshape.
  Value next_value(Value variable) {
    if (is_float(variable.dtype()) && random_.chance(0.4))
      if (const auto step = r_.make(random_.chance(0.5) ? OpKind::kSub : OpKind::kMul, {variable, r_.like(variable)}))
        return *step;
    if (random_.chance(0.3)) {
      const auto other = r_.pick([&](Value v) {
        return v.dtype() == variable.dtype() && v.dims() != variable.dims() &&
               v.type().num_elements() == variable.type().num_elements();
      });
      if (other)
        if (const auto reshaped = r_.make(OpKind::kReshape, {*other}, {{"dims", variable.dims()}})) return *reshaped;
    }
    return r_.like(variable);
  }

  void finish() {
    std::vector<Value> results;
    std::vector<ir::ResultInfo> infos;
    const auto fetch = [&](Value v) {
      results.push_back(v);
      infos.push_back({ResultKind::kFetch, fmt::format("y{}", results.size())});
    };
    std::vector<Value> updated;
    std::vector<ir::ResultInfo> updates;
    for (const Value v : variables_) {
      if (random_.chance(0.3)) continue;
      updated.push_back(next_value(v));
      updates.push_back({ResultKind::kUpdate, r_.function->param_info(r_.function->param_index(v)).name});
    }
    // What must be there; what nobody read, the last first; then whatever comes, parameters and second mentions too.
    for (const Value v : wanted_)
      if (ir::uses(v).empty()) fetch(v);
    std::vector<Value> made = r_.made();
    std::reverse(made.begin(), made.end());
    for (const Value v : made)
      if (results.size() < 5 && !v.is(OpKind::kParam) && ir::uses(v).empty() &&
          std::find(updated.begin(), updated.end(), v) == updated.end() &&
          std::find(results.begin(), results.end(), v) == results.end())
        fetch(v);
    if (results.empty() || random_.chance(0.4)) fetch(random_.pick(made));
    for (size_t i = 0; i < updated.size(); ++i) {
      const auto at = random_.range(0, static_cast<int64_t>(results.size()));
      results.insert(results.begin() + at, updated[i]);
      infos.insert(infos.begin() + at, updates[i]);
    }
    r_.function->set_results(results, std::move(infos));
    ir::remove_dead_ops(*r_.function);
  }

  const uint64_t seed_;
  const bool faulty_;
  Random random_;
  const bool large_;
  RandomBuilder r_;
  std::vector<Array> params_;
  std::optional<Value> long_param_;
  int num_faulty_ = 0;
  std::vector<Value> variables_, wanted_;
};

}  // namespace

std::unordered_set<const ir::Op*> ops_of_gradients(const ir::Function& function) {
  std::unordered_set<const ir::Op*> found;
  for (const auto& op : function.ops()) {
    const auto operands = op->operands();
    if (op->is(OpKind::kGradients) ||
        std::any_of(operands.begin(), operands.end(), [&](Value x) { return found.contains(x.op); }))
      found.insert(op);
  }
  return found;
}

std::string RandomProgram::str() const {
  std::string sizes;
  for (const auto& [name, size] : binding) sizes += fmt::format(" {} = {}", name, size);
  return fmt::format("// seed {}{}\n{}", seed, sizes.empty() ? "" : "," + sizes, ir::print(*function));
}

RandomProgram random_program(uint64_t seed) {
  RandomProgram p = ProgramGenerator(seed, false).run();
  p.seed = seed;
  return p;
}

RandomProgram random_faulty_program(uint64_t seed) {
  RandomProgram p = ProgramGenerator(seed, true).run();
  p.seed = seed;
  return p;
}

std::unique_ptr<ir::Function> differentiated(const ir::Function& function) {
  auto copy = function.clone();
  passes::PassContext context;
  const auto pipeline = value_or_throw(passes::parse_pipeline("differentiate"));
  value_or_throw(passes::PassManager().run(*copy, pipeline, context));
  return copy;
}

}  // namespace dlc::test
