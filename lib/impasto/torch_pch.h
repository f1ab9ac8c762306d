#pragma once

// Precompiled for the torch half alone: libtorch's headers take most of a minute to read otherwise.
// Never included by a header; see cmake/ImpastoTargets.cmake.
#include <torch/torch.h>
