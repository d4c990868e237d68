// Reading and linking ELF objects: what generated code has, and everything else refused.
#include "backend/native/load.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "backend/native/elf.h"
#include "backend/native/kernel_cache.h"
#include "backend/native/load_module.h"
#include "tests/backend/native_testing.h"

namespace dlc::backend::native {
namespace {

using loops::LoopBuilder;
using ::testing::HasSubstr;

const Resolver kNoOne = [](std::string_view) { return nullptr; };

/// y = |x| / 3 in parallel: code with read-only data and a function of its own for the chunk.
loops::Kernel kernel() {
  LoopBuilder b("k");
  const auto x = b.buffer({.name = "x"}), y = b.buffer({.name = "y", .written = true});
  b.parallel(b.scalar("n"), [&](loops::Value c) {
    const auto v = b.load(x, c);
    const auto third = b.constant({kFloat32, 1}, 0.3333);
    b.store(y, b.mul(b.abs(v), third), c);
  });
  return std::move(b).finish();
}

std::string object_of(const loops::Kernel& k) {
  return value_or_throw(emit_native({&k, 1}, {}, {.target = "sse2"}, NativeText::kObject));
}

TEST(LoadObject, RunsKernels) {
  const std::string object = object_of(kernel());
  const auto loaded = value_or_throw(load_object(object, kNoOne));
  EXPECT_GT(loaded->code_bytes(), 0);
  EXPECT_GE(loaded->memory_bytes(), loaded->code_bytes());
  EXPECT_EQ(loaded->symbol("nobody"), nullptr);
  const auto entry = reinterpret_cast<dlc_entry_fn>(const_cast<void*>(loaded->symbol("k")));
  ASSERT_NE(entry, nullptr);
  float x[3] = {-3, 6, 9}, y[3] = {};
  void* buffers[] = {x, y};
  const int64_t scalars[] = {3};
  runtime::Context context;
  runtime::run_entry(entry, context, buffers, scalars);
  EXPECT_FLOAT_EQ(y[0], 0.9999f);
  EXPECT_FLOAT_EQ(y[2], 2.9997f);
}

TEST(LoadObject, EveryCutIsAnErrorOrHarmless) {
  const std::string object = object_of(kernel());
  for (size_t n = 0; n < object.size(); ++n) {
    const auto loaded = load_object(std::string_view(object).substr(0, n), kNoOne);
    EXPECT_FALSE(loaded) << "cut at " << n << ": the section headers stand at the end";
    if (!loaded) {
      EXPECT_EQ(loaded.error().code, ErrorCode::kData);
    }
  }
}

// The checksum of the cache keeps such bytes away from the loader; it stands on its own all the same.
TEST(LoadObject, EveryFlippedByteIsSafe) {
  const std::string object = object_of(kernel());
  int refused = 0;
  for (size_t at = 0; at < object.size(); ++at) {
    for (const unsigned char flip : {0x01, 0x80, 0xff}) {
      std::string bad = object;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      refused += !load_object(bad, kNoOne);
    }
  }
  EXPECT_GT(refused, 300);
}

/// Changes fields of a good object.
template <typename Header>
std::string patched(std::string object, size_t at, const std::function<void(Header&)>& change) {
  Header header;
  std::memcpy(&header, object.data() + at, sizeof header);
  change(header);
  std::memcpy(object.data() + at, &header, sizeof header);
  return object;
}

Elf64_Ehdr header_of(const std::string& object) {
  Elf64_Ehdr header;
  std::memcpy(&header, object.data(), sizeof header);
  return header;
}

TEST(LoadObject, HostileHeadersAreRefused) {
  const std::string object = object_of(kernel());
  const auto fails = [](const std::string& bytes, const char* part) {
    const auto loaded = load_object(bytes, kNoOne);
    EXPECT_FALSE(loaded) << part;
    if (!loaded) {
      EXPECT_THAT(loaded.error().message, HasSubstr(part));
    }
  };
  const auto with_header = [&](const std::function<void(Elf64_Ehdr&)>& change) {
    return patched<Elf64_Ehdr>(object, 0, change);
  };
  fails("no object at all, but text that is longer than the header of an ELF file would be", "no ELF file");
  fails(with_header([](Elf64_Ehdr& h) { h.e_machine = EM_AARCH64; }), "not a relocatable object for x86-64");
  fails(with_header([](Elf64_Ehdr& h) { h.e_type = ET_DYN; }), "not a relocatable object");
  fails(with_header([](Elf64_Ehdr& h) { h.e_shoff = ~uint64_t{0} - 8; }), "section headers");
  fails(with_header([](Elf64_Ehdr& h) { h.e_shnum = 0xff00; }), "section headers");
  fails(with_header([](Elf64_Ehdr& h) { h.e_shentsize = 0; }), "in entries of 0");
  fails(with_header([](Elf64_Ehdr& h) { h.e_shstrndx = 0xfff0; }), "no names of sections");

  const Elf64_Ehdr header = header_of(object);
  const auto with_section = [&](uint32_t type, const std::function<void(Elf64_Shdr&)>& change) {
    for (size_t i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr s;
      const size_t at = header.e_shoff + i * sizeof s;
      std::memcpy(&s, object.data() + at, sizeof s);
      if (s.sh_type != type || (type == SHT_PROGBITS && (s.sh_flags & SHF_EXECINSTR) == 0)) continue;
      return patched<Elf64_Shdr>(object, at, change);
    }
    ADD_FAILURE() << "no section of type " << type;
    return object;
  };
  fails(with_section(SHT_PROGBITS, [](Elf64_Shdr& s) { s.sh_size = ~uint64_t{0}; }), "section at");
  fails(with_section(SHT_PROGBITS, [](Elf64_Shdr& s) { s.sh_offset = uint64_t{1} << 63; }), "section at");
  fails(with_section(SHT_PROGBITS, [](Elf64_Shdr& s) { s.sh_addralign = 3; }), "alignment 3");
  fails(with_section(SHT_PROGBITS, [](Elf64_Shdr& s) { s.sh_addralign = uint64_t{1} << 40; }), "aligned to");
  fails(with_section(SHT_PROGBITS, [](Elf64_Shdr& s) { s.sh_flags |= SHF_WRITE; }), "writable section");
  fails(with_section(SHT_PROGBITS,
                     [](Elf64_Shdr& s) {
                       s.sh_type = SHT_NOBITS;
                       s.sh_size = uint64_t{1} << 40;
                     }),
        "bytes aligned to");
  fails(with_section(SHT_SYMTAB, [](Elf64_Shdr& s) { s.sh_entsize = 0; }), "in entries of 0");
  fails(with_section(SHT_SYMTAB, [](Elf64_Shdr& s) { s.sh_link = 1000; }), "no names of symbols");
  fails(with_section(SHT_SYMTAB, [](Elf64_Shdr& s) { s.sh_size = sizeof(Elf64_Sym); }), "a relocation of symbol");
  fails(with_section(SHT_RELA, [](Elf64_Shdr& s) { s.sh_info = 1000; }), "relocations of section");

  Elf64_Shdr relocations{};
  for (size_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr s;
    std::memcpy(&s, object.data() + header.e_shoff + i * sizeof s, sizeof s);
    if (s.sh_type == SHT_RELA) relocations = s;
  }
  const auto with_relocation = [&](const std::function<void(Elf64_Rela&)>& change) {
    return patched<Elf64_Rela>(object, relocations.sh_offset, change);
  };
  fails(with_relocation([](Elf64_Rela& r) { r.r_offset = ~uint64_t{0} - 3; }), "a relocation at");
  fails(with_relocation([](Elf64_Rela& r) { r.r_info = ELF64_R_INFO(ELF64_R_SYM(r.r_info), R_X86_64_TPOFF64); }),
        "which no generated code needs");
  fails(with_relocation([](Elf64_Rela& r) { r.r_addend = int64_t{1} << 40; }), "out of reach");
}

/// A step that calls a kernel which is not in the object.
std::string lonely_step() {
  const StepNode step{.kind = StepNode::kCall, .kernel = "elsewhere"};
  const CodeRequest request{.step = &step, .target = host_target()};
  return value_or_throw(value_or_throw(code_generator())->generate(request));
}

int calls_of_far_kernel = 0;
void far_kernel(dlc_context*, void* const*, const int64_t*) { ++calls_of_far_kernel; }

TEST(LoadObject, WhatIsElsewhereComesFromTheResolver) {
  const Resolver resolve = [](std::string_view name) -> const void* {
    return name == "elsewhere" ? reinterpret_cast<const void*>(&far_kernel) : nullptr;
  };
  const auto loaded = value_or_throw(load_object(lonely_step(), resolve));
  const auto step = reinterpret_cast<dlc_entry_fn>(const_cast<void*>(loaded->symbol(kStepSymbol)));
  ASSERT_NE(step, nullptr);
  runtime::Context context;
  runtime::run_entry(step, context, nullptr, nullptr);
  EXPECT_EQ(calls_of_far_kernel, 1) << "through a stub, for a program lies far from mapped code";

  const auto unknown = load_object(lonely_step(), kNoOne);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("compiled code needs symbol 'elsewhere'"));
}

TEST(KernelCacheBound, KeepsWhatWasUsedLast) {
  const std::string object = object_of(kernel());
  const auto load = [&] { return value_or_throw(load_object(object, kNoOne)); };
  const int64_t bytes = load()->memory_bytes();
  KernelCache cache(3 * bytes);
  for (const char* name : {"a", "b", "c"}) cache.insert("t", name, load());
  EXPECT_EQ(cache.held_bytes(), 3 * bytes);
  EXPECT_NE(cache.find("t", "a"), nullptr);
  cache.insert("t", "d", load());  // instead of b, which was not used for longest
  EXPECT_EQ(cache.held_bytes(), 3 * bytes);
  EXPECT_EQ(cache.find("t", "b"), nullptr);
  EXPECT_NE(cache.find("t", "a"), nullptr);
  EXPECT_NE(cache.find("t", "c"), nullptr);
  EXPECT_NE(cache.find("t", "d"), nullptr);
  EXPECT_EQ(cache.find("other", "a"), nullptr);

  // One that a program has is found though the cache has let go of it, and is held again.
  const auto used = cache.find("t", "a");
  for (const char* name : {"e", "f", "g"}) cache.insert("t", name, load());
  EXPECT_EQ(cache.find("t", "a"), used);
  EXPECT_EQ(cache.held_bytes(), 3 * bytes);
  cache.insert("t", "a", load());
  EXPECT_NE(cache.find("t", "a"), used);
  EXPECT_EQ(cache.held_bytes(), 3 * bytes);
}

TEST(KernelCacheBound, AnObjectLargerThanTheBoundIsNotHeld) {
  const std::string object = object_of(kernel());
  KernelCache cache(1);
  auto loaded = value_or_throw(load_object(object, kNoOne));
  cache.insert("t", "a", loaded);
  EXPECT_EQ(cache.held_bytes(), 0);
  EXPECT_EQ(cache.find("t", "a"), loaded);
  loaded.reset();
  EXPECT_EQ(cache.find("t", "a"), nullptr);
}

}  // namespace
}  // namespace dlc::backend::native
