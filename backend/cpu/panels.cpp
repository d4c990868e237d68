#include "backend/cpu/panels.h"

#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

namespace dlc::backend {
namespace {

/// The distances, in elements, of all positions of a group of axes from the first, in row-major order.
std::vector<int64_t> offsets(const Shape& shape, const ir::Ints& axes) {
  std::vector<int64_t> out{0};
  for (const int64_t axis : axes) {
    int64_t stride = 1;
    for (size_t after = static_cast<size_t>(axis) + 1; after < shape.size(); ++after) stride *= shape[after];
    std::vector<int64_t> next;
    for (const int64_t first : out)
      for (int64_t i = 0; i < shape[static_cast<size_t>(axis)]; ++i) next.push_back(first + i * stride);
    out = std::move(next);
  }
  return out;
}

}  // namespace

Array copy_to_panels(const Array& value, const OperandAxes& axes, int64_t size,
                     const std::function<int64_t(int64_t b, int64_t f, int64_t k)>& place) {
  Array panels(value.dtype(), {size});
  const std::vector<int64_t> batch = offsets(value.shape(), axes[0]), free = offsets(value.shape(), axes[1]),
                             contract = offsets(value.shape(), axes[2]);
  const size_t bytes = size_of(value.dtype());
  for (int64_t b = 0; b < std::ssize(batch); ++b)
    for (int64_t f = 0; f < std::ssize(free); ++f)
      for (int64_t k = 0; k < std::ssize(contract); ++k) {
        const int64_t from =
            batch[static_cast<size_t>(b)] + free[static_cast<size_t>(f)] + contract[static_cast<size_t>(k)];
        std::memcpy(panels.bytes() + bytes * static_cast<size_t>(place(b, f, k)),
                    value.bytes() + bytes * static_cast<size_t>(from), bytes);
      }
  return panels;
}

}  // namespace dlc::backend
