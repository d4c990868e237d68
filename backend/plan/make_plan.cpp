#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "backend/cpu/kernels.h"
#include "backend/plan/kernel_name.h"
#include "backend/plan/plan.h"
#include "ir/op_def.h"
#include "ir/printer.h"
#include "support/check.h"
#include "support/philox.h"
#include "support/topological_order.h"

namespace dlc::backend {
namespace {

using ir::OpKind;
using ir::Value;

/// The value whose buffer `v` is: through reshapes.
Value base(Value v) {
  while (v.is(OpKind::kReshape)) v = v.op->operand(0);
  return v;
}

/// A constant, or one repeated.
bool is_constant(const ir::Op& op) {
  return op.is(OpKind::kConstant) || (op.is(OpKind::kBroadcast) && op.operand(0).is(OpKind::kConstant));
}

/// The user's nodes that a region computes, in order. Nodes of constants, which any other node may
/// share, only where there is nothing else.
std::vector<std::string> nodes_of(const ir::Function& region) {
  std::vector<std::string> computed, constant;
  std::set<std::string> seen;
  for (const bool constants : {false, true})
    for (const auto& op : region.ops()) {
      const std::string& node = op->provenance().node();
      if (is_constant(*op) == constants && !node.empty() && seen.insert(node).second)
        (constants ? constant : computed).push_back(node);
    }
  return computed.empty() ? constant : computed;
}

class Planner {
 public:
  Planner(const ir::Function& f, const ir::Target& target, const PlanOptions& options)
      : f_(f), target_(target), options_(options) {
    plan_.name = f.name();
  }

  Expected<Plan> run() {
    DLC_RETURN_IF_ERROR(build_kernels());
    describe_signature();
    choose_updates_in_place();
    add_commits();
    separate_phases();
    form_launches();
    order_launches();
    assign_buffers();
    emit_tree();
    number_sites();
    return std::move(plan_);
  }

 private:
  /// A call to be planned.
  struct Node {
    const ir::Op* op = nullptr;                ///< the fusion; null: the commit of a shadow
    std::unique_ptr<ir::Function> commit;      ///< the region of a commit
    int commits = -1;                          ///< the variable's parameter that a commit writes
    std::vector<Value> operands;               ///< what the region's parameters are
    PlanCall call;                             ///< what is known of it from the start
    std::shared_ptr<const BuiltKernel> built;  ///< nodes of equal regions have one in common
    std::set<int> after;                       ///< nodes that must come before
    std::map<int, int> written_in_place;       ///< result -> variable parameter
    bool phase2 = false;

    const ir::Function& region() const { return op ? *op->regions()[0] : *commit; }
    Value result(int r) const { return {const_cast<ir::Op*>(op), r}; }
  };

  /// Nodes that run at once: one, or the rows of a sweep.
  struct Launch {
    std::vector<int> nodes;
    std::shared_ptr<const BuiltKernel> built;  ///< of its node, or of the sweep of several
    int kernel = 0;
  };

  /// A value in a buffer: which of those that the buffer holds one after another.
  struct Place {
    int buffer = 0;
    int number = 0;
  };

  Node& node(int n) { return nodes_[static_cast<size_t>(n)]; }
  const Node& node(int n) const { return nodes_[static_cast<size_t>(n)]; }
  PlanBuffer& buffer(int b) { return plan_.buffers[static_cast<size_t>(b)]; }

  /// The number of the kernel in the plan, where each content is once.
  int add_kernel(const std::string& kind, const std::shared_ptr<const BuiltKernel>& built) {
    const auto [known, fresh] = kernel_of_built_.emplace(built, -1);
    if (!fresh) return known->second;
    const std::string name = kernel_name(kind, built->kernel);
    const auto [it, new_content] = kernel_by_name_.emplace(name, static_cast<int>(plan_.kernels.size()));
    if (new_content) {
      plan_.kernels.push_back(built->kernel);
      plan_.kernels.back().name = name;
    }
    return known->second = it->second;
  }

  /// What the kernel of a fusion is a function of, or "" where that is too much to compare.
  static std::string recipe(const ir::Op& fusion) {
    constexpr int64_t kMostElements = 64;
    const ir::Function& region = *fusion.regions()[0];
    for (const auto& op : region.ops())
      if (op->is(OpKind::kConstant) && op->attr<Array>("value").num_elements() > kMostElements) return "";
    // Seeds are passed.
    return fusion.str_attr("kind") + ir::print(region, {.locations = false, .omit = {"graph_seed", "op_seed"}});
  }

