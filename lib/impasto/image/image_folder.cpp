#include "impasto/image/image_folder.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/image/image_io.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

class PictureSearch {
 public:
  std::vector<fs::path> run(const fs::path& root) {
    visit(root);
    std::sort(found_.begin(), found_.end(), [](const fs::path& a, const fs::path& b) {
      return a.generic_string() < b.generic_string();
    });
    return std::move(found_);
  }

 private:
  void visit(const fs::path& folder) {
    try {
      if (!visited_.insert(fs::canonical(folder)).second) return;
      std::vector<fs::directory_entry> entries;
      for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry);
      // Of two links to one folder, the same one is taken everywhere.
      std::sort(entries.begin(), entries.end());
      for (const auto& entry : entries) visit_entry(entry);
    } catch (const fs::filesystem_error& error) {
      throw IoError(folder.string() + ": cannot read the folder: " + error.code().message());
    }
  }

  void visit_entry(const fs::directory_entry& entry) {
    if (entry.path().filename().string().starts_with('.')) return;
    std::error_code dangling;
    const fs::file_status status = entry.status(dangling);
    if (fs::is_directory(status)) {
      visit(entry.path());
    } else if (is_picture_file(entry.path()) &&
               (fs::is_regular_file(status) || entry.is_symlink())) {
      // A link to nowhere is kept: it counts as a picture that cannot be read, and is named.
      found_.push_back(entry.path());
    }
  }

  std::set<fs::path> visited_;
  std::vector<fs::path> found_;
};

std::vector<fs::path> find_pictures(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::is_directory(status)) {
    const std::string found = fs::exists(status) ? "a file" : "nothing there";
    throw IoError(folder.string() + ": expected a folder of pictures, found " + found);
  }
  std::vector<fs::path> files = PictureSearch().run(folder);
  if (files.empty()) {
    throw IoError(folder.string() + ": expected pictures, found no file that ends in " +
                  join(picture_extensions()) + " in this folder or below it");
  }
  return files;
}

}  // namespace

ImageFolder::ImageFolder(const fs::path& folder) : PictureFiles(folder, find_pictures(folder)) {}

}  // namespace impasto
