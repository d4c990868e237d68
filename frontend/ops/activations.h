// Expansions that several operators share.
#pragma once

#include "ir/builder.h"

namespace dlc::expansions {

ir::Value relu(ir::Builder& b, ir::Value x);
ir::Value sigmoid(ir::Builder& b, ir::Value x);
/// log(1 + e^x) without overflow.
ir::Value softplus(ir::Builder& b, ir::Value x);

}  // namespace dlc::expansions
