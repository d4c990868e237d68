#include "support/array.h"
