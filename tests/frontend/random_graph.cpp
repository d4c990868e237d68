#include "tests/frontend/random_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "frontend/graph/graph_file.h"
#include "frontend/graph/lower.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/ops.h"
#include "frontend/train/gradients.h"
#include "ir/interp/interpreter.h"
#include "ir/printer.h"
#include "tests/testing/random_builder.h"
#include "tests/testing/random_program.h"

namespace dlc::testing {
namespace {

using ir::Dim;
using ir::Dims;

constexpr int64_t kMaxElements = 800;
constexpr double kMaxMagnitude = 1e4;
const std::vector<DType> kTypes = {kFloat32, kFloat32, kFloat32, kFloat64, kFloat64, kInt32,
                                   kInt64,   kUInt8,   kUInt32,  kUInt64,  kBool};

class GraphGenerator {
 public:
  explicit GraphGenerator(uint64_t seed) : seed_(seed), random_(seed ^ 0x6772617068) {}

  RandomGraph run() {
    const Scope scope = graph_.as_default();
    graph_.set_random_seed(random_.range(0, 3));
    draw_sizes();
    add_sources();
    const int64_t ops = random_.range(4, 13), gradient_at = random_.range(2, 2 * ops);
    for (int64_t i = 0; i < ops; ++i) {
      add_node();
      if (i == gradient_at) add_gradients(false);
      if (i == gradient_at + 2) add_gradients(true);
    }
    add_nodes_in_turn();
    RandomGraph g;
    g.graph = graph_;
    g.function = value_or_throw(lower(graph_, fetches(), placeholders_));
    g.params = params_of(*g.function);
    g.features = std::move(features_);
    return g;
  }

 private:
  // Compilers order the arguments of a call as they like: two drawings never stand in one call, so that a
  // seed gives the same graph everywhere.

  // --- sources ----------------------------------------------------------------------------------

  void draw_sizes() {
    static const std::vector<int64_t> kSizes = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33};
    for (int i = 0; i < 2; ++i) sizes_.emplace_back(random_.pick(kSizes));
    if (random_.chance(0.1)) sizes_[0] = 0;
    if (random_.chance(0.4)) {
      sizes_.push_back(Dim::symbol("n"));
      binding_["n"] = random_.pick(std::vector<int64_t>{0, 1, 2, 5, 17});
      features_.insert("symbols");
    }
  }

  Dims random_dims(bool may_be_open) {
    static const std::vector<int> kRanks = {0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6};
    const int rank = random_.pick(kRanks);
    Dims dims;
    while (std::ssize(dims) < rank) {
      // Axes of high ranks are short, so that there is room for all of them.
      if (rank >= 4 && random_.chance(0.7)) {
        dims.emplace_back(random_.range(1, 3));
        continue;
      }
      const Dim& d = random_.pick(sizes_);
      dims.push_back(d.is_constant() || may_be_open ? d : Dim(3));
    }
    while (elements(dims) > kMaxElements) dims.pop_back();
    return dims;
  }

  int64_t elements(const Dims& dims) const {
    int64_t n = 1;
    for (const Dim& d : dims) n *= value_or_throw(d.evaluate(binding_));
    return n;
  }

  Array random_array(DType dtype, const Dims& dims, bool bits_only = false) {
    Shape shape;
    for (const Dim& d : dims) shape.push_back(value_or_throw(d.evaluate(binding_)));
    Array a(dtype, shape);
    for (int64_t i = 0; i < a.num_elements(); ++i)
      a.set_from_double(i, is_float(dtype)
                               ? std::ldexp(static_cast<double>(random_.range(-2000, 2000)), -10) + 1.0 / 4096
                           : dtype == kBool || bits_only ? static_cast<double>(random_.range(0, 1))
                           : is_unsigned_int(dtype)      ? static_cast<double>(random_.range(0, 9))
                                                         : static_cast<double>(random_.range(-3, 9)));
    return a;
  }

