#pragma once

// Private: not installed.

#include <string>
#include <vector>

namespace impasto::engine {

/// Instruction sets that the engine has kernels for, from the plainest to the best.
enum class Isa { kPortable, kAvx2, kAvx512, kAmx };

const char* name_of(Isa isa);

/// Those that this processor, operating system and build have.
const std::vector<Isa>& available_isas();

/// "auto" (or "") means the environment variable IMPASTO_ISA, and without it the best. Throws
/// ConfigError for an unknown name and for one that this machine does not have.
Isa choose_isa(const std::string& name);

}  // namespace impasto::engine
