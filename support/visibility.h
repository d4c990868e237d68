// DLC_PUBLIC: what libdlc.so shows to programs. Everything else is compiled hidden, so that it neither meets
// names of the program nor is met by them.
//
//   namespace dlc DLC_PUBLIC {           // all that this block declares
//   class DLC_PUBLIC Dim { ... };        // a class of a nested namespace
#pragma once

#define DLC_PUBLIC __attribute__((visibility("default")))
