#pragma once

// Private: not installed.

#include <filesystem>
#include <string>

namespace impasto {

/// Whether a program `ffmpeg` is found by PATH.
bool has_ffmpeg();

/// Writes to `output` the pictures of the film `pictures` and the sound tracks of the film `sound`,
/// with the program `ffmpeg`: copied where the format of `output` holds them as they are, else
/// encoded as AAC. `seconds`: sound after it is cut; 0: none is. Returns what ffmpeg had to say
/// where it failed, "" where it did not; `output` may then hold anything.
std::string join_sound(const std::filesystem::path& pictures,
                       const std::filesystem::path& sound,
                       const std::filesystem::path& output,
                       double seconds);

}  // namespace impasto
