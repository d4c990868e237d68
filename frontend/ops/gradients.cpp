#include "frontend/train/gradients.h"

#include <unordered_set>

#include "frontend/graph/graph_state.h"
#include "frontend/graph/make_node.h"
#include "ir/op_def.h"

namespace dlc {

OpSpec gradients_spec() {
  return {
      .name = "gradients",
      .category = "training",
      .doc = "The gradients of the sum of ys, each weighted with its grad_y (ones without), with respect to each x.",
      .operands = {{.name = "ys", .doc = "f32 or f64", .variadic = true, .dtype_group = -1},
                   {.name = "xs", .doc = "f32 or f64", .variadic = true, .dtype_group = -1},
                   {.name = "grad_ys", .doc = "of the ys' types, or none", .variadic = true, .dtype_group = -1},
                   {.name = "stop_gradients", .doc = "taken as constant", .variadic = true, .dtype_group = -1}},
      .role = OpRole::kGradients};
}

namespace {

[[noreturn]] void fail(ErrorCode code, const Tensor& t, const SourceLoc& loc, const std::string& message) {
  throw Exception(
      make_error(code, "gradients: {}", message)
          .at(loc)
          .note(fmt::format("'{}' was made by {} at {}", t.name(), t.node().spec->name, t.node().loc.str())));
}

ir::Value scratch_value(const Port& p) { return p.node->scratch_values[static_cast<size_t>(p.index)]; }

void check(const std::vector<Tensor>& ys, const std::vector<Tensor>& xs, const GradientsOptions& options,
           const SourceLoc& loc) {
  for (const auto* list : {&ys, &xs, &options.grad_ys, &options.stop_gradients})
    for (const Tensor& t : *list) {
      if (!(t.graph() == ys.front().graph()))
        fail(ErrorCode::kInvalidArgument, t, loc,
             fmt::format("{} and {} are of different graphs", t.str(), ys[0].str()));
      if (list != &options.stop_gradients && !is_float(t.dtype()))
        fail(ErrorCode::kInvalidType, t, loc, fmt::format("needs f32 or f64, got {}", t.str()));
    }
  if (!options.grad_ys.empty() && options.grad_ys.size() != ys.size())
    throw Exception(
        make_error(ErrorCode::kInvalidArgument, "gradients: {} grad_ys for {} ys", options.grad_ys.size(), ys.size())
            .at(loc));
  for (size_t i = 0; i < options.grad_ys.size(); ++i)
    if (options.grad_ys[i].type() != ys[i].type())
      fail(ErrorCode::kInvalidShape, options.grad_ys[i], loc,
           fmt::format("grad_y {} needs the type of its y, {}", options.grad_ys[i].str(), ys[i].str()));
}

}  // namespace

std::string unless_assigned(const Tensor& x) {
  if (!x.graph().state()->assigned_variables.contains(&x.node())) return "";
  return " (reads of a variable behind an assignment do not count: gradients are with respect to its value from before "
         "the run)";
}

std::vector<bool> connected(const std::vector<Tensor>& ys, const std::vector<Tensor>& xs,
                            const std::vector<Tensor>& stop_gradients) {
  if (ys.empty()) return std::vector<bool>(xs.size(), false);
  const GraphState& state = *ys.front().graph().state();
  std::unordered_set<ir::Value> stops, seen;
  for (const Tensor& t : stop_gradients) stops.insert(scratch_value(t.port()));
  std::vector<ir::Value> pending;
  const auto reach = [&](ir::Value v) {
    if (seen.insert(v).second) pending.push_back(v);
  };
  for (const Tensor& y : ys) reach(scratch_value(y.port()));
  while (!pending.empty()) {
    const ir::Value v = pending.back();
    pending.pop_back();
    if (stops.contains(v)) continue;
    // A derivative may depend on all that the ys depend on, and on their weights.
    if (const auto it = state.scratch_gradients.find(v.op); it != state.scratch_gradients.end()) {
      for (const char* list : {"ys", "grad_ys"})
        for (const Port& p : it->second->operand(list)) reach(scratch_value(p));
      continue;
    }
    for (int i = 0; i < v.op->num_operands(); ++i)
      if (v.op->def().differentiable_operand(i, v.op->operand(i).dtype())) reach(v.op->operand(i));
  }
  std::vector<bool> out;
  for (const Tensor& x : xs) out.push_back(seen.contains(scratch_value(x.port())));
  return out;
}

std::vector<Tensor> gradients(const std::vector<Tensor>& ys, const std::vector<Tensor>& xs,
                              const GradientsOptions& options, std::source_location loc) {
  if (ys.empty()) throw Exception(make_error(ErrorCode::kInvalidArgument, "gradients: there is no y").at(loc));
  if (xs.empty()) return {};
  check(ys, xs, options, loc);
  if (options.unconnected == Unconnected::kError) {
    const std::vector<bool> reached = connected(ys, xs, options.stop_gradients);
    for (size_t i = 0; i < xs.size(); ++i)
      if (!reached[i])
        fail(ErrorCode::kInvalidArgument, xs[i], loc,
             fmt::format("no y depends on {} through differentiable operations{}; ask for zeros with "
                         "{{.unconnected = Unconnected::kZeros}}",
                         xs[i].str(), unless_assigned(xs[i])));
  }
  // Through other element types nothing flows anyway.
  std::vector<Tensor> stops;
  for (const Tensor& t : options.stop_gradients)
    if (is_float(t.dtype())) stops.push_back(t);
  return make_node(ys.front().graph(), "gradients",
                   {OperandArg(ys, loc), OperandArg(xs, loc), OperandArg(options.grad_ys, loc), OperandArg(stops, loc)},
                   {}, options.name, loc)
      .outputs();
}

std::vector<Tensor> gradients(const Tensor& y, const std::vector<Tensor>& xs, const GradientsOptions& options,
                              std::source_location loc) {
  return gradients(std::vector<Tensor>{y}, xs, options, loc);
}

Tensor gradients(const Tensor& y, const Tensor& x, const GradientsOptions& options, std::source_location loc) {
  return gradients(std::vector<Tensor>{y}, std::vector<Tensor>{x}, options, loc).front();
}

}  // namespace dlc
