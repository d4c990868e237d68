// A header that has the name of one of dlc's, in the project's own include path.
#pragma once

inline constexpr const char* kOurOwn = "our own support/error.h";
