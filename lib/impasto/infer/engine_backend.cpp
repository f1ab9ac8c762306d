#include "impasto/infer/engine_backend.h"

#include <new>

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
    return in_memory(rgb, [&] { return engine_.run(rgb, style_weights, progress); });
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
