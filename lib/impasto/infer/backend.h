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
  virtual ~Backend() = default;

  /// RGB in, RGB of the same size out. Sides are at least 16. `style_weights` has one weight a style of the model.
  virtual Image run(const Image& rgb, std::span<const float> style_weights) const = 0;

  /// What runs where, for a log: "libtorch 2.11.0, cpu, bfloat16, 2 threads".
  virtual std::string description() const = 0;
};

using BackendFactory =
    std::function<std::unique_ptr<Backend>(const StyleModel&, const BackendOptions&)>;

/// Makes a backend known under `name`. Called by libimpasto_torch when it is loaded.
void register_backend(const std::string& name, BackendFactory factory);

/// Loads libimpasto_torch where no program has linked it. Throws IoError that says what to install.
std::unique_ptr<Backend> make_torch_backend(const StyleModel& model, const BackendOptions& options);

}  // namespace impasto
