// The schedule of a matrix product: the numbers that dot_kernel.cpp builds its loops from.
#pragma once

#include <cstdint>

#include "ir/dim.h"
#include "ir/target.h"
#include "support/dtype.h"

namespace dlc::backend {

/// The numbers that shape one product.
struct DotSchedule {
  int lanes = 16;                  ///< of a vector of C
  int mr = 8;                      ///< rows of the register tile
  int nv = 3;                      ///< vectors of the register tile
  int64_t kc = 256;                ///< columns of an A block
  int unroll = 4;                  ///< steps of k in one iteration
  double cycles_per_vector = 0.5;  ///< estimated, of a multiply-add of vectors, with what edges waste
  int64_t nr() const { return static_cast<int64_t>(lanes) * nv; }
};

/// For a product of [m,k] by [k,n]: the tile that wastes least of the register file and, where sizes are known, of
/// the edges.
DotSchedule choose_dot_schedule(const ir::Target& target, DType dtype, const ir::Dim& m, const ir::Dim& n,
                                const ir::Dim& k);

}  // namespace dlc::backend
