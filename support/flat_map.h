// FlatMap: values by name, in the order of names, in one piece of memory. For the small maps that a program has
// very many of, and in headers that do without <map>.
//
//   FlatMap<int64_t> sizes{{"n", 4}};
//   sizes["m"] = 8;
//   for (const auto& [name, size] : sizes) ...
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/check.h"

namespace dlc {

template <typename V>
class FlatMap {
 public:
  using key_type = std::string;
  using mapped_type = V;
  using value_type = std::pair<std::string, V>;
  using iterator = typename std::vector<value_type>::iterator;
  using const_iterator = typename std::vector<value_type>::const_iterator;

  FlatMap() = default;
  /// Of equal names the first counts.
  FlatMap(std::initializer_list<value_type> entries) {
    entries_.reserve(entries.size());
    for (const value_type& e : entries) emplace(e.first, e.second);
  }

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  const_iterator find(std::string_view name) const {
    const const_iterator it = begin() + place(name);
    return it != end() && it->first == name ? it : end();
  }
  iterator find(std::string_view name) { return begin() + (std::as_const(*this).find(name) - entries_.cbegin()); }
  bool contains(std::string_view name) const { return find(name) != end(); }
  /// Throws kInternal when it is not there.
  const V& at(std::string_view name) const {
    const const_iterator it = find(name);
    DLC_CHECK(it != end(), "there is no '{}'", name);
    return it->second;
  }
  V& at(std::string_view name) { return const_cast<V&>(std::as_const(*this).at(name)); }
  /// The value, made when it is not there.
  V& operator[](std::string_view name) { return emplace(std::string(name), V()).first->second; }
  /// Its place, and whether it was not there before; if it was, it stays.
  std::pair<iterator, bool> emplace(std::string name, V value) {
    const iterator it = begin() + place(name);
    if (it != end() && it->first == name) return {it, false};
    return {entries_.emplace(it, std::move(name), std::move(value)), true};
  }
  size_t erase(std::string_view name) {
    const iterator it = find(name);
    if (it == end()) return 0;
    entries_.erase(it);
    return 1;
  }

  bool operator==(const FlatMap&) const = default;

 private:
  /// Of the first entry that is not before `name`.
  std::ptrdiff_t place(std::string_view name) const {
    size_t from = 0, to = entries_.size();
    while (from < to) {
      const size_t middle = (from + to) / 2;
      if (entries_[middle].first < name)
        from = middle + 1;
      else
        to = middle;
    }
    return static_cast<std::ptrdiff_t>(from);
  }
  std::vector<value_type> entries_;
};

}  // namespace dlc
