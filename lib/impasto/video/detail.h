#pragma once

// Private: not installed.

#include <cstdint>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// Gives a mix of frames the contrast of its details back, which mixing takes as far as they
/// differ: what a binomial 5x5 filter leaves out of `mixed` is made as strong, over all pixels, as
/// it is in `styled`, at most 1.5 times. Both are RGB of one size; `visible` [height][width] says
/// where it was mixed at all, 0 to 255.
void restore_detail(Image& mixed, const Image& styled, const std::vector<std::uint8_t>& visible);

}  // namespace impasto
