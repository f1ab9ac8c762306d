#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// The picture as it looks on white paper, without alpha; RGB is returned as it is.
template <class Sample>
BasicImage<Sample> on_white(BasicImage<Sample> image);

}  // namespace impasto
