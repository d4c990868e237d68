#include "backend/loops/loops.h"

#include <algorithm>

namespace dlc::backend::loops {
namespace {

int64_t count_in(const Buffer* first, const Buffer* last, Space space) {
  return std::count_if(first, last, [&](const Buffer& b) { return b.space == space; });
}

}  // namespace

int64_t Kernel::count(Space space) const { return count_in(buffers.data(), buffers.data() + buffers.size(), space); }

int64_t Kernel::slot(BufferId b) const {
  const Space space = buffer(b).space;
  const int64_t before = count_in(buffers.data(), &buffer(b), space);
  return space == Space::kTable ? count(Space::kParam) + before : before;
}

}  // namespace dlc::backend::loops
