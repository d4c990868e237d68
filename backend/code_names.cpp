#include "backend/code_names.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>

// What gdb looks for ("JIT Compilation Interface" of its manual): a list, and a function on which it has a
// breakpoint. Hidden, so that those of an LLVM in the same process stay apart.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier): the names are gdb's
extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
__attribute__((visibility("hidden"), used)) jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};
__attribute__((visibility("hidden"), used, noinline)) void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}
}
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

namespace dlc::backend {
namespace {

enum Action : uint32_t { kRegister = 1, kUnregister = 2 };

std::mutex& descriptor_mutex() {
  static auto* const mutex = new std::mutex;  // outlives programs in static storage
  return *mutex;
}

/// Under the mutex.
void tell(Action action, jit_code_entry& entry) {
  __jit_debug_descriptor.action_flag = action;
  __jit_debug_descriptor.relevant_entry = &entry;
  __jit_debug_register_code();
}

/// A table of strings, each once and ended by a zero; it begins with the empty one.
class Strings {
 public:
  uint32_t add(const std::string& s) {
    const auto at = static_cast<uint32_t>(bytes_.size());
    bytes_.append(s.c_str(), s.size() + 1);
    return at;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

/// An ELF file of names alone: a section without content for each piece of code, and symbols in them.
std::string symbol_file(const std::vector<NamedCode>& code) {
  Strings section_names, symbol_names;
  std::vector<Elf64_Shdr> sections(1);
  std::vector<Elf64_Sym> symbols(1);
  for (const NamedCode& c : code) {
    const auto address = reinterpret_cast<uint64_t>(c.address);
    const auto home = std::find_if(sections.begin() + 1, sections.end(), [&](const Elf64_Shdr& s) {
      return s.sh_addr <= address && address < s.sh_addr + s.sh_size;
    });
    const auto index = static_cast<uint16_t>(home - sections.begin());
    if (home == sections.end()) {
      if (c.bytes == 0) continue;
      sections.push_back({.sh_name = section_names.add(".text"),
                          .sh_type = SHT_NOBITS,
                          .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                          .sh_addr = address,
                          .sh_size = c.bytes,
                          .sh_addralign = 1});
    }
    symbols.push_back({.st_name = symbol_names.add(c.name),
                       .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                       .st_other = STV_DEFAULT,
                       .st_shndx = index,
                       .st_value = address,
                       .st_size = c.bytes});
    // Sections are numbered with 16 bits. What is beyond stays nameless.
    if (sections.size() >= SHN_LORESERVE - 3) break;
  }
  const size_t table = sections.size();  // then come: symbols, their names, names of sections
  sections.push_back({.sh_name = section_names.add(".symtab"),
                      .sh_type = SHT_SYMTAB,
                      .sh_size = symbols.size() * sizeof(Elf64_Sym),
                      .sh_link = static_cast<uint32_t>(table + 1),
                      .sh_info = 1,  // the first that is not local
                      .sh_addralign = 8,
                      .sh_entsize = sizeof(Elf64_Sym)});
  sections.push_back({.sh_name = section_names.add(".strtab"),
                      .sh_type = SHT_STRTAB,
                      .sh_size = symbol_names.bytes().size(),
                      .sh_addralign = 1});
  const uint32_t own_name = section_names.add(".shstrtab");
  sections.push_back(
      {.sh_name = own_name, .sh_type = SHT_STRTAB, .sh_size = section_names.bytes().size(), .sh_addralign = 1});
  Elf64_Ehdr head = {};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_ident[EI_VERSION] = EV_CURRENT;
  head.e_type = ET_EXEC;
  head.e_machine = EM_X86_64;
  head.e_version = EV_CURRENT;
  head.e_shoff = sizeof head;
  head.e_ehsize = sizeof head;
  head.e_shentsize = sizeof(Elf64_Shdr);
  head.e_shnum = static_cast<uint16_t>(sections.size());
  head.e_shstrndx = static_cast<uint16_t>(sections.size() - 1);
  uint64_t at = sizeof head + sections.size() * sizeof(Elf64_Shdr);
  for (size_t i = table; i < sections.size(); ++i) {
    sections[i].sh_offset = at;
    at += sections[i].sh_size;
  }
  std::string file;
  const auto append = [&](const void* data, size_t bytes) { file.append(static_cast<const char*>(data), bytes); };
  append(&head, sizeof head);
  append(sections.data(), sections.size() * sizeof(Elf64_Shdr));
  append(symbols.data(), symbols.size() * sizeof(Elf64_Sym));
  return file + symbol_names.bytes() + section_names.bytes();
}

}  // namespace

struct CodeNames::Registration {
  std::string file;
  jit_code_entry entry = {};
};

CodeNames::CodeNames(const std::vector<NamedCode>& code) : registration_(std::make_unique<Registration>()) {
  registration_->file = symbol_file(code);
  jit_code_entry& entry = registration_->entry;
  entry.symfile_addr = registration_->file.data();
  entry.symfile_size = registration_->file.size();
  const std::lock_guard lock(descriptor_mutex());
  entry.next_entry = __jit_debug_descriptor.first_entry;
  if (entry.next_entry) entry.next_entry->prev_entry = &entry;
  __jit_debug_descriptor.first_entry = &entry;
  tell(kRegister, entry);
}

CodeNames::~CodeNames() {
  const std::lock_guard lock(descriptor_mutex());
  jit_code_entry& entry = registration_->entry;
  (entry.prev_entry ? entry.prev_entry->next_entry : __jit_debug_descriptor.first_entry) = entry.next_entry;
  if (entry.next_entry) entry.next_entry->prev_entry = entry.prev_entry;
  tell(kUnregister, entry);
}

}  // namespace dlc::backend