  void add_sources() {
    // A symbol gets its size from a feed.
    if (!binding_.empty()) add_placeholder(kFloat32, {Dim::symbol("n"), sizes_[0]}, false);
    add_placeholder(kFloat32, random_dims(true), false);
    for (int64_t i = random_.range(1, 3); i > 0; --i) {
      const DType dtype = random_.pick(kTypes);
      add_placeholder(dtype, random_dims(true), false);
    }
    // Numbers that serve as indices and labels.
    const DType whole = random_.chance(0.5) ? kInt32 : kInt64;
    add_placeholder(whole, random_dims(true), true);
    for (int64_t i = random_.range(1, 3); i > 0; --i) {
      const DType dtype = random_.chance(0.7) ? kFloat32 : random_.pick(kTypes);
      add_variable(dtype, random_dims(false));
    }
  }

  void add_placeholder(DType dtype, const Dims& dims, bool bits_only) {
    const Tensor t = placeholder(dtype, DimsArg(dims), fmt::format("x{}", placeholders_.size()));
    placeholders_.push_back(t);
    values_[t.name()] = random_array(dtype, dims, bits_only);
    keep(t);
  }

  Tensor add_variable(DType dtype, const Dims& dims) {
    const Array initial = random_array(dtype, dims);
    const Tensor v = variable(initial, fmt::format("w{}", variables_.size()));
    variables_.push_back(v);
    values_[v.name()] = initial;
    keep(v);
    features_.insert("variable");
    return v;
  }

  void keep(const Tensor& t) {
    pool_.push_back(t);
    features_.insert(fmt::format("rank {}", t.rank()));
    features_.insert(fmt::format("type {}", to_string(t.dtype())));
  }

  // --- nodes ------------------------------------------------------------------------------------

  template <typename F>
  std::optional<Tensor> pick(const F& fits) {
    std::vector<Tensor> found;
    for (const Tensor& t : pool_)
      if (fits(t)) found.push_back(t);
    if (found.empty()) return std::nullopt;
    // The last third is twice as likely: chains grow long.
    const auto n = static_cast<int64_t>(found.size());
    return found[static_cast<size_t>(random_.range(random_.chance(0.5) ? n - (n + 2) / 3 : 0, n - 1))];
  }
  Tensor pick_any() {
    return *pick([](const Tensor&) { return true; });
  }

  static bool ordinary(const OpSpec& spec) { return spec.role == OpRole::kOrdinary; }

  static std::vector<const OpSpec*> ordinary_specs() {
    std::vector<const OpSpec*> specs;
    for (const OpSpec& spec : all_op_specs())
      if (ordinary(spec)) specs.push_back(&spec);
    return specs;
  }

  /// Graphs of neighbouring seeds share out all operators, whatever else is drawn.
  void add_nodes_in_turn() {
    constexpr uint64_t kInTurn = 4;
    const auto specs = ordinary_specs();
    for (uint64_t i = 0; i < kInTurn; ++i) {
      const OpSpec& spec = *specs[(seed_ * kInTurn + i) % specs.size()];
      for (int drawing = 0; drawing < 150; ++drawing)
        if (try_node(spec)) break;
    }
  }

  void add_node() {
    const auto specs = ordinary_specs();
    for (int attempt = 0; attempt < 30; ++attempt) {
      const OpSpec& spec = *random_.pick(specs);
      for (int drawing = 0; drawing < 10; ++drawing)
        if (try_node(spec)) return;
    }
  }

