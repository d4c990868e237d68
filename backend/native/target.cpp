#include "backend/native/target.h"

#include <cpuid.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <string>

#include "backend/native/hash.h"

namespace dlc::backend {
namespace {

// The x86-64 levels of the psABI are the feature classes: v3 is AVX2 with FMA, BMI, F16C, LZCNT and
// MOVBE, v4 adds AVX-512 F, BW, CD, DQ and VL; each as far as the system saves the registers.
bool host_has_avx2() { return __builtin_cpu_supports("x86-64-v3") != 0; }
bool host_has_avx512() { return __builtin_cpu_supports("x86-64-v4") != 0; }

/// What this processor says of itself, as text that is equal for equal processors: vendor, model and
/// feature leaves of CPUID, and which registers the system saves.
std::string processor_identity() {
  std::string identity;
  const auto add = [&](unsigned leaf, unsigned subleaf, unsigned ebx_mask = ~0u) {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid_count(leaf, subleaf, &eax, &ebx, &ecx, &edx) == 0) return;
    identity += fmt::format("{:x}.{:x}:{:x},{:x},{:x},{:x};", leaf, subleaf, eax, ebx & ebx_mask, ecx, edx);
  };
  add(0, 0);
  add(1, 0, 0);  // EBX holds the number of the core that asks
  add(7, 0);
  add(7, 1);
  add(0x80000001, 0);
  add(0x80000008, 0);
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_OSXSAVE) != 0) {
    unsigned low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    identity += fmt::format("xcr0:{:x}", low);
  }
  return identity;
}

void set_vectors(ir::Target& target, bool avx2, bool avx512) {
  target.vector_bytes = avx512 ? 64 : avx2 ? 32 : 16;
  target.vector_registers = avx512 ? 32 : 16;
  target.has_fma = avx2;
}

void set_caches(ir::Target& target) {
  const auto set = [](int64_t& bytes, int what) {
    if (const long found = sysconf(what); found > 0) bytes = found;
  };
  set(target.l1_bytes, _SC_LEVEL1_DCACHE_SIZE);
  set(target.l2_bytes, _SC_LEVEL2_CACHE_SIZE);
  set(target.l3_bytes, _SC_LEVEL3_CACHE_SIZE);
}

struct KnownTarget {
  ir::Target target;
  bool runs_here = false;
};

KnownTarget feature_class(const char* name, bool avx2, bool avx512) {
  KnownTarget known;
  known.target.name = name;
  known.runs_here = avx512 ? host_has_avx512() : !avx2 || host_has_avx2();
  // The caches are those of ir::Target's defaults: code for a class is the same wherever it is made.
  set_vectors(known.target, avx2, avx512);
  return known;
}

KnownTarget host() {
  KnownTarget known;
  known.target.name = fmt::format("host-{:016x}", hash64(processor_identity()));
  known.runs_here = true;
  set_vectors(known.target, host_has_avx2(), host_has_avx512());
  set_caches(known.target);
  return known;
}

/// Null for an unknown name.
const KnownTarget* find_target(std::string_view name) {
  static const KnownTarget this_machine = host();
  static const std::array<KnownTarget, 3> classes = {
      feature_class("sse2", false, false), feature_class("avx2", true, false), feature_class("avx512", true, true)};
  if (name == "host") return &this_machine;
  for (const KnownTarget& known : classes)
    if (known.target.name == name) return &known;
  return nullptr;
}

}  // namespace

Expected<ir::Target> native_target(std::string_view name) {
  if (const KnownTarget* known = find_target(name)) return known->target;
  return make_error(ErrorCode::kInvalidArgument, "unknown target '{}': expected host, sse2, avx2 or avx512", name);
}

const ir::Target& host_target() { return find_target("host")->target; }

bool runs_here(std::string_view target) {
  const KnownTarget* known = find_target(target);
  return known && known->runs_here;
}

}  // namespace dlc::backend
