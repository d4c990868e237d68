// What explanations and profiles of a step are made of: #include <dlc/explain.h>.
#pragma once

#include "frontend/session/explain.h"
