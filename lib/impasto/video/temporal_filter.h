#pragma once

#include "impasto/base/image.h"
#include "impasto/video/motion.h"

namespace impasto {

/// How much of what was goes into what comes, where the earlier frame shows the same: shares from 0
/// to 1. The defaults come out of docs/benchmarks.md.
struct TemporalOptions {
  double input = 0.2;    ///< Of the input before, in the input.
  double output = 0.65;  ///< Of the result before, in the result.

  /// Throws ConfigError for a share that is not from 0 to 1.
  void validate() const;
};

/// Takes flicker out of a film that is stylized frame by frame: what was there a frame ago is
/// carried along with the motion of the film, and mixed into what the network is given and into
/// what it makes. Mixing makes results paler, as details that differ cancel out: they are made as
/// strong again as the network painted them.
///
///     impasto::TemporalFilter steady;
///     while (const auto frame = film->read()) {
///       result->write(steady.after(stylizer(steady.before(*frame))));
///     }
class TemporalFilter {
 public:
  /// Before the first frame of a film. Throws ConfigError as TemporalOptions::validate.
  explicit TemporalFilter(const TemporalOptions& options = {});

  /// What to stylize in place of `frame`, which is RGB. Throws as motion_between.
  Image before(const Image& frame);

  /// The same where the motion since the last frame is known already; an empty one begins a new
  /// film.
  Image before(const Image& frame, const Motion& motion);

  /// The result, from what was made of the above, of the same size. Throws as motion_between.
  Image after(const Image& styled);

 private:
  TemporalOptions options_;
  Motion motion_;
  Image frame_;   // As it came, where its motion is not given.
  Image input_;   // As it was given to the network.
  Image result_;  // Before `after`: of the frame before, carried along.
};

}  // namespace impasto
