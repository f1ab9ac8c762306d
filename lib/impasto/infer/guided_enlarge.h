#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// `small`, which was made from the photo scaled down, at the photo's size and with its detail: the
/// enlarged `small`, plus what scaling down has taken from the photo's brightness, in each place
/// with the slope by which `small` follows the photo there.
///
/// Where `small` equals the scaled photo, this is the photo; where it is its negative, the detail
/// is that of the negative; where it does not follow the photo at all, nothing is added.
///
/// The slope is the one of the guided filter's local linear model: He, Sun, Tang 2013, "Guided
/// Image Filtering", equation 5, computed on the small pictures as in He, Sun 2015, "Fast Guided
/// Filter".
///
/// Both are RGB. Throws ConfigError for a picture with alpha or an empty one.
template <class Sample>
BasicImage<Sample> guided_enlarge(const BasicImage<Sample>& small, const BasicImage<Sample>& photo);

}  // namespace impasto
