#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string>

#include "impasto/base/error.h"
#include "impasto/video/opencv_detail.h"
#include "impasto/video/opencv_motion.h"
#include "impasto/video/video_module.h"

// Films and cameras, in a library of its own: see video_module.h.

namespace impasto {
namespace {

namespace fs = std::filesystem;
constexpr double kUsualRate = 25;

Image to_image(const cv::Mat& bgr) {
  Image image(bgr.cols, bgr.rows);
  cv::Mat rgb(bgr.rows, bgr.cols, CV_8UC3, image.pixels().data());
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return image;
}

/// How far a film's frames are to be turned clockwise, in degrees. OpenCV 4.6.0, and no other
/// version, gives the angle with the wrong sign and would itself turn frames the wrong way.
int angle_of(cv::VideoCapture& capture) {
  capture.set(cv::CAP_PROP_ORIENTATION_AUTO, 0);
  const int angle = static_cast<int>(capture.get(cv::CAP_PROP_ORIENTATION_META));
  constexpr int kFull = 360;
  const bool is_wrong = cv::getVersionString() == "4.6.0";
  return ((is_wrong ? -angle : angle) % kFull + kFull) % kFull;
}

/// Whether a film's container says how many frames there are: AVI's header and MP4's sample table
/// do.
bool counts_frames(const fs::path& path) {
  std::string start(12, '\0');
  std::ifstream(path, std::ios::binary)
      .read(start.data(), static_cast<std::streamsize>(start.size()));
  const bool is_avi = start.starts_with("RIFF") && start.ends_with("AVI ");
  const bool is_mp4 = start.find("ftyp") == 4;
  return is_avi || is_mp4;
}

class Reader final : public VideoReader {
 public:
  /// Reads the first frame, so that `info` is of frames as they come, upright.
  Reader(const cv::VideoCapture& capture, bool is_film) : capture_(capture) {
    if (is_film) angle_ = angle_of(capture_);
    advance();
    if (next_.empty()) return;
    info_.width = next_.cols;
    info_.height = next_.rows;
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    constexpr double kHighestRate = 1000;  // Above it: no rate but a time base.
    info_.frame_rate = rate > 0 && rate <= kHighestRate ? rate : kUsualRate;
    const double frames = is_film ? capture_.get(cv::CAP_PROP_FRAME_COUNT) : 0;
    constexpr double kMostFrames = 1e12;
    info_.frames = frames > 0 && frames < kMostFrames ? std::llround(frames) : 0;
  }

  void set_frames_counted(bool counted) { info_.frames_counted = counted; }

  const VideoInfo& info() const override { return info_; }

  std::optional<Image> read() override {
    if (next_.empty()) return std::nullopt;
    if (next_.cols != info_.width ||
        next_.rows != info_.height) {  // Streams may change their size.
      cv::resize(next_, next_, cv::Size(info_.width, info_.height), 0, 0, cv::INTER_AREA);
    }
    Image image = to_image(next_);
    advance();
    return image;
  }

 private:
  void advance() {
    try {
      if (!capture_.read(next_)) next_.release();
    } catch (const cv::Exception&) {  // Frames that are damaged beyond decoding end the film.
      next_.release();
    }
    if (next_.empty()) return;
    switch (angle_) {
      case 90:
        return cv::rotate(next_, next_, cv::ROTATE_90_CLOCKWISE);
      case 180:
        return cv::rotate(next_, next_, cv::ROTATE_180);
      case 270:
        return cv::rotate(next_, next_, cv::ROTATE_90_COUNTERCLOCKWISE);
      default:
        return;
    }
  }

  cv::VideoCapture capture_;
  int angle_ = 0;
  VideoInfo info_;
  cv::Mat next_;
};

std::unique_ptr<VideoReader> open_film(const fs::path& path) {
  cv::VideoCapture capture;
  try {
    capture.open(path.string(), cv::CAP_FFMPEG);
  } catch (const cv::Exception&) {
    capture.release();
  }
  std::unique_ptr<Reader> reader;
  if (capture.isOpened()) reader = std::make_unique<Reader>(capture, true);
  if (reader == nullptr || reader->info().width == 0) {
    throw FormatError(
        path.string() +
        ": expected a film that FFmpeg reads, found other data, a damaged file or one "
        "that is cut short");
  }
  reader->set_frames_counted(counts_frames(path));
  return reader;
}

std::unique_ptr<VideoReader> open_camera(int index) {
  cv::VideoCapture capture;
  try {
    capture.open(index);
  } catch (const cv::Exception&) {
    capture.release();
  }
  if (!capture.isOpened()) {
    throw IoError(
        "camera " + std::to_string(index) +
        ": cannot be opened: is there one, may it be used, and does no other program use it?");
  }
  auto reader = std::make_unique<Reader>(capture, false);
  if (reader->info().width == 0) {
    throw IoError("camera " + std::to_string(index) + ": expected pictures, found none");
  }
  return reader;
}

class Encoder final : public VideoEncoder {
 public:
  Encoder(const cv::VideoWriter& writer, cv::Size size) : writer_(writer), size_(size) {}

  void write(const Image& frame) override {
    const cv::Mat rgb(
        frame.height(), frame.width(), CV_8UC3, const_cast<std::uint8_t*>(frame.row(0)));
    cv::cvtColor(rgb(cv::Rect(cv::Point(), size_)), bgr_, cv::COLOR_RGB2BGR);
    writer_.write(bgr_);
  }

  void close() override { writer_.release(); }

 private:
  cv::VideoWriter writer_;
  cv::Size size_;
  cv::Mat bgr_;
};

std::unique_ptr<VideoEncoder> encode(
    const fs::path& path, VideoCodec codec, int width, int height, double frame_rate) {
  const int h264 = cv::VideoWriter::fourcc('a', 'v', 'c', '1');
  const int mjpeg = cv::VideoWriter::fourcc('M', 'J', 'P', 'G');
  const cv::Size size(width, height);
  cv::VideoWriter writer;
  try {
    writer.open(
        path.string(), cv::CAP_FFMPEG, codec == VideoCodec::kH264 ? h264 : mjpeg, frame_rate, size);
  } catch (const cv::Exception&) {
    return nullptr;
  }
  if (!writer.isOpened()) return nullptr;
  return std::make_unique<Encoder>(writer, size);
}

/// FFmpeg's own reports go to stderr, where a library has nothing to say. OpenCV asks for errors
/// when it first opens a film, unless the environment says otherwise.
void silence() {
  constexpr const char* kLevel = "OPENCV_FFMPEG_LOGLEVEL";
  if (std::getenv(kLevel) == nullptr) setenv(kLevel, "-8", 0);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
}

/// Runs when libimpasto_video is loaded.
[[maybe_unused]] const bool kRegistered = [] {
  silence();
  register_video({.open_film = open_film,
                  .open_camera = open_camera,
                  .encode = encode,
                  .optical_flows = opencv_flows,
                  .warp = opencv_warp,
                  .visible_pixels = opencv_visible,
                  .likeness = opencv_likeness,
                  .restore_detail = opencv_restore_detail});
  return true;
}();

}  // namespace
}  // namespace impasto
