#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/image.h"
#include "impasto/base/row_stream.h"
#include "impasto/base/train_config.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/progress.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// What runs a style model, where and how.
struct BackendOptions {
  /// `auto`, `cpu`, `cuda` or `cuda:N`. `auto` is the CPU with the engine; with libtorch it is CUDA
  /// where there is a device, else the CPU.
  std::string device = "auto";
  /// `auto`: the fastest that is safe on the device. `float16` is for CUDA.
  Precision precision = Precision::kAuto;
  int threads = 0;  ///< Compute threads; 0: one a core.
  /// `engine`, `torch`, another name that is registered, or `auto`: `torch` where `device` asks for
  /// CUDA, `engine` otherwise.
  std::string backend = "auto";
  /// For textures that are laid side by side: every border of a picture continues at the opposite
  /// one, and what comes out tiles as what goes in does. Backend::run then takes sides that are
  /// multiples of 4 alone. The engine alone can do it.
  bool seam_free = false;
  /// Bytes of memory that a picture may take, itself and its result included; 0: half of what is
  /// free when it comes. What needs more is computed in bands of rows, by the engine alone.
  std::uint64_t memory = 0;
  /// Where features go then that do not fit; empty: the system's folder for temporary files.
  std::filesystem::path scratch_folder = {};
};

/// What `Backend::run` throws where the device's memory does not hold the picture.
class OutOfMemoryError : public IoError {
 public:
  using IoError::IoError;
};

/// Something that can run a style model. Const calls may run concurrently.
class Backend {
 public:
  /// Shortest side in pixels of a picture that `run` takes.
  static constexpr int kSmallestSide = 16;

  virtual ~Backend() = default;

  /// RGB in, RGB of the same size out. Sides are at least kSmallestSide. `style_weights` has one
  /// weight a style of the model. `progress`, which may be empty, is told on this thread how much
  /// is done, as often as the backend can; where it returns false, the result is an empty Image.
  /// Throws OutOfMemoryError.
  virtual Image run(const Image& rgb,
                    std::span<const float> style_weights,
                    const engine::Progress& progress) const = 0;

  /// Bytes of memory that `run` takes for a size, beside the two pictures. 0: not known, and the
  /// backend cannot run in bands.
  virtual std::uint64_t memory_bytes(int width, int height) const;

  /// The same picture as `run`'s, by rows and within `limits`; see Engine::run. Returns false where
  /// `progress` stopped it. Throws ConfigError where `memory_bytes` is 0, and as Engine::run.
  virtual bool run_in_bands(RowSource& photo,
                            const engine::RowsDone& done,
                            const BandLimits& limits,
                            std::span<const float> style_weights,
                            const engine::Progress& progress) const;

  /// The same with 16 bits a channel. A backend that does not have it computes with 8.
  virtual Image16 run16(const Image16& rgb,
                        std::span<const float> style_weights,
                        const engine::Progress& progress) const;

  /// What runs where, for a log: "engine, cpu, amx, bfloat16, 2 threads".
  virtual std::string description() const = 0;
};

/// Makes a backend for a model. Throws ConfigError for options that it cannot meet, and IoError for
/// a device that is absent.
using BackendFactory =
    std::function<std::unique_ptr<Backend>(const StyleModel&, const BackendOptions&)>;

/// Makes a backend known under `name`, in place of an earlier one of that name. "engine" is known
/// from the start; libimpasto_torch adds "torch" when it is loaded. May be called from several
/// threads at once, as make_backend.
void register_backend(const std::string& name, BackendFactory factory);

/// The backend that the options name. For "torch", loads libimpasto_torch unless a program has
/// linked it: from beside libimpasto_core, or else from where the system looks. Throws ConfigError
/// that lists the names for an unknown one and for `seam_free` with another than the engine,
/// IoError that says what to install where there is no libimpasto_torch, and what the factory
/// throws.
std::unique_ptr<Backend> make_backend(const StyleModel& model, const BackendOptions& options = {});

}  // namespace impasto
