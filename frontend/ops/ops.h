// All user-level operators.
#pragma once

#include "frontend/ops/core.h"
#include "frontend/ops/elementwise.h"
#include "frontend/ops/initializers.h"
#include "frontend/ops/matmul.h"
#include "frontend/ops/nn.h"
#include "frontend/ops/reductions.h"
#include "frontend/ops/shapes.h"
