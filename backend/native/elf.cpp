#include "backend/native/elf.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "backend/native/native.h"

namespace dlc::backend::native {
namespace {

template <typename... Args>
Error damaged(fmt::format_string<Args...> format, Args&&... args) {
  return make_error(ErrorCode::kData, "damaged object: {}", fmt::format(format, std::forward<Args>(args)...));
}

class ElfReader {
 public:
  explicit ElfReader(std::string_view bytes) : bytes_(bytes) {}

  Expected<ElfObject> run() {
    DLC_RETURN_IF_ERROR(read_header());
    DLC_RETURN_IF_ERROR(read_sections());
    DLC_RETURN_IF_ERROR(read_symbols());
    for (size_t i = 0; i < headers_.size(); ++i)
      if (headers_[i].sh_type == SHT_RELA) DLC_RETURN_IF_ERROR(read_relocations(i));
    return std::move(object_);
  }

 private:
  Expected<std::string_view> piece(uint64_t offset, uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      return damaged("{} at {} of {} bytes in a file of {}", what, offset, size, bytes_.size());
    return bytes_.substr(offset, size);
  }

  /// The entries of a table, which need not be aligned in the file.
  template <typename Entry>
  Expected<std::vector<Entry>> table(uint64_t offset, uint64_t size, uint64_t entry_size, const char* what) const {
    if (entry_size != sizeof(Entry) || size % sizeof(Entry) != 0)
      return damaged("{} of {} bytes in entries of {}", what, size, entry_size);
    DLC_ASSIGN_OR_RETURN(const std::string_view raw, piece(offset, size, what));
    std::vector<Entry> entries(raw.size() / sizeof(Entry));
    if (!raw.empty()) std::memcpy(entries.data(), raw.data(), raw.size());
    return entries;
  }

  static Expected<std::string_view> string_at(std::string_view strings, uint64_t at, const char* what) {
    const size_t end = at < strings.size() ? strings.find('\0', at) : std::string_view::npos;
    if (end == std::string_view::npos) return damaged("the name of {} at {} of {}", what, at, strings.size());
    return strings.substr(at, end - at);
  }

  Expected<void> read_header() {
    DLC_ASSIGN_OR_RETURN(const std::string_view raw, piece(0, sizeof(Elf64_Ehdr), "header"));
    std::memcpy(&header_, raw.data(), sizeof header_);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) return damaged("no ELF file");
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
        header_.e_machine != EM_X86_64 || header_.e_type != ET_REL)
      return damaged("not a relocatable object for x86-64");
    DLC_ASSIGN_OR_RETURN(headers_, table<Elf64_Shdr>(header_.e_shoff, uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr),
                                                     header_.e_shentsize, "section headers"));
    return {};
  }

  Expected<void> read_sections() {
    if (header_.e_shstrndx >= headers_.size()) return damaged("no names of sections");
    const Elf64_Shdr& names = headers_[header_.e_shstrndx];
    DLC_ASSIGN_OR_RETURN(const std::string_view strings, piece(names.sh_offset, names.sh_size, "names of sections"));
    for (const Elf64_Shdr& h : headers_) {
      ElfObject::Section section;
      DLC_ASSIGN_OR_RETURN(section.name, string_at(strings, h.sh_name, "a section"));
      const bool in_file = h.sh_type != SHT_NOBITS && h.sh_type != SHT_NULL;
      if (in_file) {
        DLC_ASSIGN_OR_RETURN(section.bytes, piece(h.sh_offset, h.sh_size, "section"));
      }
      section.size = h.sh_size;
      section.align = std::max<uint64_t>(h.sh_addralign, 1);
      if (!std::has_single_bit(section.align)) return damaged("alignment {}", section.align);
      section.loaded = (h.sh_flags & SHF_ALLOC) != 0;
      section.code = (h.sh_flags & SHF_EXECINSTR) != 0;
      section.written = (h.sh_flags & SHF_WRITE) != 0;
      object_.sections.push_back(section);
    }
    return {};
  }

  Expected<void> read_symbols() {
    const auto is_symtab = [](const Elf64_Shdr& h) { return h.sh_type == SHT_SYMTAB; };
    const auto at = std::find_if(headers_.begin(), headers_.end(), is_symtab);
    if (at == headers_.end()) return {};
    if (at->sh_link >= headers_.size()) return damaged("no names of symbols");
    symtab_ = static_cast<size_t>(at - headers_.begin());
    const std::string_view strings = object_.sections[at->sh_link].bytes;
    DLC_ASSIGN_OR_RETURN(const std::vector<Elf64_Sym> symbols,
                         table<Elf64_Sym>(at->sh_offset, at->sh_size, at->sh_entsize, "symbols"));
    for (const Elf64_Sym& s : symbols) {
      ElfObject::Symbol symbol;
      DLC_ASSIGN_OR_RETURN(symbol.name, string_at(strings, s.st_name, "a symbol"));
      symbol.value = s.st_value;
      symbol.size = s.st_size;
      symbol.function = ELF64_ST_TYPE(s.st_info) == STT_FUNC;
      if (s.st_shndx == SHN_ABS) {
        symbol.section = ElfObject::kAbsolute;
      } else if (s.st_shndx != SHN_UNDEF) {
        if (s.st_shndx >= object_.sections.size()) return damaged("symbol '{}' in section {}", symbol.name, s.st_shndx);
        const uint64_t size = object_.sections[s.st_shndx].size;
        if (symbol.value > size || symbol.size > size - symbol.value)
          return damaged("symbol '{}' beyond its section", symbol.name);
        symbol.section = s.st_shndx;
        symbol.exported = ELF64_ST_BIND(s.st_info) == STB_GLOBAL;
      }
      object_.symbols.push_back(symbol);
    }
    return {};
  }

  Expected<void> read_relocations(size_t table_index) {
    const Elf64_Shdr& h = headers_[table_index];
    if (h.sh_info >= headers_.size()) return damaged("relocations of section {}", h.sh_info);
    if (!object_.sections[h.sh_info].loaded) return {};
    if (symtab_ == 0 || h.sh_link != symtab_) return damaged("relocations of other symbols");
    DLC_ASSIGN_OR_RETURN(const std::vector<Elf64_Rela> entries,
                         table<Elf64_Rela>(h.sh_offset, h.sh_size, h.sh_entsize, "relocations"));
    for (const Elf64_Rela& r : entries) {
      const uint64_t symbol = ELF64_R_SYM(r.r_info);
      if (symbol >= object_.symbols.size()) return damaged("a relocation of symbol {}", symbol);
      object_.relocations.push_back({static_cast<int>(h.sh_info), r.r_offset,
                                     static_cast<uint32_t>(ELF64_R_TYPE(r.r_info)), static_cast<int>(symbol),
                                     r.r_addend});
    }
    return {};
  }

  std::string_view bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> headers_;
  size_t symtab_ = 0;
  ElfObject object_;
};

}  // namespace

Expected<ElfObject> read_elf(std::string_view bytes) { return ElfReader(bytes).run(); }

}  // namespace dlc::backend::native

namespace dlc::backend {

Expected<std::vector<std::string>> undefined_symbols(std::string_view object) {
  DLC_ASSIGN_OR_RETURN(const native::ElfObject elf, native::read_elf(object));
  std::set<std::string> names;
  for (const native::ElfObject::Symbol& symbol : elf.symbols)
    if (symbol.section == native::ElfObject::kUndefined && !symbol.name.empty()) names.emplace(symbol.name);
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace dlc::backend
