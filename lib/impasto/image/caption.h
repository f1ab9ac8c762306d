#pragma once

#include <string>

#include "impasto/base/image.h"

namespace impasto {

/// The picture with a line of text in a white strip below it; on white and at least 96 pixels wide,
/// so that there is room for some letters. Text that is too long is cut and ends in "...".
/// Characters other than ASCII become "?". Alpha is dropped. The letters are OpenCV's Hershey font,
/// for which libimpasto_opencv is loaded. Throws ConfigError for an empty picture and IoError where
/// that library cannot be loaded.
Image captioned(const Image& image, const std::string& text);

}  // namespace impasto
