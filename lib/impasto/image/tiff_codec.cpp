#include "impasto/image/tiff_module.h"
#include "impasto/image/tiff_reader.h"
#include "impasto/image/tiff_writer.h"

// TIFF by libtiff, in a library of its own: see tiff_module.h.

namespace impasto {
namespace {

/// Runs when libimpasto_tiff is loaded.
[[maybe_unused]] const bool kRegistered = [] {
  register_tiff({.decode = tiff::decode,
                 .encode = tiff::encode,
                 .encode16 = tiff::encode16,
                 .open = tiff::open,
                 .create = tiff::create});
  return true;
}();

}  // namespace
}  // namespace impasto
