#pragma once

// Private: not installed.

#include <cstdint>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// Gives a mix of frames the contrast of its details back, which mixing takes as far as they
/// differ: in two bands of details, the finest and those twice as large, `mixed` is made as strong
/// around each pixel as `styled` is there, and 1 % more for what the range of colours cuts off;
/// never weaker, and at most 3 times as strong. Both are RGB of one size; `visible` [height][width]
/// says where it was mixed at all, 0 to 255.
void opencv_restore_detail(Image& mixed,
                           const Image& styled,
                           const std::vector<std::uint8_t>& visible);

}  // namespace impasto
