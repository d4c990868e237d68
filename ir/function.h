// Function: parameters, a list of ops in dominance order, and results. Module: functions by name.
//
//   func @step(%x: f32[n,784], %w: f32[784,10] variable "W") -> (f32[n,10], f32[784,10] update "W") {
//     require n == m loc("feed", "train.cpp":12)
//     %0 = dot_general(%x, %w) {...} : f32[n,10]
//     return %0, %1
//   }
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/op.h"
#include "support/visibility.h"

namespace dlc::ir {

/// What a parameter of a step is to its caller.
enum class ParamKind : uint8_t {
  kFeed,      ///< a value given for one run
  kVariable,  ///< a session's variable, its value from before the run
  kRngState,  ///< the u64 that rng_bits takes
};

struct DLC_PUBLIC ParamInfo {
  ParamKind kind = ParamKind::kFeed;
  std::string name;  ///< as printed, without '%'; for variables also the variable's name
};

enum class ResultKind : uint8_t {
  kFetch,   ///< handed to the caller
  kUpdate,  ///< the next value of variable `name`
};

struct DLC_PUBLIC ResultInfo {
  ResultKind kind = ResultKind::kFetch;
  std::string name;
};

/// Two dimensions that must be equal when the program runs; checked before anything is computed.
struct DLC_PUBLIC Requirement {
  Dim a, b;
  Provenance provenance;  ///< the node that needs it
  /// "n == m"; where a is the maximum of b and x, "x <= b".
  std::string str() const;
};

class DLC_PUBLIC Function {
 public:
  explicit Function(std::string name) : name_(std::move(name)) {}
  ~Function();
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  const std::string& name() const { return name_; }

  Value add_param(TensorType type, ParamInfo info, Provenance provenance = {});
  int num_params() const { return static_cast<int>(params_.size()); }
  Value param(int i) const { return {params_[static_cast<size_t>(i)].get(), 0}; }
  const ParamInfo& param_info(int i) const { return param_infos_[static_cast<size_t>(i)]; }
  /// The number of the parameter that `v` is, or -1.
  int param_index(Value v) const;

  /// Ops in order, the return op not included.
  const OpList& ops() const { return ops_; }
  size_t num_ops() const { return ops_.size(); }

  /// Sets the results; once per function (Rewriter::set_results changes them later).
  void set_results(std::span<const Value> values, std::vector<ResultInfo> infos = {});
  bool has_results() const { return return_ != nullptr; }
  Op* return_op() const { return return_.get(); }
  int num_results() const { return return_ ? return_->num_operands() : 0; }
  Value result(int i) const { return return_->operand(i); }
  const ResultInfo& result_info(int i) const { return result_infos_[static_cast<size_t>(i)]; }

  const std::vector<Requirement>& requirements() const { return requirements_; }
  /// Records a == b unless it is known; an Error when two different numbers can never be equal.
  Expected<void> require(const Dim& a, const Dim& b, const Provenance& provenance);

  /// A deep copy; `map`, when given, receives old value -> new value.
  std::unique_ptr<Function> clone(std::unordered_map<Value, Value>* map = nullptr) const;
  /// A deep copy with types changed by `substitution` of symbols (requirements that became
  /// equalities of equal numbers vanish). Fails when one becomes false, or when a type rule refuses a size
  /// that has become 0.
  Expected<std::unique_ptr<Function>> specialize(const SymbolBinding& binding) const;
  /// Becomes `other` in all but the name; what it was is gone.
  void take_body(Function& other);

 private:
  friend class Builder;
  friend class FunctionCloner;
  friend class Rewriter;
  std::string name_;
  std::vector<std::unique_ptr<Op>> params_;
  std::vector<ParamInfo> param_infos_;
  OpList ops_;
  std::unique_ptr<Op> return_;
  std::vector<ResultInfo> result_infos_;
  std::vector<Requirement> requirements_;
};

class DLC_PUBLIC Module {
 public:
  Function& add(std::unique_ptr<Function> function);
  Function* find(std::string_view name) const;
  std::span<const std::unique_ptr<Function>> functions() const { return functions_; }
  /// Takes the only (or the first) function out.
  std::unique_ptr<Function> release(size_t i = 0);

 private:
  std::vector<std::unique_ptr<Function>> functions_;
};

}  // namespace dlc::ir
