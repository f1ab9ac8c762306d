#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/base/row_stream.h"
#include "impasto/infer/backend.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// Device, precision, threads, backend and memory.
using StylizerOptions = BackendOptions;

/// Applies a trained style to pictures. Const after construction; several threads may call one
/// Stylizer.
///
/// A picture that the memory of a GPU does not hold (OutOfMemoryError from the backend) is computed
/// on the CPU, in bands where it has to, after a warning in the log.
///
///     const auto stylizer = impasto::Stylizer::load("great_wave.safetensors", {.device = "auto"});
///     impasto::write_image("out.png", stylizer(impasto::read_image("harbour.jpg")));
class Stylizer {
 public:
  /// Throws IoError or FormatError for the file, ConfigError for the options.
  static Stylizer load(const std::filesystem::path& model, const StylizerOptions& options = {});

  /// Of a model in memory. Throws FormatError for one that is not valid, ConfigError for the
  /// options.
  explicit Stylizer(StyleModel model, const StylizerOptions& options = {});

  /// With a backend that the application has made itself for `model`. Throws ConfigError without
  /// one.
  Stylizer(StyleModel model, std::unique_ptr<const Backend> backend);

  /// The picture restyled: same size, alpha kept. `style` is a name from `styles()`, "" for the
  /// first. Pictures with a side below 16 are extended by mirroring and cropped again. With
  /// `seam_free` they are repeated instead, and sides that are no multiples of 4 are scaled up to
  /// the next one, around the borders (resize_tile), and back. `progress` is told how much is done,
  /// on this thread; where it returns false, the result is an empty Image. Throws ConfigError for
  /// an unknown style and for an empty picture.
  Image operator()(const Image& image,
                   const std::string& style = "",
                   const engine::Progress& progress = {}) const;

  /// The same with a mix of styles: one weight a style, in the order of `styles()`; 0.7 and 0.3 are
  /// mostly the first. Throws ConfigError for another number of weights.
  Image operator()(const Image& image,
                   std::span<const float> style_weights,
                   const engine::Progress& progress = {}) const;

  /// The same with 16 bits a channel.
  Image16 operator()(const Image16& image,
                     std::span<const float> style_weights,
                     const engine::Progress& progress = {}) const;

  /// The same from top to bottom, for pictures that need not fit in memory: whole where they do,
  /// else in bands of rows, with the same result up to rounding (see Engine::run). Both streams
  /// have one size, number of channels and depth. Returns false where `progress` stopped it;
  /// `result` is then not finished. Throws ConfigError for streams that differ or memory that does
  /// not hold the smallest band, IoError where the scratch file has no room, and what the streams
  /// throw.
  bool operator()(RowSource& photo,
                  RowSink& result,
                  const std::string& style = "",
                  const engine::Progress& progress = {}) const;

  /// The same with a mix of styles.
  bool operator()(RowSource& photo,
                  RowSink& result,
                  std::span<const float> style_weights,
                  const engine::Progress& progress = {}) const;

  /// The same for an application that does more with the rows: `done` is given those of the result,
  /// RGB, and of the photo, both as deep as the photo. `taken`: bytes of the memory allowed that
  /// what `done` does takes.
  bool operator()(RowSource& photo,
                  const engine::RowsDone& done,
                  std::span<const float> style_weights,
                  const engine::Progress& progress = {},
                  std::uint64_t taken = 0) const;

  /// Whether a picture is stylized in one piece: whether the network's memory, the picture and its
  /// result are within `StylizerOptions::memory`, or the backend knows no bands.
  bool fits(int width, int height, int channels, int sample_bytes = 1) const;

  /// Names of the model's styles.
  const std::vector<std::string>& styles() const { return model_.styles; }

  /// What runs where, for a log.
  std::string description() const { return backend_->description(); }

 private:
  std::vector<float> weights_of(const std::string& style) const;
  void require_valid(bool empty, std::span<const float> style_weights) const;
  template <class Work>
  auto or_on_cpu(const Work& work) const;
  template <class Sample>
  BasicImage<Sample> run(const BasicImage<Sample>& image,
                         std::span<const float> style_weights,
                         const engine::Progress& progress) const;
  bool run(RowSource& photo,
           const engine::RowsDone& done,
           std::span<const float> style_weights,
           const engine::Progress& progress,
           std::uint64_t taken) const;
  template <class Sample>
  bool run_whole(RowSource& photo,
                 const engine::RowsDone& done,
                 std::span<const float> style_weights,
                 const engine::Progress& progress) const;
  template <class Sample>
  BasicImage<Sample> run_whole(const BasicImage<Sample>& image,
                               std::span<const float> style_weights,
                               const engine::Progress& progress) const;

  bool seam_free_ = false;
  std::uint64_t memory_ = 0;
  std::filesystem::path scratch_folder_;
  /// Without its tensors where the backend knows bands: it holds them in a form of its own.
  StyleModel model_;
  std::shared_ptr<const Backend> backend_;
};

}  // namespace impasto
