#pragma once

// Private: not installed.

#include <filesystem>

namespace impasto {

/// False where a film's header says that it has no sound track, in MP4, MOV, AVI, Matroska and
/// WebM; true where it has one, or that is not known.
bool may_have_sound(const std::filesystem::path& film);

}  // namespace impasto
