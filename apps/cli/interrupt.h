#pragma once

namespace impasto::cli {

/// From here on the first Ctrl-C (SIGINT) or SIGTERM only sets a flag, so that the program can
/// finish what it is doing and save; the second ends it at once.
void catch_interrupts();

/// Whether one has arrived.
bool interrupted();

}  // namespace impasto::cli
