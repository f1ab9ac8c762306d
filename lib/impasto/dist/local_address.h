#pragma once

// Private: not installed.

#include <string>

namespace impasto {

/// The address of this host that packets to `host` leave from, in figures: what other hosts of the
/// same network reach it by, where its own name may stand for the loopback. Throws IoError when
/// `host` is unknown or no network leads to it.
std::string local_address_towards(const std::string& host, int port);

}  // namespace impasto
