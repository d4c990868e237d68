// What files of several arrays hold: arrays by name, and text beside them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/array.h"
#include "support/flat_map.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Arrays in the order of their file.
using NamedArrays = std::vector<std::pair<std::string, Array>>;

/// Text beside arrays, by key.
using Metadata = FlatMap<std::string>;

/// The array of that name, or nullptr.
const Array* find_array(const NamedArrays& arrays, std::string_view name);

}  // namespace dlc DLC_PUBLIC
