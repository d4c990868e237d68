// Contracts of performance: #include <dlc/contracts.h>.
#pragma once

#include "frontend/session/contracts.h"
