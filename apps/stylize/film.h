#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "impasto/base/stylize_config.h"
#include "impasto/video/video_io.h"
#include "stylize/jobs.h"
#include "stylize/picture_maker.h"

namespace impasto::cli {

/// What became of a film.
struct FilmReport {
  Size size;
  std::int64_t frames = 0;  ///< Written.
  double frame_rate = 0;
  std::string encoding;
};

/// Told after each frame: how many there are, and of how many; 0: not known.
using FilmProgress = std::function<void(std::int64_t frames, std::int64_t of)>;

/// Stylizes `film` into the film or the folder of frames `job.output`, with the sound of
/// `job.input`: decodes, computes and encodes at the same time. Where Ctrl-C stops it, and where
/// the film ends before the end that its header tells (which a warning says), the result has the
/// frames until then. A camera goes on until Ctrl-C, and its film keeps time: a frame is repeated
/// until the next is there. Throws what the steps throw; nothing is left behind then.
FilmReport stylize_film(VideoReader& film,
                        const Job& job,
                        const StylizeConfig& config,
                        PictureMaker& maker,
                        const FilmProgress& progress);

}  // namespace impasto::cli
