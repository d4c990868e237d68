// Reading ELF objects: the little of the format that generated code uses. The bytes may come from a
// file that anyone damaged: every offset, size and index is checked here, so that users of ElfObject
// need not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/expected.h"

namespace dlc::backend::native {

/// A relocatable object for x86-64. Views point into the bytes it was read from.
struct ElfObject {
  struct Section {
    std::string_view name;
    std::string_view bytes;  ///< empty for one that is only reserved (.bss)
    uint64_t size = 0;       ///< in memory
    uint64_t align = 1;      ///< a power of two
    bool loaded = false;     ///< part of the program, not a table about it
    bool code = false;
    bool written = false;
  };
  struct Symbol {
    std::string_view name;
    int section = kUndefined;  ///< index into sections, or one of the below
    uint64_t value = 0;        ///< offset in its section, at most the section's size
    uint64_t size = 0;
    bool exported = false;  ///< global, and defined here
    bool function = false;
  };
  struct Relocation {
    int section = 0;      ///< which is patched
    uint64_t offset = 0;  ///< in the section
    uint32_t type = 0;    ///< R_X86_64_...
    int symbol = 0;       ///< index into symbols
    int64_t addend = 0;
  };
  static constexpr int kUndefined = -1;  ///< the symbol is to be found elsewhere
  static constexpr int kAbsolute = -2;   ///< the value is an address, or the name of the source file

  std::vector<Section> sections;
  std::vector<Symbol> symbols;
  std::vector<Relocation> relocations;  ///< of loaded sections
};

/// kData when the bytes are no such object, or are damaged.
Expected<ElfObject> read_elf(std::string_view bytes);

}  // namespace dlc::backend::native
