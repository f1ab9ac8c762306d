#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <torch/types.h>
#include <torch/version.h>

#include <new>
#include <string>

#include "impasto/base/error.h"
#include "impasto/infer/backend.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/device.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

/// Runs a model with libtorch. The generator is read alone after construction, so calls may run
/// concurrently.
class TorchBackend final : public Backend {
 public:
  TorchBackend(const StyleModel& model, const BackendOptions& options)
      : device_(resolve_device(options.device)),
        precision_(resolve_precision(options.precision, device_, Purpose::kInference)),
        generator_(make_generator(model)) {
    set_compute_threads(options.threads);
    generator_->to(device_);
  }

  Image run(const Image& rgb, std::span<const float> style_weights) const override {
    if (style_weights.size() != static_cast<std::size_t>(generator_->config().styles)) {
      throw ConfigError("style weights: expected " + std::to_string(generator_->config().styles) +
                        " numbers, found " + std::to_string(style_weights.size()));
    }
    try {
      return stylize(rgb, style_weights);
    } catch (const c10::OutOfMemoryError&) {
      throw out_of_memory(rgb);
    } catch (const std::bad_alloc&) {
      throw out_of_memory(rgb);
    } catch (const c10::Error& error) {
      // libtorch's allocator for the CPU has no exception type of its own.
      const std::string message = error.what_without_backtrace();
      if (message.find("DefaultCPUAllocator") != std::string::npos) throw out_of_memory(rgb);
      throw Error("libtorch on " + device_.str() + ": " + message);
    }
  }

  std::string description() const override {
    std::string text = "libtorch " TORCH_VERSION ", " + device_.str() + ", ";
    text +=
        precision_ == c10::kFloat ? "float32" : (precision_ == c10::kHalf ? "float16" : "bfloat16");
    if (device_.is_cpu()) text += ", " + std::to_string(at::get_num_threads()) + " threads";
    return text;
  }

 private:
  Image stylize(const Image& rgb, std::span<const float> style_weights) const {
    const c10::InferenceMode inference;
    const Autocast autocast(device_, precision_);
    const at::Tensor weights =
        torch::tensor(at::ArrayRef<float>(style_weights.data(), style_weights.size())).unsqueeze(0);
    return to_image(generator_->forward(to_tensor(rgb).to(device_), weights));
  }

  IoError out_of_memory(const Image& rgb) const {
    return IoError("there is not enough memory on " + device_.str() + " for a picture of " +
                   std::to_string(rgb.width()) + "x" + std::to_string(rgb.height()) +
                   " pixels: scale it down");
  }

  c10::Device device_;
  c10::ScalarType precision_;
  mutable Generator generator_;
};

[[maybe_unused]] const bool registered = [] {
  register_backend("torch", [](const StyleModel& model, const BackendOptions& options) {
    return std::unique_ptr<Backend>(std::make_unique<TorchBackend>(model, options));
  });
  return true;
}();

}  // namespace
}  // namespace impasto