  bool try_node(const OpSpec& spec) {
    std::optional<Tensor> lead;
    std::vector<OperandArg> operands;
    std::vector<Tensor> assigned;
    for (const OperandSpec& operand : spec.operands) operands.push_back(draw_operand(operand, lead, assigned));
    ir::AttrMap attrs;
    for (const AttrSpec& attr : spec.attrs)
      if (auto value = draw_attr(attr, lead)) attrs[attr.name] = std::move(*value);
    // What assigns runs after the last that assigned the same; others after anything, now and then.
    std::vector<Fetch> before;
    for (const Tensor& v : assigned)
      if (const auto it = last_assignment_.find(v.name()); it != last_assignment_.end())
        before.emplace_back(it->second);
    const bool waits = !operations_.empty() && random_.chance(0.2);
    if (waits) before.emplace_back(random_.pick(operations_));
    const Scope scope = control_dependencies(before);
    auto made = try_make_node(graph_, spec.name, operands, std::move(attrs), "", SourceLoc{});
    if (!made) {
      DLC_CHECK(made.error().code != ErrorCode::kInternal, "{} of:\n{}", made.error().str(), print(graph_));
      return false;
    }
    if (!good(*made)) return false;
    const Operation& op = *made;
    if (waits) features_.insert("control dependencies");
    features_.insert(spec.name);
    operations_.push_back(op);
    for (const Tensor& v : assigned) last_assignment_.insert_or_assign(v.name(), op);
    for (const Tensor& t : op.outputs()) keep(t);
    return true;
  }

  OperandArg draw_operand(const OperandSpec& operand, std::optional<Tensor>& lead, std::vector<Tensor>& assigned) {
    if (operand.ref) {
      const auto taken = [&](const Tensor& v) {
        return std::find(assigned.begin(), assigned.end(), v) != assigned.end();
      };
      Tensor v = random_.pick(variables_);
      if (lead) {
        std::vector<Tensor> same;
        for (const Tensor& w : variables_)
          if (!taken(w) && w.type() == lead->type()) same.push_back(w);
        v = same.empty() ? add_variable(lead->dtype(), lead->dims()) : random_.pick(same);
      }
      if (!lead) lead = v;
      assigned.push_back(v);
      return v;
    }
    if (operand.optional && random_.chance(0.5)) return TensorArg();
    if (operand.variadic) {
      std::vector<Tensor> list{lead ? *lead : pick_any()};
      if (!lead) lead = list[0];
      for (int64_t more = random_.range(0, 2); more > 0; --more) list.push_back(like(*lead));
      return list;
    }
    if (!lead) {
      // Few tensors are numbers of classes.
      const auto whole = [](const Tensor& t) { return t.dtype() == kInt32 || t.dtype() == kInt64; };
      const auto classes = operand.doc.starts_with("class numbers") ? pick(whole) : std::nullopt;
      lead = classes ? *classes : pick_any();
      return *lead;
    }
    if (operand.doc.find("rank 0") != std::string::npos && random_.chance(0.8))
      return TensorArg(static_cast<double>(random_.range(1, 9)) / 10);
    if (random_.chance(0.55)) return like(*lead);
    if (random_.chance(0.45)) {
      if (is_float(lead->dtype())) return TensorArg(static_cast<double>(random_.range(-8, 8)) / 4);
      if (lead->dtype() == kBool) return TensorArg(random_.chance(0.5));
      return TensorArg(static_cast<int>(random_.range(1, 5)));
    }
    // Labels: whole numbers of the shape of the rows; and rows for labels.
    if (lead->rank() > 0 && random_.chance(0.5)) {
      const Dims rows(lead->dims().begin(), lead->dims().end() - 1);
      if (const auto t = pick([&](const Tensor& x) { return !is_float(x.dtype()) && x.dims() == rows; })) return *t;
    }
    if (!is_float(lead->dtype()) && random_.chance(0.5)) {
      const auto has_such_rows = [&](const Tensor& x) {
        return is_float(x.dtype()) && x.rank() == lead->rank() + 1 &&
               std::equal(lead->dims().begin(), lead->dims().end(), x.dims().begin());
      };
      if (const auto t = pick(has_such_rows)) return *t;
      if (operand.name == "logits") {
        Dims dims = lead->dims();
        dims.emplace_back(3);
        if (elements(dims) <= kMaxElements) {
          add_placeholder(kFloat32, dims, false);
          return placeholders_.back();
        }
      }
    }
    return pick_any();
  }