  Expected<std::shared_ptr<const BuiltKernel>> build(const ir::Op& fusion) {
    const std::string key = recipe(fusion);
    if (const auto it = built_.find(key); it != built_.end()) return it->second;
    DLC_ASSIGN_OR_RETURN(BuiltKernel made, build_kernel(fusion, target_));
    auto built = std::make_shared<const BuiltKernel>(std::move(made));
    // Checks speak of the fusion's own nodes.
    if (!key.empty() && !built->can_fail) built_.emplace(key, built);
    return built;
  }

  Expected<void> build_kernels() {
    for (int p = 0; p < f_.num_params(); ++p) param_of_[f_.param(p)] = p;
    for (const auto& op : f_.ops()) {
      if (op->is(OpKind::kReshape)) continue;
      DLC_CHECK(op->is(OpKind::kFusion), "{} in a fused function", op->name());
      Node node;
      node.op = op;
      DLC_ASSIGN_OR_RETURN(node.built, build(*op));
      for (const Value x : op->operands()) node.operands.push_back(base(x));
      node_of_[op] = add_node(std::move(node));
    }
    return {};
  }

  /// All that is asked of the region is asked at once: those of a large program are not in the cache later on.
  PlanCall call_of(const Node& n) const {
    PlanCall call;
    call.can_fail = n.built->can_fail;
    call.cost = cost_of(n.region(), n.operands);
    call.nodes = nodes_of(n.region());
    if (n.commits >= 0) call.nodes = {plan_.params[static_cast<size_t>(n.commits)].info.name};
    return call;
  }

  int add_node(Node node) {
    node.call = call_of(node);
    const int id = topology_.add();
    for (const Value x : node.operands)
      if (x.is(OpKind::kParam))
        readers_[param_of_.at(x)].insert(id);
      else
        node.after.insert(node_of_.at(x.op));
    for (const int s : node.after) topology_.require(id, s);
    nodes_.push_back(std::move(node));
    return id;
  }

  void describe_signature() {
    for (int i = 0; i < f_.num_params(); ++i)
      plan_.params.push_back({f_.param(i).type(), f_.param_info(i), f_.param(i).op->provenance()});
    const std::vector<int> updated = updated_params(f_);
    for (int i = 0; i < f_.num_results(); ++i)
      plan_.results.push_back({f_.result(i).type(), f_.result_info(i), updated[static_cast<size_t>(i)]});
    plan_.requirements = f_.requirements();
  }

  /// `to` needs `from`, from now on.
  void require(int to, int from) {
    if (node(to).after.insert(from).second) topology_.require(to, from);
  }

  /// An update is written straight to the variable's buffer when its kernel is the last to look at
  /// the old value, and nothing that can fail comes after it.
  void choose_updates_in_place() {
    needed_by_checks_ = needed_by_checks();
    for (int i = 0; i < f_.num_results(); ++i) {
      const int p = plan_.results[static_cast<size_t>(i)].param;
      if (p < 0) continue;
      const Value v = f_.result(i);
      const int writer = node_of_.at(v.op);
      if (auto why = obstacle(v, p)) {
        plan_.shadows.push_back(
            {f_.result_info(i).name, "it is updated through a second buffer: " + why->first, why->second});
        continue;
      }
      // Every other reader of the old value comes first.
      const std::set<int>& readers = readers_[p];
      for (const int r : readers)
        if (r != writer) require(writer, r);
      node(writer).written_in_place[v.index] = p;
    }
  }

  /// Why the new value `v` may not be written straight to variable `p`, and what can be done.
  std::optional<std::pair<std::string, std::string>> obstacle(Value v, int p) const {
    const int writer = node_of_.at(v.op);
    if (!reads_only_in_step(node(writer), v.index, p))
      return {{"its kernel reads the old value at other places than it writes the new one",
               "Nothing to do, where the update needs what lies elsewhere"}};
    if (needed_by_checks_[static_cast<size_t>(writer)])
      return {
          {"a check that can fail is in its kernel or needs the new value, and a run that fails must leave the "
           "variable as it was",
           "Check what goes into the update, not what comes of it"}};
    // Other readers of the old value must come first, which must not close a circle.
    const auto readers = readers_.find(p);
    if (readers != readers_.end() && std::any_of(readers->second.begin(), readers->second.end(),
                                                 [&](int r) { return r != writer && topology_.needs(r, writer); }))
      return {{"another kernel needs the new value and the old one",
               "Let it read the variable behind the assignment, with control_dependencies"}};
    return std::nullopt;
  }

