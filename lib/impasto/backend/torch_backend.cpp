#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <torch/types.h>
#include <torch/version.h>

#include <memory>
#include <string>
#include <type_traits>

#include "impasto/base/error.h"
#include "impasto/infer/backend.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/device.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/nn/torch_error.h"

namespace impasto {
namespace {

/// Runs a model with libtorch. After construction the generator is only read, so that calls may run
/// concurrently.
class TorchBackend final : public Backend {
 public:
  TorchBackend(const StyleModel& model, const BackendOptions& options)
      : device_(resolve_device(options.device)),
        precision_(resolve_precision(options.precision, device_, Purpose::kInference)),
        generator_(make_generator(model)) {
    set_compute_threads(options.threads);
    translating_errors("the model", [&] { generator_->to(device_); });
  }

  /// One piece of work: `progress` is told at its end alone.
  Image run(const Image& rgb,
            std::span<const float> style_weights,
            const engine::Progress& progress) const override {
    const auto styles = static_cast<std::size_t>(generator_->config().styles);
    if (style_weights.size() != styles) {
      throw ConfigError("style weights: expected " + std::to_string(styles) +
                        (styles == 1 ? " number" : " numbers") + ", found " +
                        std::to_string(style_weights.size()));
    }
    const std::string what = "a picture of " + std::to_string(rgb.width()) + "x" +
                             std::to_string(rgb.height()) + " pixels";
    Image result = translating_errors(what, [&] {
      const c10::InferenceMode inference;
      const Autocast autocast(device_, precision_);
      const at::Tensor weights =
          torch::tensor(at::ArrayRef<float>(style_weights.data(), styles)).unsqueeze(0);
      return to_image(generator_->forward(to_tensor(rgb).to(device_), weights));
    });
    return progress && !progress(1.0) ? Image() : result;
  }

  std::string description() const override {
    const std::string text =
        "libtorch " TORCH_VERSION ", " + device_.str() + ", " + precision_name(precision_);
    return device_.is_cpu() ? text + ", " + compute_threads_text() : text;
  }

 private:
  /// Calls `work`, and throws what libtorch throws on in words for a user; `what` is what memory is
  /// needed for.
  template <class Work>
  std::invoke_result_t<Work> translating_errors(const std::string& what, const Work& work) const {
    try {
      return work();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      if (is_out_of_memory(error)) {
        throw OutOfMemoryError("out of memory on " + device_.str() + " for " + what);
      }
      const auto* torch = dynamic_cast<const c10::Error*>(&error);
      throw Error("libtorch on " + device_.str() + ": " +
                  (torch != nullptr ? torch->what_without_backtrace() : error.what()));
    }
  }

  c10::Device device_;
  c10::ScalarType precision_;
  mutable Generator generator_;  // libtorch's forward functions are not const.
};

/// Runs when libimpasto_torch is loaded.
[[maybe_unused]] const bool kRegistered = [] {
  register_backend("torch", [](const StyleModel& model, const BackendOptions& options) {
    return std::make_unique<TorchBackend>(model, options);
  });
  return true;
}();

}  // namespace
}  // namespace impasto
