#include "impasto/base/image_source.h"

#include "impasto/base/hash.h"

namespace impasto {

std::uint64_t ImageSource::fingerprint() const {
  Hash hash;
  for (std::size_t i = 0; i < size(); ++i) hash.add(name(i));
  return hash.value();
}

}  // namespace impasto
