// What JITLink does for any object, for the few forms that generated code has: sections with code
// and read-only data, references relative to the instruction, calls of three functions of the C
// library. LLVM is not needed for it, so code that comes from the cache on disk needs no LLVM at all.
#include "backend/native/load.h"

#include <elf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include "backend/native/elf.h"

namespace dlc::backend::native {

LoadedObject::~LoadedObject() {
  if (memory_) munmap(memory_, size_);
}

namespace {

const void* c_library_symbol(std::string_view name) {
  if (name == "memcpy") return reinterpret_cast<const void*>(&std::memcpy);
  if (name == "memmove") return reinterpret_cast<const void*>(&std::memmove);
  if (name == "memset") return reinterpret_cast<const void*>(&std::memset);
  return nullptr;
}

/// Sections may not ask for more than a page, nor an object for more than relative addresses reach.
constexpr uint64_t kPage = 4096;
constexpr uint64_t kLargestObject = uint64_t{1} << 30;

uint64_t align_up(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

}  // namespace

/// Memory is `code | stubs | padding to a page | data`; the first part becomes executable, the second
/// read-only, and nothing stays writable. A stub stands for one symbol from outside, which may be
/// farther away than a relative address reaches: a jump through the address behind it.
class Loader {
 public:
  Loader(const ElfObject& object, const Resolver& resolve) : object_(object), resolve_(resolve) {}

  Expected<std::shared_ptr<LoadedObject>> run() {
    DLC_RETURN_IF_ERROR(lay_out());
    DLC_RETURN_IF_ERROR(allocate());
    DLC_RETURN_IF_ERROR(write_stubs());
    for (const ElfObject::Relocation& r : object_.relocations) DLC_RETURN_IF_ERROR(relocate(r));
    for (const ElfObject::Symbol& s : object_.symbols) {
      if (s.section < 0 || places_[static_cast<size_t>(s.section)] == kNowhere) continue;
      const unsigned char* const at = memory() + places_[static_cast<size_t>(s.section)] + s.value;
      if (s.exported) loaded_->symbols_.emplace(s.name, at);
      const uint64_t room = object_.sections[static_cast<size_t>(s.section)].size - s.value;
      if (s.function) loaded_->functions_.push_back({std::string(s.name), at, std::min(s.size, room)});
    }
    DLC_RETURN_IF_ERROR(protect(0, data_at_, PROT_READ | PROT_EXEC));
    DLC_RETURN_IF_ERROR(protect(data_at_, loaded_->size_ - data_at_, PROT_READ));
    return std::move(loaded_);
  }

 private:
  static constexpr uint64_t kNowhere = std::numeric_limits<uint64_t>::max();
  static constexpr uint64_t kStub = 16;
  static constexpr uint64_t kStubAddress = 8;  ///< where in a stub the address lies

  unsigned char* memory() const { return loaded_->memory_; }

  Expected<void> lay_out() {
    places_.assign(object_.sections.size(), kNowhere);
    uint64_t end = 0;
    for (const bool code : {true, false}) {
      for (size_t i = 0; i < object_.sections.size(); ++i) {
        const ElfObject::Section& section = object_.sections[i];
        if (!section.loaded || section.code != code) continue;
        if (section.written)
          return make_error(ErrorCode::kInternal, "compiled code has writable section '{}'", section.name);
        if (section.align > kPage || section.size > kLargestObject)
          return make_error(ErrorCode::kData, "section '{}': {} bytes aligned to {}", section.name, section.size,
                            section.align);
        places_[i] = align_up(end, section.align);
        end = places_[i] + section.size;
        if (end > kLargestObject)
          return make_error(ErrorCode::kData, "compiled code of more than {} bytes", kLargestObject);
        if (code) loaded_->code_bytes_ += static_cast<int64_t>(section.size);
      }
      if (!code) continue;
      stubs_at_ = align_up(end, kStub);
      stubs_.assign(object_.symbols.size(), kNowhere);
      uint64_t next = stubs_at_;
      for (const ElfObject::Relocation& r : object_.relocations) {
        uint64_t& stub = stubs_[static_cast<size_t>(r.symbol)];
        if (symbol(r).section != ElfObject::kUndefined || stub != kNowhere) continue;
        stub = next;
        next += kStub;
      }
      end = data_at_ = align_up(next, kPage);
    }
    loaded_->size_ = align_up(std::max(end, uint64_t{1}), kPage);
    return {};
  }

