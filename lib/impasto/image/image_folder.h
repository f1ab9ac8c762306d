#pragma once

#include <filesystem>

#include "impasto/image/picture_files.h"

namespace impasto {

/// The picture files of a folder tree, sorted by path so that every machine numbers them alike.
/// Files are told by extension; hidden ones (a leading dot) are left out. Links are followed, each
/// real folder being read once.
class ImageFolder : public PictureFiles {
 public:
  /// Throws IoError when `folder` is not a folder, cannot be read, or holds no picture.
  explicit ImageFolder(const std::filesystem::path& folder);
};

}  // namespace impasto
