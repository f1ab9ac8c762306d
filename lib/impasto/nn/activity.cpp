#include "impasto/nn/activity.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstddef>

#include "impasto/nn/evaluating.h"
#include "impasto/nn/layers.h"

namespace impasto {
namespace {

/// Listens to a generator's activation layers while it lives.
class Listener {
 public:
  explicit Listener(const Generator& generator) : generator_(generator) {
    for (const auto& item : generator->named_modules("", /*include_self=*/false)) {
      auto* layer = item.value()->as<ActivationLayer>();
      if (layer == nullptr) continue;
      layer->set_observer([this, place = found_.size()](const at::Tensor& y) {
        const auto active = at::count_nonzero(y > 0).item<std::int64_t>();
        found_[place].share = static_cast<double>(active) / static_cast<double>(y.numel());
      });
      found_.push_back({.layer = item.key()});
    }
  }

  ~Listener() {
    for (const auto& module : generator_->modules(/*include_self=*/false)) {
      if (auto* layer = module->as<ActivationLayer>()) layer->set_observer({});
    }
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const std::vector<LayerActivity>& found() const { return found_; }

 private:
  Generator generator_;
  std::vector<LayerActivity> found_;
};

}  // namespace

std::vector<LayerActivity> measure_activity(Generator generator,
                                            const at::Tensor& images,
                                            const at::Tensor& style_weights) {
  const c10::NoGradGuard no_grad;
  const Evaluating evaluating(generator);
  const Listener listener(generator);
  generator->forward(images, style_weights);
  return listener.found();
}

}  // namespace impasto
