#pragma once

#include <filesystem>

#include "impasto/image/picture_files.h"

namespace impasto {

/// The pictures that a COCO annotation file lists under `images[].file_name`, taken from `folder`
/// in the file's order. A listed picture that is not there counts when it is loaded.
///
/// Format: https://cocodataset.org/#format-data
class CocoImages : public PictureFiles {
 public:
  /// Throws IoError when a path is missing or none of the pictures is there, and FormatError when
  /// the file is not COCO's, lists no picture, or names one outside `folder`.
  CocoImages(const std::filesystem::path& folder, const std::filesystem::path& annotations);
};

}  // namespace impasto