  /// Of the same type, else anything.
  Tensor like(const Tensor& lead) {
    if (const auto same = pick([&](const Tensor& t) { return t.type() == lead.type(); }); same && random_.chance(0.9))
      return *same;
    return pick_any();
  }

  std::optional<ir::Attr> draw_attr(const AttrSpec& attr, const std::optional<Tensor>& lead) {
    if (attr.presence == AttrSpec::Presence::kDefault && random_.chance(0.6)) return std::nullopt;
    if (attr.presence == AttrSpec::Presence::kOptional && random_.chance(0.5)) return std::nullopt;
    const int64_t rank = lead ? lead->rank() : 2;
    const auto& name = attr.name;
    if (std::holds_alternative<bool>(attr.value)) return random_.chance(0.5);
    if (std::holds_alternative<int64_t>(attr.value))
      return name == "axis" || name == "index" ? random_.range(-rank, std::max<int64_t>(rank - 1, 0))
                                               : random_.range(1, 6);
    if (std::holds_alternative<double>(attr.value)) return static_cast<double>(random_.range(1, 9)) / 10;
    if (std::holds_alternative<DType>(attr.value)) return random_.pick(kTypes);
    if (std::holds_alternative<Array>(attr.value)) {
      const DType dtype = random_.pick(kTypes);
      return random_array(dtype, random_dims(false));
    }
    if (std::holds_alternative<ir::Ints>(attr.value)) return draw_ints(name, rank);
    if (std::holds_alternative<Dims>(attr.value)) return draw_dims(name, rank, lead);
    return std::nullopt;  // a text: its default
  }

  ir::Ints draw_ints(const std::string& name, int64_t rank) {
    ir::Ints out;
    if (name == "perm") {
      out.resize(static_cast<size_t>(rank));
      std::iota(out.begin(), out.end(), 0);
      for (size_t i = out.size(); i-- > 1;)
        std::swap(out[i], out[static_cast<size_t>(random_.range(0, static_cast<int64_t>(i)))]);
    } else if (name == "axis") {
      for (int64_t i = 0; i < rank; ++i)
        if (random_.chance(0.5)) out.push_back(random_.chance(0.3) ? i - rank : i);
    } else if (name == "num_or_size_splits") {
      out = {random_.range(1, 3)};
    } else {
      const int64_t n = name == "paddings" ? 2 * rank : rank;
      for (int64_t i = 0; i < n; ++i)
        out.push_back(name == "strides" ? random_.range(1, 2)
                      : name == "end"   ? random_.range(1, 4)
                                        : random_.range(0, 2));
    }
    return out;
  }

  Dims draw_dims(const std::string& name, int64_t rank, const std::optional<Tensor>& lead) {
    Dims out;
    if (name == "begin" || name == "size") {
      for (int64_t i = 0; i < rank; ++i)
        out.emplace_back(name == "begin" ? random_.range(0, 1) : random_.chance(0.5) ? -1 : random_.range(0, 2));
      return out;
    }
    if (!lead) return random_dims(false);
    // Of a tensor: its own axes, reshaped or with one more in front.
    out = lead->dims();
    if (random_.chance(0.4) && out.size() >= 2) {
      out[1] = out[0] * out[1];
      out.erase(out.begin());
    } else if (random_.chance(0.5)) {
      out.insert(out.begin(), Dim(random_.chance(0.5) ? 1 : 2));
    } else {
      std::reverse(out.begin(), out.end());
    }
    return out;
  }

  // --- gradients --------------------------------------------------------------------------------