  bool reads_only_in_step(const Node& node, int result, int param) const {
    const std::vector<std::vector<int>>& pairs = node.built->in_place;
    for (int q = 0; q < std::ssize(node.operands); ++q) {
      const Value source = node.operands[static_cast<size_t>(q)];
      if (!source.is(OpKind::kParam) || param_of_.at(source) != param) continue;
      if (result >= std::ssize(pairs)) return false;
      const std::vector<int>& ok = pairs[static_cast<size_t>(result)];
      if (std::find(ok.begin(), ok.end(), q) == ok.end()) return false;
    }
    return true;
  }

  /// Nodes that can fail, and those whose values such a node needs. What updates in place add to the order
  /// changes nothing here: those do not.
  std::vector<char> needed_by_checks() const {
    std::vector<char> needed(nodes_.size(), 0);
    const std::vector<int> sorted = topology_.sorted();
    for (auto n = sorted.rbegin(); n != sorted.rend(); ++n) {
      needed[static_cast<size_t>(*n)] |= static_cast<char>(node(*n).built->can_fail);
      if (needed[static_cast<size_t>(*n)])
        for (const int s : node(*n).after) needed[static_cast<size_t>(s)] = 1;
    }
    return needed;
  }

  /// An update that could not be written in place has a shadow in the arena. It is copied to the
  /// variable when the last reader of the old value is done.
  void add_commits() {
    for (int i = 0; i < f_.num_results(); ++i) {
      const int p = plan_.results[static_cast<size_t>(i)].param;
      const Value v = f_.result(i);
      if (p < 0 || node(node_of_.at(v.op)).written_in_place.contains(v.index)) continue;
      Node copy;
      copy.commits = p;
      copy.operands = {v};
      copy.commit = std::make_unique<ir::Function>("commit");
      const ir::TensorType flat{v.dtype(), {v.type().num_elements()}};
      const Value in = copy.commit->add_param(flat, {ir::ParamKind::kFeed, "p0"});
      copy.commit->set_results(std::span(&in, 1));
      KernelContext context(*copy.commit, target_, "loop");
      build_loop_kernel(context);
      copy.built = std::make_shared<const BuiltKernel>(std::move(context).finish());
      copy.after = readers_[p];
      add_node(std::move(copy));
    }
  }

  /// Phase 2: whoever writes a variable, and whoever needs that.
  void separate_phases() {
    for (const int id : topology_.sorted()) {
      Node& n = node(id);
      n.phase2 = !n.written_in_place.empty() || n.commits >= 0 ||
                 std::any_of(n.after.begin(), n.after.end(), [&](int s) { return node(s).phase2; });
    }
  }

  /// The longest way from each node to the end of the step.
  std::vector<int> heights() const {
    const std::vector<int> order = topology_.sorted();
    std::vector<int> height(nodes_.size(), 0);
    for (auto n = order.rbegin(); n != order.rend(); ++n)
      for (const int s : node(*n).after)
        height[static_cast<size_t>(s)] = std::max(height[static_cast<size_t>(s)], height[static_cast<size_t>(*n)] + 1);
    return height;
  }

