#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "impasto/base/image_source.h"

namespace impasto {

/// The picture files of a folder tree, sorted by path so that every machine numbers them alike.
class ImageFolder : public ImageSource {
 public:
  /// Throws IoError when `folder` is not a folder, cannot be read, or holds no picture.
  explicit ImageFolder(const std::filesystem::path& folder);

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t index) const override;
  Image load(std::size_t index) const override;

 private:
  std::vector<std::filesystem::path> files_;
};

/// The pictures that a COCO annotation file lists under `images[].file_name`, taken from `folder`.
class CocoImages : public ImageSource {
 public:
  /// Throws IoError when a path is missing, FormatError when the JSON is not COCO's or lists no picture.
  CocoImages(const std::filesystem::path& folder, const std::filesystem::path& annotations);

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t index) const override;
  Image load(std::size_t index) const override;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace impasto
