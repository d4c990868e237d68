// What may end a run early: #include <dlc/interrupt.h>.
#pragma once

#include "support/interrupt.h"
