#include "stylize/batch.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include "cli/guard.h"
#include "cli/interrupt.h"
#include "cli/pipeline.h"
#include "cli/progress_bar.h"
#include "impasto/base/atomic_file.h"
#include "impasto/base/resize.h"
#include "impasto/image/alpha.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_io.h"
#include "stylize/film.h"
#include "stylize/picture_maker.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// "0.8 s", "75 s"
std::string seconds_since(Clock::time_point start) {
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  char text[32];
  std::snprintf(text, sizeof text, elapsed.count() < 10 ? "%.1f s" : "%.0f s", elapsed.count());
  return text;
}

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " picture" : " pictures");
}

struct Result {
  LoadedPhoto photo;
  Picture picture;
  bool in_bands = false;
  Size in_file = {};     ///< Of a picture that is in its file already.
  FilmReport film = {};  ///< Of one that is.
};

class Batch {
 public:
  Batch(const StylizeConfig& config, const Jobs& jobs, Console& console)
      : config_(config),
        jobs_(jobs.jobs),
        several_(jobs.several),
        bar_(console),
        console_(console),
        maker_(make_picture_maker(config)) {
    require_writable_folder(several_ ? config.output
                                     : fs::absolute(jobs_.at(0).output).parent_path());
  }

  std::vector<Failure> run() {
    return run_pipeline(
        jobs_.size(),
        [&](std::size_t i) { return load(i); },
        [&](std::size_t i, LoadedPhoto photo) { return work(i, std::move(photo)); },
        [&](std::size_t i, Result result) { store(i, std::move(result)); },
        interrupted);
  }

  std::size_t written() const { return written_; }
  std::size_t skipped() const { return skipped_; }
  std::string description() const { return maker_->description(); }

 private:
  std::optional<LoadedPhoto> load(std::size_t index) {
    const Job& job = jobs_[index];
    std::error_code absent;
    if (config_.skip_existing && fs::exists(job.output, absent)) {
      ++skipped_;
      if (!several_) std::cout << job.output.string() << ": is there already, skipped\n";
      return std::nullopt;
    }
    LoadedPhoto photo;
    photo.file = job.input;
    if (job.kind != Job::Kind::kPicture) {
      photo.film =
          job.kind == Job::Kind::kCamera ? open_camera(config_.camera) : open_video(job.input);
      return photo;
    }
    photo.rows = open_rows(job.input, scratch_folder(config_));
    if (photo.rows != nullptr) {
      photo.stored = {photo.rows->width(), photo.rows->height()};
      if (maker_->goes_by_rows(*photo.rows)) return photo;
      photo.rows.reset();
    }
    photo.picture = read_picture(job.input, {.keep_alpha = true});
    photo.stored = size_of(photo.picture);
    if (config_.max_side > 0) {
      std::visit([&](auto& image) { image = limit_long_side(image, config_.max_side); },
                 photo.picture.pixels);
    }
    return photo;
  }

  std::optional<Result> work(std::size_t index, LoadedPhoto photo) {
    if (photo.film != nullptr) return work_on_film(index, std::move(photo));
    const auto progress = [&](double done) {
      show(index, done);
      return !interrupted();
    };
    if (photo.rows != nullptr) return work_by_rows(index, std::move(photo), progress);
    auto picture = maker_->make(photo, progress);
    if (!picture) return std::nullopt;
    return Result{.photo = std::move(photo), .picture = std::move(*picture)};
  }

  std::optional<Result> work_on_film(std::size_t index, LoadedPhoto photo) {
    const auto start = Clock::now();
    const std::string name = several_ ? jobs_[index].input.filename().string() : "";
    FilmReport report = stylize_film(
        *photo.film, jobs_[index], config_, *maker_, [&](std::int64_t frames, std::int64_t of) {
          const std::chrono::duration<double> elapsed = Clock::now() - start;
          const double rate = static_cast<double>(frames) / std::max(elapsed.count(), 1e-9);
          bar_.update({.step = frames,
                       .total = of,
                       .terms = name,
                       .rate = rate,
                       .unit = "frames",
                       .eta = static_cast<double>(of - frames) / rate});
        });
    console_.end_status();
    if (report.frames == 0) return std::nullopt;
    return Result{.photo = std::move(photo), .picture = {}, .film = std::move(report)};
  }

