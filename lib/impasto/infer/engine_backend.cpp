#include "impasto/infer/engine_backend.h"

#include <new>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/engine/engine.h"

namespace impasto {
namespace {

EngineOptions engine_options(const BackendOptions& options) {
  if (options.device != "auto" && options.device != "cpu") {
    throw ConfigError(
        "device: expected auto or cpu, or cuda or cuda:N with the backend torch, found '" +
        options.device + "'");
  }
  if (options.precision == Precision::kFloat16) {
    throw ConfigError("precision: float16 is for CUDA devices, found cpu; use bfloat16 or float32");
  }
  return {.threads = options.threads, .precision = options.precision, .wrap = options.seam_free};
}

constexpr float kStep = 257;  // of 16 bits to one of 8

std::vector<float> to_planes(const Image16& image) {
  const auto pixels = image.pixels();
  const std::size_t plane = pixels.size() / 3;
  std::vector<float> planes(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    planes[i % 3 * plane + i / 3] = static_cast<float>(pixels[i]) / kStep;
  }
  return planes;
}

Image16 from_planes(const std::vector<float>& planes, int width, int height) {
  Image16 image(width, height);
  const auto pixels = image.pixels();
  const std::size_t plane = pixels.size() / 3;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    // Not a number fails both comparisons and becomes 0.
    const float value = planes[i % 3 * plane + i / 3];
    const float clamped = value > 0 ? (value < 255 ? value : 255.0F) : 0.0F;
    pixels[i] = static_cast<std::uint16_t>(clamped * kStep + 0.5F);
  }
  return image;
}

/// Calls `run`, and says of memory that runs out what it was for.
template <class Sample, class Run>
BasicImage<Sample> in_memory(const BasicImage<Sample>& rgb, const Run& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    throw IoError("out of memory for a picture of " + std::to_string(rgb.width()) + "x" +
                  std::to_string(rgb.height()) +
                  " pixels: try a smaller picture (stylize --max-side)");
  }
}

class EngineBackend final : public Backend {
 public:
  EngineBackend(const StyleModel& model, const BackendOptions& options)
      : engine_(model, engine_options(options)) {}

  Image run(const Image& rgb,
            std::span<const float> style_weights,
            const engine::Progress& progress) const override {
    return in_memory(rgb, [&] { return engine_.run(rgb, style_weights, progress); });
  }

  Image16 run16(const Image16& rgb,
                std::span<const float> style_weights,
                const engine::Progress& progress) const override {
    return in_memory(rgb, [&] {
      std::vector<float> planes = to_planes(rgb);
      std::vector<float> result(planes.size());
      const bool finished =
          engine_.run(planes, rgb.width(), rgb.height(), result, style_weights, progress);
      return finished ? from_planes(result, rgb.width(), rgb.height()) : Image16();
    });
  }

  std::uint64_t memory_bytes(int width, int height) const override {
    return engine_.workspace_bytes(width, height);
  }

  bool run_in_bands(RowSource& photo,
                    const engine::RowsDone& done,
                    const BandLimits& limits,
                    std::span<const float> style_weights,
                    const engine::Progress& progress) const override {
    return engine_.run(photo, done, limits, style_weights, progress);
  }

  std::string description() const override { return engine_.description(); }

 private:
  Engine engine_;
};

}  // namespace

std::unique_ptr<Backend> make_engine_backend(const StyleModel& model,
                                             const BackendOptions& options) {
  return std::make_unique<EngineBackend>(model, options);
}

}  // namespace impasto
