#include "impasto/train/trainer.h"

#include <ATen/ATen.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/device.h"
#include "impasto/nn/generator.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/batch_loader.h"
#include "impasto/train/faults.h"
#include "impasto/train/gradients.h"
#include "impasto/train/random_streams.h"
#include "impasto/train/schedule.h"
#include "impasto/train/step_clock.h"

namespace impasto {
namespace {

// Photos that feature scales are measured on, whole batches of them, and that samples show.
constexpr std::int64_t kFirstPhotos = 4;

c10::Device prepare_device(const RunConfig& run) {
  const auto device = resolve_device(run.device);
  set_compute_threads(run.threads);
  return device;
}

Generator seeded_generator(const TrainConfig& config, const c10::Device& device) {
  torch::manual_seed(static_cast<std::uint64_t>(config.data.seed));
  Generator generator(config.generator);
  generator->to(device);
  return generator;
}

// Channels last, as photos and the generator's pictures are. On one core with AMX a step on one
// picture of 256x256 takes 0.44 s of CPU time then instead of 0.49 in bfloat16, and as long in
// float32.
LossNetwork prepared(LossNetwork network, const c10::Device& device) {
  network->to(device);
  for (auto& weight : network->buffers()) {
    if (weight.dim() == 4) {
      weight.set_data(weight.detach().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
  return network;
}

torch::optim::Adam make_optimizer(const Generator& generator, const OptimizerConfig& config) {
  return torch::optim::Adam(generator->parameters(),
                            torch::optim::AdamOptions(config.learning_rate)
                                .betas(std::make_tuple(config.beta1, config.beta2)));
}

// [1,3,h,w] with a short side of `side`.
at::Tensor scaled_painting(const Image& painting, int side, const c10::Device& device) {
  const double factor = static_cast<double>(side) / std::min(painting.width(), painting.height());
  const std::int64_t height =
      std::max<std::int64_t>(side, std::llround(factor * painting.height()));
  const std::int64_t width = std::max<std::int64_t>(side, std::llround(factor * painting.width()));
  return at::_upsample_bilinear2d_aa(to_tensor(painting), {height, width}, /*align_corners=*/false)
      .to(device);
}

std::vector<at::Tensor> scaled_paintings(const std::vector<Image>& paintings,
                                         const TrainConfig& config,
                                         const c10::Device& device) {
  if (paintings.size() != static_cast<std::size_t>(config.generator.styles)) {
    throw ConfigError("style.images: expected one painting for each of generator.styles = " +
                      std::to_string(config.generator.styles) + ", found " +
                      std::to_string(paintings.size()));
  }
  std::vector<at::Tensor> scaled;
  for (const auto& painting : paintings) {
    scaled.push_back(scaled_painting(painting, config.style.image_size, device));
  }
  return scaled;
}

// Without the folders: a model is given to others, who need not know them.
TrainConfig with_bare_names(TrainConfig config) {
  for (auto& image : config.style.images) image = image.filename();
  for (auto* path :
       {&config.data.path, &config.data.annotations, &config.loss.network, &config.output.dir}) {
    *path = path->filename();
  }
  return config;
}

}  // namespace

class Trainer::Impl {
 public:
  Impl(const TrainConfig& config, LossNetwork network, const std::vector<Image>& paintings)
      : config_((config.validate(), config)),
        device_(prepare_device(config.run)),
        precision_(resolve_precision(config.run.precision, device_, Purpose::kTraining)),
        architecture_(network->architecture()),
        loss_(prepared(std::move(network), device_), config.loss),
        paintings_(scaled_paintings(paintings, config, device_)),
        generator_(seeded_generator(config, device_)),
        optimizer_(make_optimizer(generator_, config.optimizer)) {}

  StyleModel fit(const ImageSource& photos) {
    const std::int64_t total = total_steps(config_.schedule, photos.size(), pictures_per_step());
    StepClock clock;
    BatchLoader loader(photos, config_.data, first_sample_of(step_));
    std::deque<at::Tensor> ahead;
    if (!calibrated_) ahead = calibrate(loader);
    const auto next_batch = [&] {
      if (ahead.empty()) return loader.next();
      const auto batch = ahead.front();
      ahead.pop_front();
      return batch;
    };
    generator_->train();
    while (step_ < total) {
      clock.begin_step();
      const double waited = loader.seconds_waited();
      StepReport report = run_step(next_batch, total);
      clock.end_step(loader.seconds_waited() - waited);

      ++step_;
      const double pace = clock.seconds_per_step();
      report.pictures_per_second = static_cast<double>(pictures_per_step()) / pace;
      report.loader_wait = clock.wait_share();
      report.seconds = clock.seconds();
      report.eta = pace * static_cast<double>(total - step_);
      report.bad_pictures = loader.bad_pictures();
      last_ = report;

      const bool stop = step_callback_ && step_callback_(report) == Flow::kStop;
      if (sample_is_due(stop || step_ == total)) sample_callback_(make_sample());
      if (stop) break;
    }
    return make_model();
  }

  std::string description() const {
    std::int64_t parameters = 0;
    for (const auto& parameter : generator_->parameters()) parameters += parameter.numel();
    return "libtorch " TORCH_VERSION ", " + device_.str() + ", " + precision_name(precision_) +
           ", " + compute_threads_text() + "; " + std::to_string(parameters) + " parameters; " +
           architecture_;
  }

  const TrainConfig& config() const { return config_; }

  std::function<Flow(const StepReport&)> step_callback_;
  std::function<void(const SampleReport&)> sample_callback_;

 private:
  std::int64_t pictures_per_step() const {
    return static_cast<std::int64_t>(config_.data.batch_size) * config_.optimizer.accumulate;
  }

  std::uint64_t first_sample_of(std::int64_t step) const {
    return static_cast<std::uint64_t>(step * pictures_per_step());
  }

  // Everything but the figures that depend on time. The weights change only when all is finite.
  StepReport run_step(const std::function<at::Tensor()>& next_batch, std::int64_t total) {
    StepReport report{.step = step_ + 1, .total = total};
    const double share = 1.0 / config_.optimizer.accumulate;
    optimizer_.zero_grad();
    for (int part = 0; part < config_.optimizer.accumulate; ++part) {
      const auto photos = to_photos(next_batch());
      const auto first =
          first_sample_of(step_) + static_cast<std::uint64_t>(part) * config_.data.batch_size;
      const LossTerms terms = forward(photos, first);
      (terms.total * share).backward();
      report.content += share * terms.content.item<double>();
      report.style += share * terms.style.item<double>();
      report.tv += share * terms.tv.item<double>();
    }
    report.loss = report.content + report.style + report.tv;
    report.gradient_norm = clip_gradients(generator_->parameters(), config_.optimizer.clip_norm);
    require_finite(report);

    report.learning_rate =
        config_.optimizer.learning_rate * schedule_factor(config_.schedule, step_, total);
    for (auto& group : optimizer_.param_groups()) group.options().set_lr(report.learning_rate);
    optimizer_.step();
    return report;
  }

  at::Tensor to_photos(const at::Tensor& batch) const { return batch.to(device_).to(at::kFloat); }

  // Measures what the loss needs on the first photos of the run, and returns their batches, which
  // are then trained on like any other. In float32 whatever the precision: the numbers stay for
  // good.
  std::deque<at::Tensor> calibrate(BatchLoader& loader) {
    std::deque<at::Tensor> batches;
    for (std::int64_t photos = 0; photos < kFirstPhotos; photos += config_.data.batch_size) {
      batches.push_back(loader.next());
    }
    const auto photos = to_photos(at::cat(std::vector<at::Tensor>(batches.begin(), batches.end())));
    loss_.calibrate(paintings_, photos);
    sample_photos_ = photos.narrow(0, 0, kFirstPhotos).clone();
    calibrated_ = true;
    return batches;
  }

  LossTerms forward(const at::Tensor& photos, std::uint64_t first_sample) {
    std::vector<std::int64_t> styles;
    for (std::int64_t i = 0; i < photos.size(0); ++i) {
      auto random = random_stream(
          config_.data.seed, RandomUse::kStyle, first_sample + static_cast<std::uint64_t>(i));
      styles.push_back(
          static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(styles_count()))));
    }
    const Autocast autocast(device_, precision_);
    const auto generated = generator_->forward(photos, style_weights(styles));
    return loss_(generated, photos, styles);
  }

  std::int64_t styles_count() const { return config_.generator.styles; }

  // One row a picture, all weight on its style. Undefined for a network without style rows.
  at::Tensor style_weights(const std::vector<std::int64_t>& styles) const {
    if (config_.generator.norm != Norm::kConditionalInstance) return {};
    return at::one_hot(at::tensor(styles, at::kLong), styles_count()).to(device_, at::kFloat);
  }

  bool sample_is_due(bool last) const {
    const auto every = config_.run.sample_every;
    return sample_callback_ && every > 0 && (last || step_ % every == 0);
  }

  SampleReport make_sample() {
    const c10::NoGradGuard no_grad;
    const Autocast autocast(device_, precision_);
    generator_->eval();
    SampleReport report;
    report.step = step_;
    for (std::int64_t i = 0; i < sample_photos_.size(0); ++i) {
      const auto photo = sample_photos_.narrow(0, i, 1);
      report.photos.push_back(to_image(photo));
      report.results.push_back(
          to_image(generator_->forward(photo, style_weights({i % styles_count()}))));
    }
    generator_->train();
    return report;
  }

  StyleModel make_model() const {
    StyleModel model = make_style_model(generator_, config_.style.effective_names());
    model.training = {
        {"config", to_json(with_bare_names(config_))},
        {"library", std::string("impasto ") + IMPASTO_VERSION + ", libtorch " + TORCH_VERSION},
        {"loss_network", architecture_},
        {"loss_network_scales", nlohmann::json(loss_.scales()).dump()},
        {"losses",
         nlohmann::ordered_json{{"content", last_.content},
                                {"style", last_.style},
                                {"tv", last_.tv},
                                {"total", last_.loss}}
             .dump()},
        {"steps", std::to_string(step_)},
    };
    return model;
  }

  const TrainConfig config_;
  const c10::Device device_;
  const c10::ScalarType precision_;
  const std::string architecture_;
  PerceptualLoss loss_;
  std::vector<at::Tensor> paintings_;
  Generator generator_;
  torch::optim::Adam optimizer_;

  std::int64_t step_ = 0;  // finished optimizer steps
  bool calibrated_ = false;
  at::Tensor sample_photos_;
  StepReport last_;
};

Trainer::Trainer(const TrainConfig& config,
                 LossNetwork loss_network,
                 const std::vector<Image>& paintings) {
  try {
    impl_ = std::make_unique<Impl>(config, std::move(loss_network), paintings);
  } catch (...) {
    rethrow_for_user(config);
  }
}

Trainer::~Trainer() = default;

void Trainer::on_step(std::function<Flow(const StepReport&)> callback) {
  impl_->step_callback_ = std::move(callback);
}

void Trainer::on_sample(std::function<void(const SampleReport&)> callback) {
  impl_->sample_callback_ = std::move(callback);
}

StyleModel Trainer::fit(const ImageSource& photos) {
  try {
    return impl_->fit(photos);
  } catch (...) {
    rethrow_for_user(impl_->config());
  }
}

std::string Trainer::description() const { return impl_->description(); }

}  // namespace impasto