  std::optional<Result> work_by_rows(std::size_t index,
                                     LoadedPhoto photo,
                                     const engine::Progress& progress) {
    RowSource& rows = *photo.rows;
    const auto [width, height] = photo.stored;
    const int channels = rows.channels();
    const auto file = create_rows(
        jobs_[index].output, width, height, channels, write_options(), rows.sample_bytes());
    if (file != nullptr) {
      if (!maker_->make(rows, *file, progress)) return std::nullopt;
      return Result{
          .photo = std::move(photo), .picture = {}, .in_bands = true, .in_file = {width, height}};
    }
    // A format that is encoded whole.
    const auto into = [&](auto&& image) -> std::optional<Result> {
      if (!maker_->make(rows, image, progress)) return std::nullopt;
      return Result{.photo = std::move(photo), .picture = {image.take(), {}}, .in_bands = true};
    };
    if (rows.sample_bytes() == 1) return into(ImageSink(width, height, channels));
    return into(BasicImageSink<std::uint16_t>(width, height, channels));
  }

  WriteOptions write_options() const {
    WriteOptions options;
    options.jpeg_quality = config_.jpeg_quality;
    options.webp_quality = config_.webp_quality;
    options.png_compression = config_.png_compression;
    return options;
  }

  void store(std::size_t index, Result result) {
    if (result.film.frames > 0) {
      ++written_;
      if (!several_) std::cout << film_line(jobs_[index], result.film);
      return;
    }
    WriteOptions options = write_options();
    if (config_.keep_metadata) options.metadata = result.photo.picture.metadata;
    if (config_.compare) {
      result.picture.pixels =
          side_by_side(std::vector{on_white(shallow(std::move(result.photo.picture))),
                                   on_white(shallow(std::move(result.picture)))});
    }
    const fs::path& output = jobs_[index].output;
    const bool is_stored = result.in_file != Size();
    if (!is_stored) {
      std::visit([&](const auto& image) { write_image(output, image, options); },
                 result.picture.pixels);
    }
    ++written_;
    if (several_) return;
    const Size size = is_stored ? result.in_file : size_of(result.picture);
    std::cout << output.string() << ": " << size.width << "x" << size.height << " in "
              << seconds_since(start_) << " (" << description()
              << (result.in_bands ? ", in bands" : "") << ")\n";
  }

  std::string film_line(const Job& job, const FilmReport& film) const {
    const std::chrono::duration<double> elapsed = Clock::now() - start_;
    char text[128];
    std::snprintf(text,
                  sizeof text,
                  ": %dx%d, %lld %s at %g a second in %s, %.3g a second (",
                  film.size.width,
                  film.size.height,
                  static_cast<long long>(film.frames),
                  film.frames == 1 ? "frame" : "frames",
                  film.frame_rate,
                  seconds_since(start_).c_str(),
                  static_cast<double>(film.frames) / std::max(elapsed.count(), 1e-9));
    return job.output.string() + text + film.encoding + "; " + description() + ")\n";
  }

  void show(std::size_t index, double done) {
    // A log file is told of a batch alone: most single pictures are done at once.
    if (!several_ && !console_.is_terminal()) return;
    const double position = static_cast<double>(index) + done;
    const std::chrono::duration<double> elapsed = Clock::now() - start_;
    const double rate = position / std::max(elapsed.count(), 1e-9);
    bar_.update({.step = static_cast<std::int64_t>(position),
                 .total = static_cast<std::int64_t>(jobs_.size()),
                 .rate = rate,
                 .eta = (static_cast<double>(jobs_.size()) - position) / rate});
  }

  const StylizeConfig& config_;
  const std::vector<Job>& jobs_;
  const bool several_;
  ProgressBar bar_;
  Console& console_;
  const Clock::time_point start_ = Clock::now();
  const std::unique_ptr<PictureMaker> maker_;
  std::atomic<std::size_t> written_ = 0;
  std::atomic<std::size_t> skipped_ = 0;
};

}  // namespace

int run_batch(const StylizeConfig& config, const Jobs& jobs, Console& console) {
  const auto start = Clock::now();
  catch_interrupts();
  Batch batch(config, jobs, console);
  const std::vector<Failure> failures = batch.run();
  console.end_status();
  std::cout << std::flush;

  const auto complain = [&](const std::string& message) { console.print("stylize: " + message); };
  for (const std::string& message : jobs.unreadable) complain(message);
  for (const Failure& failure : failures) {
    const std::string input = jobs.jobs[failure.index].input.string();
    const bool named = failure.message.find(input) != std::string::npos;
    complain(named ? failure.message : input + ": " + failure.message);
  }
  // A camera has no other end.
  const bool cut_off = interrupted() && config.camera < 0;
  if (cut_off) complain("interrupted");
  if (jobs.several) {
    std::cout << counted(batch.written()) << " written in " << seconds_since(start);
    if (batch.skipped() > 0) std::cout << ", " << batch.skipped() << " skipped";
    if (!failures.empty()) std::cout << ", " << failures.size() << " failed";
    std::cout << " (" << batch.description() << ")\n";
  }
  return failures.empty() && jobs.unreadable.empty() && !cut_off ? kDone : kFailed;
}

}  // namespace impasto::cli
