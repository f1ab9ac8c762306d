#pragma once

// Private: not installed.

namespace impasto {

/// Brightness of an RGB pixel, on the scale of its samples: Y of ITU-R BT.601, the Y of YIQ.
template <class Sample>
float luma(const Sample* pixel) {
  return 0.299F * static_cast<float>(pixel[0]) + 0.587F * static_cast<float>(pixel[1]) +
         0.114F * static_cast<float>(pixel[2]);
}

}  // namespace impasto
