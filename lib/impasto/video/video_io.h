#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/base/stylize_config.h"

namespace impasto {

/// What a film says of itself before it is read.
struct VideoInfo {
  int width = 0;            ///< Upright, as frames are returned.
  int height = 0;           ///< Likewise.
  double frame_rate = 0;    ///< Frames a second; 25 where the film or camera does not say.
  std::int64_t frames = 0;  ///< As the file's header has it or its length suggests; 0: not known.
  /// Whether the header counts them, as in AVI and MP4. Else they are guessed from the length,
  /// which is that of the sound where it goes on for longer.
  bool frames_counted = false;
};

/// The pictures of a film or of a camera, one after the other. For one thread at a time.
class VideoReader {
 public:
  virtual ~VideoReader() = default;

  /// Known before the first frame is read.
  virtual const VideoInfo& info() const = 0;

  /// The next frame, RGB, upright; none at the end, or where a film is cut short or no more of it
  /// can be decoded: fewer frames have then come than `info()` promises.
  virtual std::optional<Image> read() = 0;
};

/// Opens any film that OpenCV's FFmpeg reads, with its libraries, which are loaded now
/// (libimpasto_video). A film that is marked as turned comes upright. Throws IoError where the file
/// cannot be opened or libimpasto_video cannot be loaded, and FormatError where no picture comes
/// out of it.
std::unique_ptr<VideoReader> open_video(const std::filesystem::path& path);

/// Opens a camera by its index, from 0. Throws IoError where there is none or it gives no picture.
std::unique_ptr<VideoReader> open_camera(int index);

/// Whether a file is a film: by its first bytes (MP4, MOV, Matroska, WebM, AVI, MPEG, Ogg, FLV,
/// WMV, GIF), or by the extension where it cannot be read. False for picture files.
bool is_video_file(const std::filesystem::path& path);

/// How a film is written.
struct VideoWriteOptions {
  VideoCodec codec = VideoCodec::kAuto;  ///< How frames are encoded.
  /// A film whose sound tracks are copied through by the program `ffmpeg`; empty: silent.
  std::filesystem::path sound_from = {};
};

/// A film that is being written. For one thread at a time.
class VideoWriter {
 public:
  virtual ~VideoWriter() = default;

  /// Appends an RGB frame. Throws ConfigError for one with alpha or of another size than the
  /// film's, and IoError.
  virtual void write(const Image& frame) = 0;

  /// To be called once after the last frame; without it nothing is left behind. What was written
  /// until then is a whole film, however many frames it has; a film of none is an Error. Where the
  /// sound cannot be copied, a warning says so and the film is silent. Throws IoError.
  virtual void finish() = 0;

  virtual int width() const = 0;   ///< Of the frames as they are stored.
  virtual int height() const = 0;  ///< Likewise.

  /// "H.264", "MJPEG" or "PNG".
  virtual std::string encoding() const = 0;
};

/// Opens a film to be written: .mp4, .m4v, .mov, .mkv or .avi, under a temporary name beside `path`
/// until it is finished. Folders are made. H.264 and MJPEG store sides that are even: the last
/// column or row of an odd one is left out. Throws ConfigError for another extension, a rate that
/// is not positive, and sides below 2, and IoError where there is no encoder or the file cannot be
/// made.
std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          double frame_rate,
                                          const VideoWriteOptions& options = {});

/// Frames as PNG files 000001.png, 000002.png ... in `folder`, which is made. Each is whole as soon
/// as it is there; `finish` does nothing. Throws IoError, and ConfigError where the folder holds
/// such a file already: frames of two films must not mix.
std::unique_ptr<VideoWriter> create_frame_folder(const std::filesystem::path& folder,
                                                 int width,
                                                 int height,
                                                 int png_compression = 3);

/// Whether create_video knows the extension, in any case.
bool is_writable_video(const std::filesystem::path& path);

/// Throws ConfigError unless it does: asked before long work.
void require_writable_video(const std::filesystem::path& path);

}  // namespace impasto
