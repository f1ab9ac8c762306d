#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "impasto/base/image.h"
#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"

namespace impasto {

struct BackendOptions {
  std::string device = "auto";  ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  Precision precision = Precision::kAuto;
  int threads = 0;  ///< Compute threads; 0: one a core.
};

/// Something that can run a style model. Const calls may run concurrently.
class Backend {
 public:
  /// Shortest side in pixels of a picture that `run` takes.
  static constexpr int kSmallestSide = 16;

  virtual ~Backend() = default;

  /// RGB in, RGB of the same size out. Sides are at least kSmallestSide. `style_weights` has one
  /// weight a style of the model.
  virtual Image run(const Image& rgb, std::span<const float> style_weights) const = 0;

  /// What runs where, for a log: "libtorch 2.11.0, cpu, bfloat16, 2 threads".
  virtual std::string description() const = 0;
};

using BackendFactory =
    std::function<std::unique_ptr<Backend>(const StyleModel&, const BackendOptions&)>;

/// Makes a backend known under `name`, in place of an earlier one of that name. Called by
/// libimpasto_torch when it is loaded, with "torch". May be called from several threads at once, as
/// the functions below.
void register_backend(const std::string& name, BackendFactory factory);

/// Throws ConfigError that lists the names when none is registered under `name`, and what the
/// factory throws.
std::unique_ptr<Backend> make_backend(const std::string& name,
                                      const StyleModel& model,
                                      const BackendOptions& options);

/// The backend "torch". Loads libimpasto_torch, from beside libimpasto or else from where the
/// system looks, unless a program has linked it. Throws IoError that says what to install.
std::unique_ptr<Backend> make_torch_backend(const StyleModel& model, const BackendOptions& options);

}  // namespace impasto
