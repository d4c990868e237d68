// What div and rem share: the reference meaning of an operation that an integer zero makes fail.
#pragma once

#include "ir/ops/elementwise.h"

namespace dlc::ir {

/// Division by an integer zero is a fault of that element, whose value is 0; the result is as if
/// divided by 1.
template <typename Operation>
std::vector<Array> divide(const ReferenceContext& c) {
  Array out = c.make_result();
  dispatch(out.dtype(), [&]<typename T>() {
    if constexpr (!std::is_same_v<T, bool>) {
      const auto a = c.operands[0].data<T>(), b = c.operands[1].data<T>();
      const auto to = out.data<T>();
      for (size_t i = 0; i < to.size(); ++i) {
        T divisor = b[i];
        if (std::is_integral_v<T> && divisor == T{0}) {
          c.report(static_cast<int64_t>(i), 0);
          divisor = T{1};
        }
        to[i] = Operation::template of<T>(a[i], divisor);
      }
    }
  });
  return {out};
}

}  // namespace dlc::ir
