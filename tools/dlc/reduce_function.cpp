#include "tools/dlc/reduce_function.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/builder.h"
#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"

namespace dlc::tools {
namespace {

using ir::Function;
using ir::Op;
using ir::OpKind;
using ir::Value;

/// What becomes of a function.
struct Edit {
  std::set<int> dropped_results;
  std::unordered_map<int, int> earlier_results;  ///< result i becomes that operand of the op that makes it
  std::unordered_set<const Op*> cut;             ///< results become parameters
  std::unordered_map<const Op*, int> bypassed;   ///< the only result becomes that operand
  bool plain = false;                            ///< feeds and fetches only
};

/// Builds the edited function: what its results need, and no more.
class Editor {
 public:
  Editor(const Function& from, const Edit& edit)
      : from_(from), edit_(edit), to_(std::make_unique<Function>(from.name())), b_(*to_) {}

  std::unique_ptr<Function> run() {
    for (int i = 0; i < from_.num_results(); ++i)
      if (!edit_.dropped_results.contains(i)) need(result(i));
    // A variable that is updated is a parameter, read or not.
    for (int i = 0; i < from_.num_results(); ++i)
      for (int p = 0; p < from_.num_params(); ++p)
        if (!edit_.plain && !edit_.dropped_results.contains(i) && is_variable(p) &&
            from_.result_info(i).kind == ir::ResultKind::kUpdate &&
            from_.param_info(p).name == from_.result_info(i).name)
          need(from_.param(p));
    for (int i = 0; i < from_.num_params(); ++i) {
      if (!needed_.contains(from_.param(i).op)) continue;
      ir::ParamInfo info = from_.param_info(i);
      if (edit_.plain && is_variable(i)) info.kind = ir::ParamKind::kFeed;
      map_[from_.param(i)] = to_->add_param(from_.param(i).type(), info, from_.param(i).op->provenance());
    }
    for (const ir::Requirement& r : from_.requirements())
      if (!to_->require(r.a, r.b, r.provenance)) return nullptr;
    for (const auto& op : from_.ops())
      if (needed_.contains(op) && !copy(*op)) return nullptr;
    std::vector<Value> results;
    std::vector<ir::ResultInfo> infos;
    for (int i = 0; i < from_.num_results(); ++i) {
      if (edit_.dropped_results.contains(i)) continue;
      results.push_back(map_.at(result(i)));
      infos.push_back(from_.result_info(i));
      if (edit_.plain) infos.back() = {};
    }
    if (results.empty()) return nullptr;
    to_->set_results(results, std::move(infos));
    return std::move(to_);
  }

 private:
  Value result(int i) const {
    const auto it = edit_.earlier_results.find(i);
    return it == edit_.earlier_results.end() ? from_.result(i) : from_.result(i).op->operand(it->second);
  }
  bool is_variable(int i) const { return from_.param_info(i).kind == ir::ParamKind::kVariable; }

  void need(Value root) {
    std::vector<const Op*> work{root.op};
    while (!work.empty()) {
      const Op* op = work.back();
      work.pop_back();
      if (!needed_.insert(op).second || edit_.cut.contains(op)) continue;
      if (const auto it = edit_.bypassed.find(op); it != edit_.bypassed.end()) {
        work.push_back(op->operand(it->second).op);
        continue;
      }
      for (const Value x : op->operands()) work.push_back(x.op);
    }
  }

  bool copy(Op& op) {
    if (edit_.cut.contains(&op)) {
      for (int r = 0; r < op.num_results(); ++r)
        if (!ir::uses(op.result(r)).empty())
          map_[op.result(r)] = to_->add_param(op.type(r), {ir::ParamKind::kFeed, fresh()});
      return true;
    }
    if (const auto it = edit_.bypassed.find(&op); it != edit_.bypassed.end()) {
      map_[op.result()] = map_.at(op.operand(it->second));
      return true;
    }
    std::vector<Value> operands;
    for (const Value x : op.operands()) operands.push_back(map_.at(x));
    std::vector<std::unique_ptr<Function>> regions;
    for (const auto& region : op.regions()) regions.push_back(region->clone());
    b_.set_provenance(op.provenance());
    const Expected<Op*> made = b_.try_create(op.kind(), operands, op.attrs(), std::move(regions));
    if (!made) return false;
    for (int r = 0; r < op.num_results(); ++r) map_[op.result(r)] = (*made)->result(r);
    return true;
  }

  /// A name that no parameter has.
  std::string fresh() {
    while (true) {
      std::string name = fmt::format("c{}", next_++);
      const auto taken = [&](const Function& f) {
        for (int i = 0; i < f.num_params(); ++i)
          if (f.param_info(i).name == name) return true;
        return false;
      };
      if (!taken(from_) && !taken(*to_)) return name;
    }
  }

