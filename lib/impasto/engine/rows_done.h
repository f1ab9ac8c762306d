#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace impasto::engine {

/// Given the next rows of a result, RGB, and the same rows of the picture that it was made of, with
/// that picture's channels; both in samples as deep as the picture's (RowSource::sample_bytes).
using RowsDone =
    std::function<void(std::span<const std::uint8_t> result, std::span<const std::uint8_t> photo)>;

}  // namespace impasto::engine
