// All of dlc, as programs outside of this repository include it: #include <dlc/dlc.h>.
#pragma once

#include "frontend/dlc.h"
