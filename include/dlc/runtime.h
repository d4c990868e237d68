// The runtime alone, in plain C, for programs compiled ahead of time: #include <dlc/runtime.h>.
#pragma once

#include "runtime/c_api.h"