  Expected<void> allocate() {
    void* const at = mmap(nullptr, loaded_->size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
      return make_error(ErrorCode::kResourceExhausted, "no memory for {} bytes of compiled code: {}", loaded_->size_,
                        std::strerror(errno));
    loaded_->memory_ = static_cast<unsigned char*>(at);
    for (size_t i = 0; i < places_.size(); ++i) {
      const std::string_view bytes = object_.sections[i].bytes;
      if (places_[i] != kNowhere && !bytes.empty()) std::memcpy(memory() + places_[i], bytes.data(), bytes.size());
    }
    return {};
  }

  Expected<void> write_stubs() {
    for (size_t i = 0; i < stubs_.size(); ++i) {
      if (stubs_[i] == kNowhere) continue;
      const std::string_view name = object_.symbols[i].name;
      const void* address = resolve_(name);
      if (!address) address = c_library_symbol(name);
      if (!address)
        return make_error(ErrorCode::kInternal,
                          "compiled code needs symbol '{}': only kernels of the program, memcpy, memmove and memset "
                          "may be called",
                          name);
      constexpr unsigned char kJump[] = {0xff, 0x25, 0x02, 0, 0, 0, 0x66, 0x90};  // jmp *2(%rip); nop
      static_assert(sizeof kJump == kStubAddress);
      std::memcpy(memory() + stubs_[i], kJump, sizeof kJump);
      std::memcpy(memory() + stubs_[i] + kStubAddress, static_cast<const void*>(&address), sizeof address);
    }
    return {};
  }

  const ElfObject::Symbol& symbol(const ElfObject::Relocation& r) const {
    return object_.symbols[static_cast<size_t>(r.symbol)];
  }

  Expected<void> relocate(const ElfObject::Relocation& r) {
    const size_t section = static_cast<size_t>(r.section);
    const uint64_t width = r.type == R_X86_64_64 || r.type == R_X86_64_PC64 ? 8 : 4;
    const uint64_t size = object_.sections[section].bytes.size();
    if (size < width || r.offset > size - width)
      return make_error(ErrorCode::kData, "damaged object: a relocation at {} of section '{}' of {} bytes", r.offset,
                        object_.sections[section].name, size);
    unsigned char* const at = memory() + places_[section] + r.offset;
    const uint64_t place = reinterpret_cast<uint64_t>(at);
    DLC_ASSIGN_OR_RETURN(const uint64_t target, address_of(r, place));
    const uint64_t absolute = target + static_cast<uint64_t>(r.addend);  // wraps as the format says
    const uint64_t value = r.type == R_X86_64_64 ? absolute : absolute - place;
    if (width == 4 && static_cast<int64_t>(value) != static_cast<int32_t>(value))
      return make_error(ErrorCode::kData, "damaged object: '{}' is out of reach", symbol(r).name);
    std::memcpy(at, &value, width);
    return {};
  }

  /// What the relocation at `place` refers to.
  Expected<uint64_t> address_of(const ElfObject::Relocation& r, uint64_t place) const {
    const ElfObject::Symbol& s = symbol(r);
    const uint64_t stub = stubs_[static_cast<size_t>(r.symbol)];
    switch (r.type) {
      case R_X86_64_GOTPCREL:
      case R_X86_64_GOTPCRELX:
      case R_X86_64_REX_GOTPCRELX:
        // The place that holds the address: only what comes from outside has one.
        if (stub == kNowhere) break;
        return reinterpret_cast<uint64_t>(memory() + stub + kStubAddress);
      case R_X86_64_PLT32:
        if (stub != kNowhere) {
          uint64_t direct = 0;
          std::memcpy(&direct, memory() + stub + kStubAddress, sizeof direct);
          return in_reach(direct, place) ? direct : reinterpret_cast<uint64_t>(memory() + stub);
        }
        [[fallthrough]];
      case R_X86_64_64:
      case R_X86_64_PC32:
      case R_X86_64_PC64: {
        if (s.section < 0 || places_[static_cast<size_t>(s.section)] == kNowhere) break;
        return reinterpret_cast<uint64_t>(memory() + places_[static_cast<size_t>(s.section)] + s.value);
      }
      default: break;
    }
    return make_error(ErrorCode::kInternal, "compiled code has relocation {} of '{}', which no generated code needs",
                      r.type, s.name);
  }

  /// With room for any addend of a call.
  static bool in_reach(uint64_t to, uint64_t from) {
    constexpr int64_t kReach = (int64_t{1} << 31) - kPage;
    const auto distance = static_cast<int64_t>(to - from);
    return -kReach < distance && distance < kReach;
  }

  Expected<void> protect(uint64_t at, uint64_t size, int protection) {
    if (size == 0 || mprotect(memory() + at, size, protection) == 0) return {};
    return make_error(ErrorCode::kResourceExhausted, "the system refuses executable memory: {}", std::strerror(errno));
  }

  const ElfObject& object_;
  const Resolver& resolve_;
  std::vector<uint64_t> places_;  ///< of sections, from the start of memory
  std::vector<uint64_t> stubs_;   ///< of symbols
  uint64_t stubs_at_ = 0, data_at_ = 0;
  std::shared_ptr<LoadedObject> loaded_ = std::make_shared<LoadedObject>();
};

Expected<std::shared_ptr<LoadedObject>> load_object(std::string_view object, const Resolver& resolve) {
  DLC_ASSIGN_OR_RETURN(const ElfObject elf, read_elf(object));
  return Loader(elf, resolve).run();
}

}  // namespace dlc::backend::native
