#include "impasto/image/coco_images.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Only `images[].file_name` is kept: the instance annotations of COCO 2014 are half a gigabyte of
// outlines.
Json parse_annotations(const std::string& text, const std::string& where) {
  const auto keep = [](int depth, Json::parse_event_t event, Json& value) {
    constexpr int kTop = 1, kPicture = 3;
    if (event != Json::parse_event_t::key) return true;
    if (depth == kTop) return value == "images";
    return depth != kPicture || value == "file_name";
  };
  try {
    return Json::parse(text, keep);
  } catch (const Json::exception& error) {
    throw FormatError(where + ": not a JSON file: " + error.what());
  }
}

bool stays_inside(const fs::path& path) {
  return path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

fs::path file_name(const Json& picture, std::size_t index, const std::string& where) {
  const std::string place = where + ": images[" + std::to_string(index) + "].file_name";
  const auto found = picture.is_object() ? picture.find("file_name") : picture.end();
  if (!picture.is_object() || found == picture.end() || !found->is_string()) {
    throw FormatError(place + ": expected a text");
  }
  const auto& text = found->get_ref<const std::string&>();
  if (text.empty() || !stays_inside(text)) {
    throw FormatError(place + ": expected a path inside the picture folder, found '" + text + "'");
  }
  return text;
}

std::vector<fs::path> listed_pictures(const fs::path& folder, const fs::path& annotations) {
  const std::string where = annotations.string();
  const std::string text = read_text_file(annotations);
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw IoError(folder.string() + ": expected the folder of the pictures in " + where);
  }
  const Json root = parse_annotations(text, where);
  const auto images = root.is_object() ? root.find("images") : root.end();
  if (!root.is_object() || images == root.end() || !images->is_array()) {
    throw FormatError(where + ": expected a COCO annotation file with a list 'images'");
  }
  std::vector<fs::path> files;
  files.reserve(images->size());
  for (std::size_t i = 0; i < images->size(); ++i) {
    files.push_back(folder / file_name((*images)[i], i, where));
  }
  if (files.empty()) throw FormatError(where + ": expected pictures, found an empty list 'images'");
  const bool any = std::any_of(
      files.begin(), files.end(), [&](const fs::path& file) { return fs::exists(file, error); });
  if (!any) {
    throw IoError(folder.string() + ": holds none of the " + std::to_string(files.size()) +
                  " pictures in " + where + ", the first of which is " + files[0].string());
  }
  return files;
}

}  // namespace

CocoImages::CocoImages(const fs::path& folder, const fs::path& annotations)
    : PictureFiles(folder, listed_pictures(folder, annotations)) {}

}  // namespace impasto
