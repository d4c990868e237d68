// Attributes: what an op knows at compile time beside its operands.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ir/dim.h"
#include "support/array.h"
#include "support/dtype.h"
#include "support/visibility.h"

namespace dlc::ir {

using Ints = std::vector<int64_t>;
using Attr = std::variant<bool, int64_t, double, std::string, DType, Ints, Dims, Array>;

/// Attributes by name, in the order of names; an op that was created has exactly those of its OpDef. A map in
/// one piece of memory: ops are many and have few.
class DLC_PUBLIC AttrMap {
 public:
  using Entry = std::pair<std::string, Attr>;
  using iterator = std::vector<Entry>::iterator;
  using const_iterator = std::vector<Entry>::const_iterator;

  AttrMap() = default;
  /// Of equal names the first counts.
  AttrMap(std::initializer_list<Entry> entries) {
    entries_.reserve(entries.size());
    for (const Entry& e : entries) emplace(e.first, e.second);
  }

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  const_iterator find(std::string_view name) const {
    const auto it = std::lower_bound(begin(), end(), name, before);
    return it != end() && it->first == name ? it : end();
  }
  iterator find(std::string_view name) {
    return begin() + (std::as_const(*this).find(name) - std::as_const(*this).begin());
  }
  bool contains(std::string_view name) const { return find(name) != end(); }
  /// Throws kInternal when it is not there.
  const Attr& at(std::string_view name) const;
  /// The attribute, made (as false) when it is not there.
  Attr& operator[](std::string_view name) { return emplace(std::string(name), Attr()).first->second; }
  /// Its place, and whether it was not there before.
  std::pair<iterator, bool> emplace(std::string name, Attr value) {
    const auto it = std::lower_bound(begin(), end(), std::string_view(name), before);
    if (it != end() && it->first == name) return {it, false};
    return {entries_.emplace(it, std::move(name), std::move(value)), true};
  }

 private:
  static bool before(const Entry& entry, std::string_view name) { return entry.first < name; }
  std::vector<Entry> entries_;
};

/// "bool", "int", "float", "string", "dtype", "ints", "dims", "array".
const char* attr_type_name(const Attr& attr);
/// As the IR prints it: true, 3, 0.5, "s", f32, [1,2], <n,4>, f32[2] {1, 2}. Exact.
std::string attr_str(const Attr& attr);
bool attr_equal(const Attr& a, const Attr& b);

}  // namespace dlc::ir
