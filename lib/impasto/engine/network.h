#pragma once

// Private: not installed.

#include <string>
#include <vector>

#include "impasto/engine/buffer.h"
#include "impasto/engine/kernels.h"
#include "impasto/style/style_model.h"

namespace impasto::engine {

/// How a stage computes.
enum class Path {
  kDirect,    ///< Rows of pixels times packed weights.
  kWinograd,  ///< F(4x4, 3x3).
  kOutput,    ///< The last 9x9: a 1x9 product to 27 columns, then a vertical sum.
};

enum class Padding { kReflect, kReplicate, kZero, kWrap };

/// What happens to the input before it is padded.
enum class Resample { kNone, kBilinear };

/// Values that a stage reads: what an earlier stage wrote, normalised and activated, plus a
/// residual. Doing this while reading means that no normalised picture is ever written.
struct Source {
  int stage;  ///< Whose output it is.
  Curve curve = Curve::kNone;
  std::vector<float> slope;  ///< [channels]
  int residual = -1;         ///< Stage that kept what is added; -1: none.
  bool keep = false;         ///< Keep the sum for a later residual.
};

/// One convolution of a stage. Stages that double the resolution have four, one for each parity of
/// the output pixel's row and column; all others have one.
struct Phase {
  int y = 0;  ///< Position in the step x step group of output pixels.
  int x = 0;
  int row = 0;  ///< Where its window starts in the stage's window.
  int column = 0;
  int rows = 1;  ///< Its window.
  int columns = 1;
  /// [3][3][in_channels], or empty. Filters the stage's whole window; `weights` then meet its
  /// result.
  std::vector<float> depthwise;
  Buffer weights;  ///< Packed; on the Winograd path 36 matrices of `point_size` bytes.
  std::size_t point_size = 0;
  std::vector<float> bias;  ///< [out_channels], or empty.
};

/// A convolution with what comes before it and the statistics of what it writes.
struct Stage {
  std::string name;
  Path path = Path::kDirect;
  std::vector<Source> sources;  ///< Side by side in the channels; none: the picture.
  Resample resample = Resample::kNone;
  Padding padding = Padding::kReflect;
  int pad = 0;     ///< Above and left; below and right whatever the window needs.
  int window = 1;  ///< Side of the square that covers every phase's window.
  int stride = 1;
  int step = 1;          ///< 2 where the resolution doubles.
  int in_channels = 0;   ///< Rounded up to kChannelBlock in each source; 3 from the picture.
  int out_channels = 0;  ///< Rounded up.
  std::vector<Phase> phases;
  /// Scale and shift of the instance norm that follows, [styles][out_channels]; empty: none
  /// follows.
  std::vector<float> norm_scale;
  std::vector<float> norm_shift;

  bool measured() const { return !norm_scale.empty(); }
  bool separable() const { return !phases[0].depthwise.empty(); }
};

/// A style model made ready for one set of kernels: weights folded, transformed and packed.
/// Immutable.
struct Network {
  /// `wrap`: every border continues at the opposite one, in all layers.
  Network(const StyleModel& model, const Kernels& kernels, bool winograd, bool wrap = false);

  Output output;
  int styles;
  int margin;  ///< See GeneratorConfig; 0 where pictures wrap around, which have no edge.
  std::vector<Stage> stages;
};

}  // namespace impasto::engine
