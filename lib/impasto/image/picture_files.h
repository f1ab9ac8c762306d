#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/image_source.h"
#include "impasto/image/image_io.h"

namespace impasto {

/// Picture files below a folder, in a given order.
class PictureFiles : public ImageSource {
 public:
  /// `files` lie below `folder`, which the fingerprint leaves out.
  PictureFiles(std::filesystem::path folder, std::vector<std::filesystem::path> files)
      : folder_(std::move(folder)), files_(std::move(files)) {}

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t index) const override { return files_.at(index).string(); }
  Image load(std::size_t index) const override { return read_image(files_.at(index)); }

  /// From the paths within the folder, which may be moved, and the files' sizes.
  std::uint64_t fingerprint() const override;

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace impasto