  /// Element-wise nodes of one body and one height become the rows of a sweep. Of two nodes of one
  /// height neither needs the other, and launches made of such nodes cannot wait for each other in a
  /// circle, as all that a node needs is higher. Updates, which nobody waits for, have height 0.
  void form_launches() {
    struct Row {
      std::optional<SweepRow> row;
      std::string text;
    };
    std::map<const BuiltKernel*, Row> row_of;  // nodes of equal regions have one in common
    std::map<std::string, std::vector<int>> rows;
    std::vector<const SweepRow*> as_row(nodes_.size(), nullptr);
    const std::vector<int> height = options_.sweep ? heights() : std::vector<int>();
    for (int n = 0; options_.sweep && n < std::ssize(nodes_); ++n) {
      const bool element_wise = !node(n).op || node(n).op->str_attr("kind") == "loop";
      if (!element_wise || node(n).built->can_fail) continue;
      const auto [known, fresh] = row_of.emplace(node(n).built.get(), Row());
      Row& r = known->second;
      if (fresh) {
        r.row = sweep_row(node(n).region());
        if (r.row) r.text = ir::print(*r.row->body, {.locations = false});
      }
      if (!r.row) continue;
      as_row[static_cast<size_t>(n)] = &*r.row;
      rows[fmt::format("{} {} {}", height[static_cast<size_t>(n)], node(n).phase2, r.text)].push_back(n);
    }
    std::vector<const std::vector<int>*> sweep_of(nodes_.size(), nullptr);
    for (const auto& [key, members] : rows)
      for (const int n : members)
        if (members.size() > 1) sweep_of[static_cast<size_t>(n)] = &members;
    launch_of_.resize(nodes_.size());
    for (int n = 0; n < std::ssize(nodes_); ++n) {
      const std::vector<int>* sweep = sweep_of[static_cast<size_t>(n)];
      if (sweep && sweep->front() != n) continue;
      Launch launch;
      launch.nodes = sweep ? *sweep : std::vector<int>{n};
      for (const int member : launch.nodes) launch_of_[static_cast<size_t>(member)] = std::ssize(launches_);
      if (sweep) {
        std::vector<int64_t> elements;
        for (const int member : *sweep) elements.push_back(as_row[static_cast<size_t>(member)]->elements);
        launch.built =
            std::make_shared<const BuiltKernel>(build_sweep(*as_row[static_cast<size_t>(n)]->body, elements, target_));
        launch.kernel = add_kernel("sweep", launch.built);
      } else {
        const std::string kind = node(n).op ? node(n).op->str_attr("kind") : "loop";
        launch.built = node(n).built;
        launch.kernel = add_kernel(kind, launch.built);
      }
      launches_.push_back(std::move(launch));
    }
  }

  /// Program order within a phase, as far as what must come before allows.
  void order_launches() {
    std::vector<char> done(launches_.size(), 0);
    const auto visit = [&](const auto& self, size_t l) -> void {
      if (std::exchange(done[l], 1)) return;
      for (const int n : launches_[l].nodes)
        for (const int s : node(n).after)
          if (launch_of_[static_cast<size_t>(s)] != static_cast<std::ptrdiff_t>(l))
            self(self, static_cast<size_t>(launch_of_[static_cast<size_t>(s)]));
      for (const int n : launches_[l].nodes) position_[n] = static_cast<int>(order_.size());
      order_.push_back(l);
    };
    for (size_t l = 0; l < launches_.size(); ++l)
      if (!node(launches_[l].nodes[0]).phase2) visit(visit, l);
    phase2_ = order_.size();
    for (size_t l = 0; l < launches_.size(); ++l) visit(visit, l);
  }

  int add_buffer(PlanBuffer buffer) {
    plan_.buffers.push_back(std::move(buffer));
    values_in_.push_back(0);
    return static_cast<int>(plan_.buffers.size()) - 1;
  }

  /// The place of a new value in the buffer.
  Place next_value(int buffer) { return {buffer, values_in_[static_cast<size_t>(buffer)]++}; }

  void assign_buffers() {
    for (int p = 0; p < f_.num_params(); ++p)
      place_of_[f_.param(p)] =
          next_value(add_buffer({PlanBuffer::kParam, p, f_.param(p).dtype(), f_.param(p).type().num_elements(), -1, -1,
                                 f_.param_info(p).name}));
    for (int i = 0; i < f_.num_results(); ++i) {
      const Value v = f_.result(i);
      const PlanResult& r = plan_.results[static_cast<size_t>(i)];
      if (r.param < 0)
        place_of_[v] =
            next_value(add_buffer({PlanBuffer::kResult, i, v.dtype(), v.type().num_elements(), -1, -1, r.info.name}));
      else if (node(node_of_.at(v.op)).written_in_place.contains(v.index))
        place_of_[v] = next_value(place_of_.at(f_.param(r.param)).buffer);
    }
    std::unordered_map<Value, int> last_use;
    for (const size_t l : order_)
      for (const int n : launches_[l].nodes)
        for (const Value x : node(n).operands) last_use[x] = position_.at(n);
    std::unordered_map<int, int> free_after;  // arena buffer -> position of the last reader
    for (const size_t l : order_) {
      std::set<int> taken;
      for (const int n : launches_[l].nodes) {
        const int at = position_.at(n);
        for (int r = 0; node(n).op && r < node(n).op->num_results(); ++r) {
          const Value v = node(n).result(r);
          if (place_of_.contains(v)) continue;
          const int last = last_use.contains(v) ? last_use.at(v) : at;
          int to = dying_operand(launches_[l], n, r, free_after, taken);
          if (to < 0)
            to = add_buffer(
                {PlanBuffer::kArena, 0, v.dtype(), v.type().num_elements(), at, last, node(n).op->provenance().node()});
          buffer(to).last_call = last;
          free_after[to] = last;
          taken.insert(to);
          place_of_[v] = next_value(to);
        }
      }
    }
  }

