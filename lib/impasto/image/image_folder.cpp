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

class Walk {
 public:
  explicit Walk(const PictureSearch& search) : search_(search) {
    // What is not there is not met either. The dot stands for a name after a closing slash.
    std::error_code absent;
    const fs::path folder = fs::canonical(search.except / ".", absent);
    if (!absent) visited_.insert(folder);
  }

  std::vector<fs::path> run(const fs::path& root) {
    visit(root);
    std::sort(found_.begin(), found_.end(), [](const fs::path& a, const fs::path& b) {
      return a.generic_string() < b.generic_string();
    });
    return std::move(found_);
  }

  bool met_unreadable() const { return unreadable_; }

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
      const std::string message =
          folder.string() + ": cannot read the folder: " + error.code().message();
      if (!search_.on_unreadable) throw IoError(message);
      unreadable_ = true;
      search_.on_unreadable(message);
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

  const PictureSearch& search_;
  bool unreadable_ = false;
  std::set<fs::path> visited_;
  std::vector<fs::path> found_;
};

}  // namespace

std::vector<fs::path> find_pictures(const fs::path& folder, const PictureSearch& search) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::is_directory(status)) {
    const std::string found = fs::exists(status) ? "a file" : "nothing there";
    throw IoError(folder.string() + ": expected a folder of pictures, found " + found);
  }
  Walk walk(search);
  std::vector<fs::path> files = walk.run(folder);
  if (files.empty() && !walk.met_unreadable()) {
    throw IoError(folder.string() + ": expected pictures, found no file that ends in " +
                  join(picture_extensions()) + " in this folder or below it");
  }
  return files;
}

ImageFolder::ImageFolder(const fs::path& folder) : PictureFiles(folder, find_pictures(folder)) {}

}  // namespace impasto
