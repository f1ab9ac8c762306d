#include <unistd.h>

#include <atomic>
#include <cmath>
#include <string>
#include <system_error>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/text.h"
#include "impasto/video/film_sound.h"
#include "impasto/video/sound_track.h"
#include "impasto/video/video_io.h"
#include "impasto/video/video_module.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

/// A name beside `path` with the extension that says the format to the encoder; whatever is there
/// goes with the object.
class TemporaryName {
 public:
  explicit TemporaryName(const fs::path& path) {
    static std::atomic<unsigned> counter{0};
    path_ = path.parent_path() / (".impasto-film-" + std::to_string(getpid()) + "-" +
                                  std::to_string(counter++) + path.extension().string());
  }
  ~TemporaryName() {
    std::error_code absent;
    fs::remove(path_, absent);
  }
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;

  // NOLINTNEXTLINE(google-explicit-constructor): it stands for its path.
  operator const fs::path&() const { return path_; }

 private:
  fs::path path_;
};

bool is_avi(const fs::path& path) { return lower_case(path.extension().string()) == ".avi"; }

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

class FilmFile final : public VideoWriter {
 public:
  FilmFile(const fs::path& path,
           int width,
           int height,
           double frame_rate,
           const VideoWriteOptions& options)
      : path_(path),
        target_(fs::absolute(path)),
        temporary_(target_),
        width_(width),
        height_(height),
        frame_rate_(frame_rate),
        sound_from_(options.sound_from) {
    require_writable_folder(target_.parent_path());
    std::error_code absent;
    if (fs::is_directory(target_, absent)) {
      throw IoError(path.string() + ": cannot write: it is a folder");
    }
    const bool may_be_h264 =
        options.codec == VideoCodec::kH264 || (options.codec == VideoCodec::kAuto && !is_avi(path));
    if (may_be_h264) open(VideoCodec::kH264);
    if (encoder_ == nullptr && options.codec != VideoCodec::kH264) open(VideoCodec::kMjpeg);
    if (encoder_ == nullptr) {
      throw IoError(path.string() +
                    ": cannot write: the disk is full, or OpenCV's FFmpeg has no encoder for " +
                    (options.codec == VideoCodec::kH264 ? "H.264" : "H.264 nor MJPEG") + " of " +
                    size_text(this->width(), this->height()));
    }
  }

  void write(const Image& frame) override {
    if (frame.width() != width_ || frame.height() != height_ || frame.has_alpha()) {
      throw ConfigError(path_.string() + ": expected RGB frames of " + size_text(width_, height_) +
                        ", found " + size_text(frame.width(), frame.height()) + " with " +
                        std::to_string(frame.channels()) + " channels");
    }
    encoder_->write(frame);
    ++frames_;
  }

  void finish() override {
    if (frames_ == 0) throw IoError(path_.string() + ": expected frames to write, found none");
    encoder_->close();
    require_whole();
    const TemporaryName with_sound(target_);
    const bool has_sound = !sound_from_.empty() && may_have_sound(sound_from_);
    const bool joined = has_sound && join(with_sound);
    std::error_code error;
    fs::rename(joined ? with_sound : temporary_, target_, error);
    if (error) throw IoError(path_.string() + ": cannot write: " + error.message());
  }

  int width() const override { return width_ & ~1; }
  int height() const override { return height_ & ~1; }
  std::string encoding() const override {
    return encoding_ == VideoCodec::kH264 ? "H.264" : "MJPEG";
  }

 private:
  void open(VideoCodec codec) {
    encoder_ =
        video_module(path_.string()).encode(temporary_, codec, width(), height(), frame_rate_);
    encoding_ = codec;
  }

  // The encoder does not tell of a disk that is full.
  void require_whole() const {
    std::int64_t found = 0;
    try {
      found = open_video(temporary_)->info().frames;
    } catch (const Error&) {
      // No index was written.
    }
    // Matroska says how long it is, not how many frames it has.
    if (std::abs(found - frames_) <= 1 + frames_ / 100) return;
    throw IoError(path_.string() + ": cannot write: of " + std::to_string(frames_) + " frames " +
                  std::to_string(found) + " can be read back; is the disk full?");
  }

  bool join(const fs::path& with_sound) const {
    const auto without_sound = [&](const std::string& reason) {
      log_warning(path_.string() + ": without the sound of " + sound_from_.string() + ": " +
                  reason);
      return false;
    };
    if (!has_ffmpeg()) return without_sound("the program ffmpeg is not installed");
    // A film that was stopped takes the sound that goes with it and no more.
    const bool stopped = frames_ < open_video(sound_from_)->info().frames;
    const double seconds = static_cast<double>(frames_) / frame_rate_;
    const std::string failure =
        join_sound(temporary_, sound_from_, with_sound, stopped ? seconds : 0);
    return failure.empty() || without_sound("ffmpeg: " + failure);
  }

  fs::path path_;
  fs::path target_;
  TemporaryName temporary_;
  int width_ = 0;
  int height_ = 0;
  double frame_rate_ = 0;
  fs::path sound_from_;
  std::unique_ptr<VideoEncoder> encoder_;  // Goes before its file does.
  VideoCodec encoding_ = VideoCodec::kAuto;
  std::int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<VideoWriter> create_video(const fs::path& path,
                                          int width,
                                          int height,
                                          double frame_rate,
                                          const VideoWriteOptions& options) {
  require_writable_video(path);
  if (width < 2 || height < 2) {
    throw ConfigError(path.string() + ": expected frames of at least 2x2 pixels, found " +
                      size_text(width, height));
  }
  if (!(frame_rate > 0) || !std::isfinite(frame_rate)) {
    throw ConfigError(path.string() + ": expected a positive frame rate, found " +
                      std::to_string(frame_rate));
  }
  return std::make_unique<FilmFile>(path, width, height, frame_rate, options);
}

}  // namespace impasto
