#include "frontend/graph/op_spec.h"

#include <algorithm>
#include <map>

#include "support/check.h"

namespace dlc {

#define DLC_USER_OP(name) OpSpec name##_spec();
#include "frontend/ops/ops.def"
#undef DLC_USER_OP

namespace {

struct Registry {
  std::vector<OpSpec> specs;
  std::map<std::string, size_t, std::less<>> by_name;

  Registry() {
#define DLC_USER_OP(name) add(#name, name##_spec());
#include "frontend/ops/ops.def"
#undef DLC_USER_OP
  }

  void add(const char* name, OpSpec spec) {
    DLC_CHECK(spec.name == name, "ops.def says {}, the specification {}", name, spec.name);
    DLC_CHECK(by_name.emplace(name, specs.size()).second, "operator {} is registered twice", name);
    specs.push_back(std::move(spec));
  }
};

const Registry& registry() {
  static const Registry instance;
  return instance;
}

/// Whether `attr` has the type of `example`, converted to it where numbers and lists are written alike.
bool coerce(ir::Attr& attr, const ir::Attr& example) {
  if (attr.index() == example.index()) return true;
  const auto* i = std::get_if<int64_t>(&attr);
  if (i && std::holds_alternative<double>(example)) {
    if (!exact_in_f64(*i)) return false;
    attr = static_cast<double>(*i);
  } else if (i && std::holds_alternative<ir::Ints>(example)) {
    attr = ir::Ints{*i};
  } else if (const auto* ints = std::get_if<ir::Ints>(&attr); ints && std::holds_alternative<ir::Dims>(example)) {
    attr = ir::Dims(ints->begin(), ints->end());
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool exact_in_f64(int64_t integer) {
  const auto held = static_cast<double>(integer);
  return held < 0x1p63 && static_cast<int64_t>(held) == integer;
}

const OpSpec* find_op_spec(std::string_view name) {
  const auto it = registry().by_name.find(name);
  return it == registry().by_name.end() ? nullptr : &registry().specs[it->second];
}

std::span<const OpSpec> all_op_specs() { return registry().specs; }

const AttrSpec* OpSpec::find_attr(std::string_view attr_name) const {
  for (const AttrSpec& a : attrs)
    if (a.name == attr_name) return &a;
  return nullptr;
}

int OpSpec::operand_index(std::string_view operand_name) const {
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].name == operand_name) return static_cast<int>(i);
  return -1;
}

bool OpSpec::assigns() const {
  return role == OpRole::kInitialize ||
         std::any_of(operands.begin(), operands.end(), [](const OperandSpec& o) { return o.ref; });
}

std::string OpSpec::signature() const {
  std::string out = name + "(";
  const char* separator = "";
  for (const OperandSpec& o : operands) {
    out += separator;
    out += o.variadic ? "[" + o.name + "...]" : o.name;
    if (o.optional) out += "?";
    separator = ", ";
  }
  for (const AttrSpec& a : attrs) {
    out += separator + a.name;
    if (a.presence == AttrSpec::Presence::kDefault) out += "=" + ir::attr_str(a.value);
    if (a.presence == AttrSpec::Presence::kOptional) out += "?";
    separator = ", ";
  }
  return out + ")";
}

Expected<void> check_attrs(const OpSpec& spec, ir::AttrMap& attrs) {
  for (const AttrSpec& a : spec.attrs) {
    const auto it = attrs.find(a.name);
    if (it != attrs.end()) {
      if (!coerce(it->second, a.value))
        return make_error(ErrorCode::kInvalidType, "{}: attribute '{}' needs {}, got {} {}", spec.name, a.name,
                          ir::attr_type_name(a.value), ir::attr_type_name(it->second), ir::attr_str(it->second));
    } else if (a.presence == AttrSpec::Presence::kDefault) {
      attrs.emplace(a.name, a.value);
    } else if (a.presence == AttrSpec::Presence::kRequired) {
      return make_error(ErrorCode::kInvalidArgument, "{}: attribute '{}' is missing; the operator is {}", spec.name,
                        a.name, spec.signature());
    }
  }
  for (const auto& [name, attr] : attrs)
    if (!spec.find_attr(name))
      return make_error(ErrorCode::kInvalidArgument, "{}: there is no attribute '{}'; the operator is {}", spec.name,
                        name, spec.signature());
  return {};
}

}  // namespace dlc
