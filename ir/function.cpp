#include "ir/function.h"

#include "support/check.h"

namespace dlc::ir {

std::string Requirement::str() const {
  if (const auto max = a.as_max(); max && (max->first == b || max->second == b))
    return fmt::format("{} <= {}", max->first == b ? max->second : max->first, b);
  return fmt::format("{} == {}", a, b);
}

Function::~Function() = default;

Value Function::add_param(TensorType type, ParamInfo info, Provenance provenance) {
  auto op = std::make_unique<Op>();
  op->kind_ = OpKind::kParam;
  op->results_.emplace_back(std::move(type));
  op->provenance_ = std::move(provenance);
  op->parent_ = this;
  params_.push_back(std::move(op));
  param_infos_.push_back(std::move(info));
  return param(num_params() - 1);
}

int Function::param_index(Value v) const {
  if (!v.is(OpKind::kParam)) return -1;
  for (int i = 0; i < num_params(); ++i)
    if (param(i) == v) return i;
  return -1;
}

void Function::set_results(std::span<const Value> values, std::vector<ResultInfo> infos) {
  DLC_CHECK(!return_, "function {} has results already", name_);
  return_ = std::make_unique<Op>();
  return_->kind_ = OpKind::kReturn;
  return_->parent_ = this;
  return_->operands_.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) return_->set_operand(static_cast<int>(i), values[i]);
  infos.resize(values.size());
  result_infos_ = std::move(infos);
}

Expected<void> Function::require(const Dim& a, const Dim& b, const Provenance& provenance) {
  if (a == b) return {};
  if ((a - b).is_constant())
    return make_error(ErrorCode::kInvalidShape, "dimensions {} and {} can never be equal", a, b).at(provenance.loc());
  for (const Requirement& r : requirements_)
    if ((r.a == a && r.b == b) || (r.a == b && r.b == a)) return {};
  requirements_.push_back({a, b, provenance});
  return {};
}

void Function::take_body(Function& other) {
  return_ = std::move(other.return_);
  ops_ = std::move(other.ops_);
  params_ = std::move(other.params_);
  param_infos_ = std::move(other.param_infos_);
  result_infos_ = std::move(other.result_infos_);
  requirements_ = std::move(other.requirements_);
  for (const auto& op : params_) op->parent_ = this;
  for (const auto& op : ops_) op->parent_ = this;
  if (return_) return_->parent_ = this;
}

Function& Module::add(std::unique_ptr<Function> function) {
  functions_.push_back(std::move(function));
  return *functions_.back();
}

Function* Module::find(std::string_view name) const {
  for (const auto& f : functions_)
    if (f->name() == name) return f.get();
  return nullptr;
}

std::unique_ptr<Function> Module::release(size_t i) {
  DLC_CHECK(i < functions_.size(), "module has {} functions, not {}", functions_.size(), i + 1);
  std::unique_ptr<Function> f = std::move(functions_[i]);
  functions_.erase(functions_.begin() + static_cast<std::ptrdiff_t>(i));
  return f;
}

}  // namespace dlc::ir
