#include "stylize/film.h"

#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/interrupt.h"
#include "cli/stream.h"
#include "impasto/base/log.h"
#include "impasto/base/resize.h"

namespace impasto::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Frame {
  LoadedPhoto photo;
  std::int64_t number = 0;  ///< Its place in the result.
};

struct Result {
  Image picture;
  std::int64_t number = 0;
};

/// Of a film that is whole. Sound may go on for a little longer than the pictures.
std::int64_t least_frames(const VideoInfo& info) {
  constexpr double kSoundAlone = 0.5;  // Seconds.
  if (info.frames_counted) return info.frames;
  return info.frames - std::llround(kSoundAlone * info.frame_rate);
}

class Film {
 public:
  Film(VideoReader& film,
       const Job& job,
       const StylizeConfig& config,
       PictureMaker& maker,
       const FilmProgress& progress)
      : film_(film), job_(job), config_(config), maker_(maker), progress_(progress) {}

  FilmReport run() {
    run_stream([&] { return load(); },
               [&](Frame frame) { return work(std::move(frame)); },
               [&](Result result) { store(std::move(result)); },
               interrupted);
    const VideoInfo& info = film_.info();
    if (writer_ != nullptr) writer_->finish();
    if (ended_ && read_ < least_frames(info)) {
      log_warning(job_.input.string() + ": the film ends after " + std::to_string(read_) + " of " +
                  std::to_string(info.frames) + " frames: is the file cut short or damaged?");
    }
    if (writer_ == nullptr) return {};
    return {.size = {writer_->width(), writer_->height()},
            .frames = written_,
            .frame_rate = info.frame_rate,
            .encoding = writer_->encoding()};
  }

 private:
  bool is_camera() const { return job_.kind == Job::Kind::kCamera; }

  std::optional<Frame> load() {
    std::optional<Image> image = film_.read();
    if (!image) {
      ended_ = true;
      return std::nullopt;
    }
    Frame frame;
    frame.number = is_camera() ? place_now() : read_;
    ++read_;
    frame.photo.file = job_.input;
    frame.photo.stored = {image->width(), image->height()};
    if (config_.max_side > 0) image = limit_long_side(*image, config_.max_side);
    if (config_.temporal) {
      frame.photo.motion = before_.empty() ? Motion() : motion_between(before_, *image);
      before_ = *image;
    }
    frame.photo.picture.pixels = std::move(*image);
    return frame;
  }

  // Of a frame that a camera gives now.
  std::int64_t place_now() {
    if (!start_) start_ = Clock::now();
    const std::chrono::duration<double> time = Clock::now() - *start_;
    return std::llround(time.count() * film_.info().frame_rate);
  }

  std::optional<Result> work(Frame frame) {
    auto made = maker_.make(frame.photo, [](double) { return !interrupted(); });
    if (!made) return std::nullopt;
    Image picture = shallow(std::move(*made));
    if (config_.compare) {
      picture =
          side_by_side(std::vector{shallow(std::move(frame.photo.picture)), std::move(picture)});
    }
    return Result{std::move(picture), frame.number};
  }

  void store(Result result) {
    if (writer_ == nullptr) open_writer(result.picture);
    for (; written_ < result.number; ++written_) writer_->write(last_);  // The camera was faster.
    if (written_ == result.number) {
      writer_->write(result.picture);
      ++written_;
    }
    if (is_camera()) last_ = std::move(result.picture);
    progress_(written_, film_.info().frames);
  }

  void open_writer(const Image& first) {
    const int width = first.width(), height = first.height();
    if (config_.frames) {
      writer_ = create_frame_folder(job_.output, width, height, config_.png_compression);
      return;
    }
    VideoWriteOptions options{.codec = config_.video_codec};
    if (!is_camera()) options.sound_from = job_.input;
    writer_ = create_video(job_.output, width, height, film_.info().frame_rate, options);
  }

  VideoReader& film_;
  const Job& job_;
  const StylizeConfig& config_;
  PictureMaker& maker_;
  const FilmProgress& progress_;

  // Of the loading thread.
  std::int64_t read_ = 0;
  bool ended_ = false;
  Image before_;  // The frame before, where flicker is to be reduced.
  std::optional<Clock::time_point> start_;

  // Of the storing thread.
  std::unique_ptr<VideoWriter> writer_;
  std::int64_t written_ = 0;
  Image last_;
};

}  // namespace

FilmReport stylize_film(VideoReader& film,
                        const Job& job,
                        const StylizeConfig& config,
                        PictureMaker& maker,
                        const FilmProgress& progress) {
  return Film(film, job, config, maker, progress).run();
}

}  // namespace impasto::cli
