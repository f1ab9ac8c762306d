#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// The picture as it looks on white paper, without alpha; RGB is returned as it is.
Image on_white(Image image);

}  // namespace impasto