  /// An arena buffer that node `n` is the last to read, element by element, before it is written.
  int dying_operand(const Launch& launch, int n, int result, const std::unordered_map<int, int>& free_after,
                    const std::set<int>& taken) const {
    if (result >= std::ssize(node(n).built->in_place)) return -1;
    const std::vector<int>& in_step = node(n).built->in_place[static_cast<size_t>(result)];
    for (const int q : in_step) {
      const auto it = place_of_.find(node(n).operands[static_cast<size_t>(q)]);
      if (it == place_of_.end() || taken.contains(it->second.buffer)) continue;
      const int candidate = it->second.buffer;
      const auto last = free_after.find(candidate);
      if (last == free_after.end() || last->second != position_.at(n)) continue;
      // The same buffer may also be read in another way by this kernel, or by another row.
      bool only_in_step = true;
      for (const int member : launch.nodes)
        for (int o = 0; o < std::ssize(node(member).operands); ++o) {
          const auto other = place_of_.find(node(member).operands[static_cast<size_t>(o)]);
          if (other == place_of_.end() || other->second.buffer != candidate) continue;
          only_in_step &= member == n && std::find(in_step.begin(), in_step.end(), o) != in_step.end();
        }
      if (only_in_step) return candidate;
    }
    return -1;
  }

  /// What node `n` does with a parameter or a result of its region.
  PlanArg arg(int n, const BufferArg& wanted) {
    if (wanted.kind == BufferArg::kParam) {
      const Place place = place_of_.at(node(n).operands[static_cast<size_t>(wanted.index)]);
      return {.buffer = place.buffer, .reads = place.number};
    }
    const Place place = node(n).op ? place_of_.at(node(n).result(wanted.index))
                                   : next_value(place_of_.at(f_.param(node(n).commits)).buffer);
    return {.buffer = place.buffer, .writes = place.number};
  }

  /// The arguments of a kernel that are no parameters or results of a region, and the scalars.
  void add_own_args(PlanCall& call, const BufferArg& wanted, int position) {
    if (wanted.kind == BufferArg::kConstant) {
      call.args.push_back({.buffer = constant(wanted.data), .reads = 0});
    } else {
      const int scratch =
          add_buffer({PlanBuffer::kArena, 0, wanted.dtype, wanted.elements, position, position, "scratch"});
      call.args.push_back({.buffer = scratch, .writes = next_value(scratch).number});
    }
  }

  void add_scalars(PlanCall& call, const std::vector<ScalarArg>& scalars, const ir::Op* fusion) {
    call.scalars = scalars;
    for (ScalarArg& arg : call.scalars) {
      if (arg.kind == ScalarArg::kSeed) {
        const ir::Op& op = **std::next(fusion->regions()[0]->ops().begin(), static_cast<std::ptrdiff_t>(arg.number));
        arg = {.kind = ScalarArg::kBits,
               .bits = philox_key(op.int_attr("graph_seed"), op.int_attr("op_seed"))[arg.bits]};
      }
      if (arg.kind != ScalarArg::kSite) continue;
      arg.bits = plan_.sites.size();
      plan_.sites.push_back({arg.provenance, arg.check});
      const ir::Ints& checks = fusion->ints_attr("checks");
      // A fusion that no pass made says nothing of places.
      DLC_CHECK(checks.empty() || arg.number < checks.size(), "{} places of checks, and none for number {}",
                checks.size(), arg.number);
      places_of_sites_.push_back(checks.empty() ? 0 : checks[arg.number]);
    }
  }

