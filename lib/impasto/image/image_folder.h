#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "impasto/image/picture_files.h"

namespace impasto {

/// What find_pictures passes over.
struct PictureSearch {
  /// A folder that is not entered wherever it is met, such as that of the results; empty: none.
  std::filesystem::path except = {};
  /// Told of a folder below that cannot be read, with a message that names it; the search goes on.
  /// Empty: the message is thrown as IoError.
  std::function<void(const std::string& message)> on_unreadable = {};
};

/// The picture files of a folder tree, in the order and by the rules of ImageFolder. Throws IoError
/// when `folder` is no folder or holds no picture.
std::vector<std::filesystem::path> find_pictures(const std::filesystem::path& folder,
                                                 const PictureSearch& search = {});

/// The picture files of a folder tree, sorted by path so that every machine numbers them alike.
/// Files are told by extension; hidden ones (a leading dot) are left out. Links are followed, each
/// real folder being read once.
class ImageFolder : public PictureFiles {
 public:
  /// Throws IoError when `folder` is not a folder, cannot be read, or holds no picture.
  explicit ImageFolder(const std::filesystem::path& folder);
};

}  // namespace impasto
