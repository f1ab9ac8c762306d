#pragma once

#include <functional>

/// What callers of the CPU engine give it to call.
namespace impasto::engine {

/// Told how much of a run is done, from 0 to 1. Returning false stops it.
using Progress = std::function<bool(double done)>;

}  // namespace impasto::engine
