#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/image/image_io.h"
#include "impasto/video/video_io.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

bool is_frame_name(const fs::path& name) {
  const std::string stem = name.stem().string();
  return name.extension() == ".png" && !stem.empty() &&
         std::ranges::all_of(stem, [](unsigned char c) { return std::isdigit(c) != 0; });
}

class FrameFolder final : public VideoWriter {
 public:
  FrameFolder(fs::path folder, int width, int height, int png_compression)
      : folder_(std::move(folder)), width_(width), height_(height) {
    options_.png_compression = png_compression;
    options_.validate();
    require_writable_folder(folder_);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
      if (!is_frame_name(entry.path().filename())) continue;
      throw ConfigError(folder_.string() + ": expected a folder without frames, found " +
                        entry.path().filename().string() + "; give another or empty it");
    }
    if (error) {
      throw IoError(folder_.string() + ": cannot read the folder: " + error.message());
    }
  }

  void write(const Image& frame) override {
    char name[32];
    std::snprintf(name, sizeof name, "%06lld.png", static_cast<long long>(++frames_));
    write_image(folder_ / name, frame, options_);
  }

  void finish() override {}

  int width() const override { return width_; }
  int height() const override { return height_; }
  std::string encoding() const override { return "PNG"; }

 private:
  fs::path folder_;
  int width_ = 0;
  int height_ = 0;
  WriteOptions options_;
  std::int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<VideoWriter> create_frame_folder(const fs::path& folder,
                                                 int width,
                                                 int height,
                                                 int png_compression) {
  return std::make_unique<FrameFolder>(folder, width, height, png_compression);
}

}  // namespace impasto
