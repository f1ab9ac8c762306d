#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "impasto/base/image.h"
#include "impasto/base/row_stream.h"
#include "impasto/base/train_config.h"
#include "impasto/engine/progress.h"
#include "impasto/engine/rows_done.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// How an Engine computes.
struct EngineOptions {
  int threads = 0;  ///< Compute threads, the caller's included; 0: one a core.
  /// `float32`, `bfloat16` (float32 sums and statistics), or `auto`: bfloat16 where the processor
  /// multiplies it in tiles, float32 elsewhere. `float16` is not available.
  Precision precision = Precision::kAuto;
  /// `auto`, or the best instruction set to use: `portable`, `avx2`, `avx512` or `amx`. The
  /// environment variable IMPASTO_ISA stands in for `auto`.
  std::string isa = "auto";
  /// Winograd's products for 3x3 convolutions in float32: half the time, and rounding of up to 0.05
  /// on the scale of 0 to 255 instead of 0.001.
  bool winograd = true;
  /// Every border continues at the opposite one, as in a texture that is laid side by side: what
  /// comes out tiles as what goes in does. Sides are then multiples of 4.
  bool wrap = false;
};

/// What a run in bands may use.
struct BandLimits {
  std::uint64_t memory = 0;  ///< Bytes, without the weights and what the source takes.
  /// Where features go that do not fit in it; empty: the system's folder for temporary files.
  std::filesystem::path scratch_folder = {};
};

/// What a run in bands takes, in bytes.
struct BandNeeds {
  std::uint64_t memory = 0;   ///< Within BandLimits::memory.
  std::uint64_t scratch = 0;  ///< On disk; 0: no file is made.
};

/// Runs a style model on the CPU. One object holds the weights, packed for the processor; plans and
/// memory for the picture sizes used last are kept, so that a further picture of such a size
/// allocates nothing.
///
/// Const calls may run concurrently. Those of an engine with one thread run at the same time, on
/// their callers' threads; with more threads they take turns.
class Engine {
 public:
  /// Throws FormatError for a model that is not valid, and ConfigError for options that this
  /// machine cannot meet, or the model, whose upsampling must not be bilinear to be wrapped.
  explicit Engine(const StyleModel& model, const EngineOptions& options = {});
  ~Engine();
  /// Leaves the other without a model: it may only be destroyed or assigned to.
  Engine(Engine&&) noexcept;
  /// Likewise.
  Engine& operator=(Engine&&) noexcept;

  /// The picture restyled: RGB of the same size; alpha is dropped. Sides are at least 16.
  /// `style_weights` has a weight a style of the model; empty means the first style alone.
  /// `progress` is called on this thread; where it returns false, the result is an empty Image.
  /// Throws ConfigError for a side or a number of weights that does not fit.
  Image run(const Image& image,
            std::span<const float> style_weights = {},
            const engine::Progress& progress = {}) const;

  /// The same with 16 bits a channel.
  Image16 run(const Image16& image,
              std::span<const float> style_weights = {},
              const engine::Progress& progress = {}) const;

  /// The same on float32 planes [3][height][width] in [0,255], not rounded and not clamped. Returns
  /// false where `progress` stopped it.
  bool run(std::span<const float> planes,
           int width,
           int height,
           std::span<float> result,
           std::span<const float> style_weights = {},
           const engine::Progress& progress = {}) const;

  /// The same on interleaved bytes: `pixels` is [height][width][channels] with 3 or 4 channels,
  /// `result` [height][width][3]. Returns false where `progress` stopped it.
  bool run(std::span<const std::uint8_t> pixels,
           int width,
           int height,
           int channels,
           std::span<std::uint8_t> result,
           std::span<const float> style_weights = {},
           const engine::Progress& progress = {}) const;

  /// The same for a picture of any height in bands of rows, in limited memory: the result is that
  /// of the other calls up to rounding, because the norms' statistics are those of the whole
  /// picture. For that `source` is read up to five times, and the full resolution computed again
  /// for each layer that is measured, which takes half to three quarters as long again. Kept of the
  /// picture are two layers at a quarter of the resolution, each of 512 bytes for 16 pixels with
  /// the default network in float32: in memory where they fit, else in a scratch file.
  ///
  /// `done` is given the result from top to bottom, on this thread. Throws ConfigError where the
  /// memory does not hold the smallest band or the engine wraps pictures around, IoError where the
  /// disk has no room, and what `source` and `done` throw.
  bool run(RowSource& source,
           const engine::RowsDone& done,
           const BandLimits& limits,
           std::span<const float> style_weights = {},
           const engine::Progress& progress = {}) const;

  /// What that takes for a picture with 3 or 4 channels, of 1 or 2 bytes a sample. Throws
  /// ConfigError as it does.
  BandNeeds band_needs(
      int width, int height, int channels, const BandLimits& limits, int sample_bytes = 1) const;

  /// Makes the plan and reserves the memory for a size ahead of the first run.
  void prepare(int width, int height) const;

  /// What runs where, for a log: "engine, cpu, amx, bfloat16, 2 threads".
  std::string description() const;

  /// The path that each layer takes for a size, a line each, and the memory.
  std::string describe_plan(int width, int height) const;

  /// Bytes of working memory for a size, without the weights.
  std::size_t workspace_bytes(int width, int height) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
