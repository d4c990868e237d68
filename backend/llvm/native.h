// The face of native code has moved.
#pragma once

#include "backend/native/native.h"  // IWYU pragma: export
