// Counting allocations, in one source file of a test program: #include <dlc/count_allocations.h>.
#pragma once

#include "support/count_allocations.h"
