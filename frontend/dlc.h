// dlc: a deep-learning framework that is a compiler. This header is all that a program includes.
//
//   #include "frontend/dlc.h"
//   using namespace dlc;
//
//   Tensor w = variable(0.0f, "w");
//   Tensor cost = pow(w, 2) - 10 * w + 25;
//   Operation train = GradientDescentOptimizer(0.01f).minimize(cost);
//   Session session;
//   session.run(global_variables_initializer());
//   for (int i = 0; i < 1000; ++i) session.run(train);
//   float w_value = session.run(w).item<float>();
#pragma once

#include "frontend/data/checkpoint.h"
#include "frontend/data/dataset.h"
#include "frontend/data/digits.h"
#include "frontend/data/idx.h"
#include "frontend/data/npy.h"
#include "frontend/data/npz.h"
#include "frontend/data/safetensors.h"
#include "frontend/graph/graph.h"
#include "frontend/graph/graph_file.h"
#include "frontend/graph/lint.h"
#include "frontend/ops/ops.h"
#include "frontend/session/session.h"
#include "frontend/train/checkpoint_manager.h"
#include "frontend/train/gradients.h"
#include "frontend/train/optimizer.h"
#include "support/array.h"
#include "support/error.h"