  void add_gradients(bool second) {
    std::optional<Tensor> y;
    if (second && !of_gradients_.empty()) y = random_.pick(of_gradients_);
    if (!y) y = pick([](const Tensor& t) { return is_float(t.dtype()) && !t.node().inputs.empty(); });
    if (!y) return;
    std::vector<Tensor> xs;
    for (int64_t n = random_.range(1, 2); n > 0; --n)
      if (const auto x = pick([&](const Tensor& t) { return is_float(t.dtype()) && !(t == *y); })) xs.push_back(*x);
    if (xs.empty()) return;
    try {
      const Tensor scalar = reduce_sum(square(*y));
      const std::vector<Tensor> made = gradients(scalar, xs, {.unconnected = Unconnected::kZeros});
      if (!good(made.front().op())) return;
      features_.insert(second && !of_gradients_.empty() ? "second gradients" : "gradients");
      for (const Tensor& g : made) {
        keep(g);
        of_gradients_.push_back(g);
      }
    } catch (const Exception& e) {
      if (e.code() == ErrorCode::kInternal) throw;
    }
  }

  // --- values -----------------------------------------------------------------------------------

  std::vector<Array> params_of(const ir::Function& f) const {
    std::vector<Array> params;
    for (int i = 0; i < f.num_params(); ++i)
      params.push_back(f.param_info(i).kind == ir::ParamKind::kRngState ? Array::scalar<uint64_t>(12345)
                                                                        : values_.at(f.param_info(i).name));
    return params;
  }

  /// Its run does not fault, and its numbers are of use.
  bool good(const Operation& op) {
    std::vector<Fetch> fetched;
    for (const Tensor& t : op.outputs()) {
      if (!std::all_of(t.dims().begin(), t.dims().end(),
                       [&](const Dim& d) { return d.evaluate(binding_).has_value(); }))
        return false;
      if (elements(t.dims()) > kMaxElements) return false;
      fetched.emplace_back(t);
    }
    if (fetched.empty()) fetched.emplace_back(op);
    for (const Tensor& v : variables_) fetched.emplace_back(v);
    const auto function = lower(graph_, fetched, placeholders_);
    if (!function) {
      DLC_CHECK(function.error().code != ErrorCode::kInternal, "{} of:\n{}", function.error().str(), print(graph_));
      return false;
    }
    const auto values = ir::interpret(*test::differentiated(**function), params_of(**function));
    if (!values) {
      DLC_CHECK(values.error().code != ErrorCode::kInternal, "{} of:\n{}", values.error().str(), print(graph_));
      return false;
    }
    for (const Array& a : *values)
      for (int64_t i = 0; is_float(a.dtype()) && i < a.num_elements(); ++i)
        if (!(std::abs(a.value_as_double(i)) <= kMaxMagnitude)) return false;
    return true;
  }

  std::vector<Fetch> fetches() {
    std::vector<Fetch> out;
    for (size_t i = pool_.size(); i-- > 0 && out.size() < 4;)
      if (random_.chance(0.7)) out.emplace_back(pool_[i]);
    for (const auto& [name, op] : last_assignment_) out.emplace_back(op);
    // As they were before the run.
    for (const Tensor& v : variables_) out.emplace_back(v);
    return out;
  }

  const uint64_t seed_;
  test::Random random_;
  Graph graph_;
  std::vector<Dim> sizes_;
  ir::SymbolBinding binding_;
  std::vector<Tensor> pool_, placeholders_, variables_, of_gradients_;
  std::vector<Operation> operations_;
  std::map<std::string, Operation> last_assignment_;
  std::map<std::string, Array> values_;
  std::set<std::string> features_;
};

}  // namespace

std::string RandomGraph::str() const {
  return fmt::format("# seed {}\n{}\n{}", seed, print(graph), ir::print(*function, {.locations = false}));
}

RandomGraph random_graph(uint64_t seed) {
  RandomGraph g = GraphGenerator(seed).run();
  g.seed = seed;
  return g;
}

}  // namespace dlc::testing