  const Function& from_;
  const Edit& edit_;
  std::unique_ptr<Function> to_;
  ir::Builder b_;
  std::unordered_set<const Op*> needed_;
  std::unordered_map<Value, Value> map_;
  int next_ = 0;
};

/// Every whole number `from` between [ and ] or < and > becomes `to`: in types and in lists of sizes.
std::string with_size(const std::string& text, int64_t from, int64_t to) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    const bool arrow = c == '>' && i > 0 && text[i - 1] == '-';
    depth += c == '[' || c == '<' ? 1 : (c == ']' || c == '>') && !arrow ? -1 : 0;
    const bool starts = std::isdigit(static_cast<unsigned char>(c)) != 0 && i > 0 &&
                        std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0 && text[i - 1] != '.' &&
                        text[i - 1] != '_' && text[i - 1] != '%';
    if (!starts) {
      out += c;
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    const std::string number = text.substr(i, end - i);
    const bool whole = end == text.size() || (text[end] != '.' && text[end] != 'e');
    out += depth > 0 && whole && number == std::to_string(from) ? std::to_string(to) : number;
    i = end;
  }
  return out;
}

class Reducer {
 public:
  Reducer(const Function& function, const Interesting& interesting)
      : now_(function.clone()), interesting_(interesting) {}

  std::unique_ptr<Function> run() {
    for (bool again = true; again;) {
      again = fewer_results();
      again |= shorten_results();
      again |= cut_ops();
      again |= bypass_ops();
      again |= smaller_sizes();
    }
    attempt({.plain = true});
    attempt_text(print(*now_, {.locations = false}));
    return std::move(now_);
  }

 private:
  bool take(std::unique_ptr<Function> candidate) {
    if (!candidate || !ir::verify(*candidate) || !interesting_(*candidate)) return false;
    now_ = std::move(candidate);
    return true;
  }
  bool attempt(const Edit& edit) { return take(Editor(*now_, edit).run()); }
  bool attempt_text(const std::string& text) {
    auto parsed = ir::parse_function(text);
    return parsed && take(std::move(*parsed));
  }

  bool fewer_results() {
    bool any = false;
    // One alone would be best, and is tried first.
    for (int keep = 0; keep < now_->num_results() && now_->num_results() > 1; ++keep) {
      Edit edit;
      for (int i = 0; i < now_->num_results(); ++i)
        if (i != keep) edit.dropped_results.insert(i);
      if (attempt(edit)) return true;
    }
    for (int i = now_->num_results() - 1; i >= 0; --i)
      if (now_->num_results() > 1 && attempt({.dropped_results = {i}})) any = true;
    return any;
  }

  /// What a result is made of, instead of it. An update keeps its type, or the verifier objects.
  bool shorten_results() {
    bool any = false;
    for (int i = 0; i < now_->num_results(); ++i) {
      const int operands = now_->result(i).op->num_operands();
      for (int k = 0; k < operands; ++k) {
        if (!attempt({.earlier_results = {{i, k}}})) continue;
        any = true;
        break;
      }
    }
    return any;
  }

  std::vector<Op*> ops() const {
    std::vector<Op*> out;
    for (const auto& op : now_->ops())
      // A number reads better where it is than as a parameter.
      if (!(op->is(OpKind::kConstant) && op->type().rank() == 0)) out.push_back(op);
    return out;
  }

  /// Chunks of ops at a time, halved until they are single ones.
  bool cut_ops() {
    bool any = false;
    for (size_t chunk = std::max<size_t>(1, ops().size() / 2); chunk > 0; chunk /= 2) {
      for (size_t end = ops().size(); end > 0;) {
        const std::vector<Op*> all = ops();
        end = std::min(end, all.size());
        const size_t begin = end > chunk ? end - chunk : 0;
        Edit edit;
        for (size_t i = begin; i < end; ++i) edit.cut.insert(all[i]);
        any |= attempt(edit);
        end = begin;
      }
    }
    return any;
  }

  bool bypass_ops() {
    bool any = false;
    for (size_t at = ops().size(); at-- > 0;) {
      const std::vector<Op*> all = ops();
      if (at >= all.size()) continue;
      const Op& op = *all[at];
      if (op.num_results() != 1) continue;
      for (int i = 0; i < op.num_operands(); ++i)
        if (op.operand(i).type() == op.type() && attempt({.bypassed = {{&op, i}}})) {
          any = true;
          break;
        }
    }
    return any;
  }

  std::set<int64_t> sizes() const {
    std::set<int64_t> out;
    const auto add = [&](const ir::TensorType& type) {
      for (const ir::Dim& d : type.dims)
        if (d.is_constant() && d.constant() > 1) out.insert(d.constant());
    };
    for (int i = 0; i < now_->num_params(); ++i) add(now_->param(i).type());
    for (const auto& op : now_->ops())
      for (int r = 0; r < op->num_results(); ++r) add(op->type(r));
    return out;
  }

  bool smaller_sizes() {
    bool any = false;
    const std::set<int64_t> all = sizes();
    for (auto size = all.rbegin(); size != all.rend(); ++size)
      for (const int64_t smaller : {int64_t{1}, int64_t{2}, int64_t{3}, *size / 2, *size - 1})
        if (smaller < *size && attempt_text(with_size(print(*now_), *size, smaller))) {
          any = true;
          break;
        }
    return any;
  }

  std::unique_ptr<Function> now_;
  const Interesting& interesting_;
};

}  // namespace

std::unique_ptr<Function> reduce_function(const Function& function, const Interesting& interesting) {
  return Reducer(function, interesting).run();
}

}  // namespace dlc::tools
