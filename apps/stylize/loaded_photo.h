#pragma once

#include <filesystem>

#include "impasto/base/image.h"

namespace impasto::cli {

/// A photo as it goes to the network.
struct LoadedPhoto {
  std::filesystem::path file;
  Image image;
  int width = 0;  ///< Of the file's picture, before it was scaled.
  int height = 0;
};

}  // namespace impasto::cli