  /// Of several faults that of the lowest site is reported: sites are numbered as the program goes, whatever the order
  /// of the kernels.
  void number_sites() {
    std::vector<size_t> order(plan_.sites.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return places_of_sites_[a] < places_of_sites_[b]; });
    std::vector<PlanSite> sites;
    std::vector<uint64_t> number(order.size());
    for (const size_t old : order) {
      number[old] = sites.size();
      sites.push_back(std::move(plan_.sites[old]));
    }
    plan_.sites = std::move(sites);
    for (PlanNode& made : plan_.root.children)
      for (ScalarArg& arg : made.call.scalars)
        if (arg.kind == ScalarArg::kSite) arg.bits = number[arg.bits];
  }

  static bool of_region(const BufferArg& wanted) {
    return wanted.kind == BufferArg::kParam || wanted.kind == BufferArg::kResult;
  }

  PlanNode emit(const Launch& launch) {
    const int first = launch.nodes[0];
    const bool single = launch.nodes.size() == 1;
    const BuiltKernel& built = *launch.built;
    PlanNode made{.kind = single ? PlanNode::kCall : PlanNode::kPar};
    if (single) made.call = std::move(node(first).call);
    for (const int n : launch.nodes)
      if (!single) made.children.push_back({.kind = PlanNode::kCall, .call = std::move(node(n).call)});
    made.call.kernel = launch.kernel;
    for (PlanNode& row : made.children) row.call.kernel = launch.kernel;
    for (const BufferArg& wanted : built.buffers) {
      if (!of_region(wanted))
        add_own_args(made.call, wanted, position_.at(first));
      else if (single)
        made.call.args.push_back(arg(first, wanted));
      else
        for (size_t i = 0; i < launch.nodes.size(); ++i)
          made.children[i].call.args.push_back(arg(launch.nodes[i], wanted));
    }
    add_scalars(made.call, built.scalars, node(first).op);
    return made;
  }

  void emit_tree() {
    for (size_t i = 0; i < order_.size(); ++i) {
      if (i == phase2_) plan_.root.children.push_back({.kind = PlanNode::kPhase});
      plan_.root.children.push_back(emit(launches_[order_[i]]));
    }
  }

  int constant(const Array& data) {
    for (size_t i = 0; i < plan_.buffers.size(); ++i)
      if (plan_.buffers[i].kind == PlanBuffer::kConstant &&
          plan_.constants[static_cast<size_t>(plan_.buffers[i].index)].identical(data))
        return static_cast<int>(i);
    plan_.constants.push_back(data);
    return add_buffer({PlanBuffer::kConstant, static_cast<int>(plan_.constants.size()) - 1, data.dtype(),
                       data.num_elements(), -1, -1, "constant"});
  }

  const ir::Function& f_;
  const ir::Target& target_;
  const PlanOptions options_;
  Plan plan_;
  std::vector<Node> nodes_;
  std::unordered_map<const ir::Op*, int> node_of_;
  std::unordered_map<Value, int> param_of_;
  TopologicalOrder topology_;                                                  ///< of nodes
  std::vector<char> needed_by_checks_;                                         ///< by node
  std::map<int, std::set<int>> readers_;                                       ///< parameter -> nodes that read it
  std::unordered_map<std::string, std::shared_ptr<const BuiltKernel>> built_;  ///< by recipe
  std::map<std::shared_ptr<const BuiltKernel>, int> kernel_of_built_;
  std::map<std::string, int> kernel_by_name_;
  std::vector<Launch> launches_;
  std::vector<std::ptrdiff_t> launch_of_;  ///< by node
  std::vector<size_t> order_;              ///< launches
  size_t phase2_ = 0;                      ///< position of the first launch of phase 2
  std::vector<int64_t> places_of_sites_;   ///< in the program
  std::map<int, int> position_;            ///< of nodes, in order_
  std::unordered_map<Value, Place> place_of_;
  std::vector<int> values_in_;  ///< by buffer: how many values it has been given
};

}  // namespace

Expected<Plan> make_plan(const ir::Function& fused, const ir::Target& target, const PlanOptions& options) {
  return Planner(fused, target, options).run();
}

}  // namespace dlc::backend
