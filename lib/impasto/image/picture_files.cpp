#include "impasto/image/picture_files.h"

#include <system_error>

#include "impasto/base/hash.h"

namespace impasto {

std::uint64_t PictureFiles::fingerprint() const {
  Hash hash;
  for (const auto& file : files_) {
    std::error_code absent;  // its size is then the largest number there is
    hash.add(file.lexically_relative(folder_).generic_string());
    hash.add(std::uint64_t{std::filesystem::file_size(file, absent)});
  }
  return hash.value();
}

}  // namespace impasto
