#include "impasto/train/direct_optimization.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/device.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/descent.h"
#include "impasto/train/pictures.h"
#include "impasto/train/torch_faults.h"

namespace impasto {
namespace {

// The smallest picture that a level works on: of less, the deep layers would see nothing.
constexpr std::int64_t kSmallestSide = 16;

constexpr const char* kOutOfMemory =
    "out of memory: lower max_side, or history, of which each step takes the memory of two "
    "pictures";

std::int64_t share_of(std::int64_t side, double share) {
  return std::max<std::int64_t>(1, std::llround(share * static_cast<double>(side)));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

class DirectOptimizer::Impl {
 public:
  Impl(const OptimizeConfig& config, LossNetwork network)
      : config_((config.validate(), config)),
        device_(resolve_device(config.device)),
        network_(std::move(network)) {
    set_compute_threads(config.threads);
    network_->to(device_);
    // Wrong layer names are found here, not after the photo has been read.
    PerceptualLoss(network_, config_.loss);
  }

  Image run(const Image& photo_image, const Image& painting_image) {
    const at::Tensor photo = to_tensor(photo_image).to(device_);
    const std::int64_t style_size = config_.style_size > 0
                                        ? config_.style_size
                                        : std::min(photo_image.width(), photo_image.height());
    const at::Tensor painting = with_short_side(painting_image, style_size).to(device_);
    require_room(photo_image);

    start_ = std::chrono::steady_clock::now();
    at::Tensor picture =
        config_.init == DescentStart::kContent
            ? photo
            : noise_picture(photo.size(2), photo.size(3), config_.seed).to(device_);
    for (int level = 1; level <= config_.levels && !stopped_; ++level) {
      picture = paint(level, picture, photo, painting);
    }
    return to_image(scaled(picture, photo.size(2), photo.size(3)));
  }

  std::string description() const {
    return "libtorch " TORCH_VERSION ", " + device_.str() + ", float32, " + compute_threads_text() +
           "; " + network_->architecture() + ", " +
           (config_.optimizer == DescentMethod::kLbfgs ? "lbfgs" : "adam");
  }

  std::function<Flow(const OptimizeReport&)> callback_;

 private:
  // Of the full size.
  double share(int level) const { return std::exp2(level - config_.levels); }

  void require_room(const Image& photo) const {
    const std::int64_t side = share_of(std::min(photo.width(), photo.height()), share(1));
    if (side >= kSmallestSide) return;
    const std::string size = std::to_string(photo.width()) + "x" + std::to_string(photo.height());
    throw ConfigError(config_.levels == 1
                          ? "photo: expected sides of at least " + std::to_string(kSmallestSide) +
                                " pixels, found " + size
                          : "levels: expected fewer than " + std::to_string(config_.levels) +
                                " for a photo of " + size + ": the coarsest would have a side of " +
                                std::to_string(side) + " pixels, at least " +
                                std::to_string(kSmallestSide) + " are needed");
  }

  at::Tensor paint(int level,
                   const at::Tensor& picture,
                   const at::Tensor& photo,
                   const at::Tensor& painting) {
    const auto at_level = [&](const at::Tensor& full) {
      return scaled(
          full, share_of(full.size(2), share(level)), share_of(full.size(3), share(level)));
    };
    const at::Tensor content = at_level(photo);
    PerceptualLoss loss(network_, config_.loss);
    loss.calibrate({at_level(painting)}, content);
    level_start_ = std::chrono::steady_clock::now();
    return descend(
        scaled(picture, content.size(2), content.size(3)),
        [&](const at::Tensor& candidate) { return loss(candidate, content, {0}); },
        {.method = config_.optimizer,
         .evaluations = config_.iterations,
         .history = config_.history,
         .learning_rate = config_.learning_rate},
        [&](const DescentReport& report) {
          stopped_ = callback_ && callback_(full_report(level, report)) == Flow::kStop;
          return stopped_ ? Flow::kStop : Flow::kContinue;
        });
  }

  OptimizeReport full_report(int level, const DescentReport& report) const {
    const double at_level = seconds_since(level_start_);
    const double per_evaluation = at_level / static_cast<double>(report.evaluation);
    // An evaluation of a level takes four times that of the one before.
    double left = static_cast<double>(config_.iterations - report.evaluation);
    for (int later = level + 1; later <= config_.levels; ++later) {
      left += std::pow(4.0, later - level) * static_cast<double>(config_.iterations);
    }
    return {.evaluation = (level - 1) * config_.iterations + report.evaluation,
            .total = config_.levels * config_.iterations,
            .level = level,
            .loss = report.loss,
            .best = report.best,
            .evaluations_per_second = 1 / per_evaluation,
            .seconds = seconds_since(start_),
            .eta = per_evaluation * left};
  }

  const OptimizeConfig config_;
  const c10::Device device_;
  LossNetwork network_;
  bool stopped_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point level_start_;
};

DirectOptimizer::DirectOptimizer(const OptimizeConfig& config, LossNetwork loss_network) {
  try {
    impl_ = std::make_unique<Impl>(config, std::move(loss_network));
  } catch (...) {
    rethrow_for_user(kOutOfMemory);
  }
}

DirectOptimizer::~DirectOptimizer() = default;

void DirectOptimizer::on_evaluation(std::function<Flow(const OptimizeReport&)> callback) {
  impl_->callback_ = std::move(callback);
}

Image DirectOptimizer::run(const Image& photo, const Image& painting) {
  try {
    return impl_->run(photo, painting);
  } catch (...) {
    rethrow_for_user(kOutOfMemory);
  }
}

std::string DirectOptimizer::description() const { return impl_->description(); }

}  // namespace impasto
