#pragma once

#include <filesystem>
#include <vector>

#include "impasto/base/image_source.h"

namespace impasto {

/// The picture files of a folder tree, sorted by path so that every machine numbers them alike.
/// Files are told by extension; hidden ones (a leading dot) are left out. Links are followed, each
/// real folder being read once.
class ImageFolder : public ImageSource {
 public:
  /// Throws IoError when `folder` is not a folder, cannot be read, or holds no picture.
  explicit ImageFolder(const std::filesystem::path& folder);

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t index) const override { return files_.at(index).string(); }
  Image load(std::size_t index) const override;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace impasto
