#include "impasto/engine/isa.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#if defined(IMPASTO_ENGINE_AMX) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "impasto/base/error.h"

namespace impasto::engine {

namespace {

constexpr Isa kAll[] = {Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAmx};

#if defined(IMPASTO_ENGINE_AMX)
/// Linux lends a process the tile registers only when it asks (Documentation/arch/x86/xstate.rst).
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

bool has_amx_bfloat16() {
  unsigned int eax = 7, ebx = 0, ecx = 0, edx = 0;
  __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  constexpr unsigned int kBFloat16 = 1u << 22;
  constexpr unsigned int kTile = 1u << 24;
  return (edx & kBFloat16) != 0 && (edx & kTile) != 0;
}
#endif

std::vector<Isa> detect() {
  std::vector<Isa> found = {Isa::kPortable};
#if defined(IMPASTO_ENGINE_X86)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return found;
  found.push_back(Isa::kAvx2);
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx512) return found;
  found.push_back(Isa::kAvx512);
#if defined(IMPASTO_ENGINE_AMX)
  if (__builtin_cpu_supports("avx512bf16") && has_amx_bfloat16() && may_use_tiles()) {
    found.push_back(Isa::kAmx);
  }
#endif
#endif
  return found;
}

std::string list(const std::vector<Isa>& isas) {
  std::string text;
  for (const Isa isa : isas) text += (text.empty() ? "" : ", ") + std::string(name_of(isa));
  return text;
}

}  // namespace

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAmx:
      return "amx";
  }
  return "";
}

const std::vector<Isa>& available_isas() {
  static const std::vector<Isa> isas = detect();
  return isas;
}

Isa choose_isa(const std::string& name) {
  std::string wanted = name;
  std::string where = "engine.isa";
  if (wanted.empty() || wanted == "auto") {
    const char* variable = std::getenv("IMPASTO_ISA");
    wanted = variable != nullptr ? variable : "";
    where = "environment variable IMPASTO_ISA";
  }
  const std::vector<Isa>& available = available_isas();
  if (wanted.empty() || wanted == "auto") return available.back();
  const auto known = std::find_if(
      std::begin(kAll), std::end(kAll), [&](Isa isa) { return wanted == name_of(isa); });
  if (known == std::end(kAll)) {
    throw ConfigError(where + ": expected auto, " + list({std::begin(kAll), std::end(kAll)}) +
                      ", found '" + wanted + "'");
  }
  if (std::find(available.begin(), available.end(), *known) == available.end()) {
    throw ConfigError(where + ": expected what this machine has (" + list(available) +
                      "), found '" + wanted + "'");
  }
  return *known;
}

}  // namespace impasto::engine
