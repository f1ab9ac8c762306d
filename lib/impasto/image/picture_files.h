#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/image_source.h"
#include "impasto/image/image_io.h"

namespace impasto {

/// Picture files in a given order.
class PictureFiles : public ImageSource {
 public:
  explicit PictureFiles(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}

  std::size_t size() const override { return files_.size(); }
  std::string name(std::size_t index) const override { return files_.at(index).string(); }
  Image load(std::size_t index) const override { return read_image(files_.at(index)); }

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace impasto
