#include "impasto/train/trainer.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/hash.h"
#include "impasto/base/log.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/loss/style_balance.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/device.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/style/flops.h"
#include "impasto/train/bare_names.h"
#include "impasto/train/batch_loader.h"
#include "impasto/train/faults.h"
#include "impasto/train/held_out.h"
#include "impasto/train/initial_model.h"
#include "impasto/train/learner.h"
#include "impasto/train/named_tensors.h"
#include "impasto/train/picture_cache.h"
#include "impasto/train/resume_check.h"
#include "impasto/train/run_watch.h"
#include "impasto/train/schedule.h"
#include "impasto/train/shared_run.h"
#include "impasto/train/step_clock.h"
#include "impasto/train/style_choice.h"
#include "impasto/train/training_setup.h"

namespace impasto {
namespace {

// Photos that feature scales are measured on and that samples show.
constexpr int kFirstPhotos = 4;

}  // namespace

class Trainer::Impl {
 public:
  Impl(const TrainConfig& config,
       LossNetwork network,
       const std::vector<Image>& paintings,
       std::shared_ptr<ProcessGroup> group)
      : group_(std::move(group)),
        config_(checked(config, *group_)),
        device_(prepare_device(config.run)),
        precision_(resolve_precision(config.run.precision, device_, Purpose::kTraining)),
        architecture_(network->architecture()),
        learned_from_{.paintings = fingerprint_of(paintings),
                      .loss_network = fingerprint_of(*network)},
        loss_(prepared(std::move(network), device_), config.loss),
        paintings_(scaled_paintings(paintings, config, device_)),
        choice_(config.generator,
                static_cast<std::int64_t>(paintings_.size()),
                config.data.seed,
                device_),
        learner_(config_, device_, precision_, *group_, loss_, choice_),
        styles_(config.style.effective_names()) {}

  void start_from(const StyleModel& model) {
    const StyleModel initial = initial_model(model, config_);
    learner_.start_from(initial.tensors);
    styles_ = initial.styles;
    has_start_ = true;
  }

  void resume(const Checkpoint& checkpoint, bool allow_changed_photos) {
    require_resumable(checkpoint, config_, learned_from_);
    report_differences(checkpoint, config_, environment());
    learner_.restore(checkpoint);
    loss_.calibrate(paintings_, checkpoint.loss_scales);
    loss_.set_style_weight(checkpoint.style_weight);
    const auto side = config_.data.image_size;
    sample_photos_ =
        to_photos(named_tensor(checkpoint.tensors, "samples", {kFirstPhotos, 3, side, side}));
    calibrated_ = true;
    styles_ = checkpoint.styles;
    has_start_ = true;
    step_ = checkpoint.step;
    seconds_before_ = checkpoint.seconds;
    bad_pictures_ = checkpoint.bad_pictures;
    learned_from_.photos = allow_changed_photos ? "" : checkpoint.photos;
  }

  StyleModel fit(const ImageSource& photos) {
    if (!config_.init.from.empty() && !has_start_) {
      throw ConfigError("init.from: expected its model before training starts, found none");
    }
    check_photos(photos);
    require_same_run(*group_, config_, learned_from_);
    learner_.share_weights();
    const HeldOut split = hold_out(photos, config_.data.hold_out);
    std::optional<Validation> validation;
    if (is_any(validation_callback_ != nullptr) && split.evaluation.size() > 0) {
      validation.emplace(split.evaluation, config_.data.image_size, *group_);
    }
    const std::int64_t total =
        total_steps(config_.schedule, split.training.size(), pictures_per_step(config_));
    const PictureCache pictures(split.training, static_cast<std::size_t>(config_.data.cache) << 20);
    StepClock clock;
    if (!calibrated_) calibrate(pictures);
    BatchLoader loader(pictures,
                       config_.data,
                       static_cast<std::uint64_t>(step_ * pictures_per_step(config_)),
                       bad_pictures_,
                       {.index = group_->rank(), .of = group_->size()});
    const auto next_batch = [&] { return to_photos(loader.next()); };
    while (step_ < total) {
      clock.begin_step();
      const double waited = loader.seconds_waited();
      StepReport report = learner_.run_step(step_, total, next_batch);
      clock.end_step(loader.seconds_waited() - waited);

      ++step_;
      const double pace = clock.seconds_per_step();
      report.pictures_per_second = static_cast<double>(pictures_per_step(config_)) / pace;
      report.loader_wait = clock.wait_share();
      report.seconds = seconds_before_ + clock.seconds();
      report.eta = pace * static_cast<double>(total - step_);
      share_bad_pictures(loader);
      report.bad_pictures = static_cast<std::int64_t>(bad_pictures_.size());

      const bool stop = is_any(step_callback_ && step_callback_(report) == Flow::kStop);
      const bool last = stop || step_ == total;
      show(last);
      if (validation && (last || is_due(config_.run.evaluate_every, last))) {
        const Autocast autocast(device_, precision_);
        const auto losses =
            validation->measure(learner_.result(), loss_, choice_, device_, *group_, step_);
        if (validation_callback_) validation_callback_(losses);
      }
      if (checkpoint_callback_ && (last || is_due(config_.run.checkpoint_every, last))) {
        Checkpoint checkpoint = make_checkpoint(report.seconds);
        checkpoint_callback_(checkpoint);
      }
      if (stop) break;
    }
    seconds_before_ += clock.seconds();
    return make_model();
  }

  TrainingCost cost() const {
    TrainingCost cost{.pictures_per_step = pictures_per_step(config_)};
    for (const auto& parameter : learner_.result()->parameters())
      cost.parameters += parameter.numel();
    for (const auto& parameter : learner_.trained())
      cost.trained_parameters += parameter.value().numel();
    const auto side = config_.data.image_size;
    // Forward, gradient of what comes in, and of the weights unless they are frozen.
    const double passes = config_.init.add_styles ? 2 : 3;
    cost.flops_per_step =
        static_cast<double>(cost.pictures_per_step) *
        (passes * generator_flops(config_.generator, side, side) + loss_.flops(side, side));
    return cost;
  }

  std::string description() const {
    const std::string launches =
        device_.is_cpu() ? compute_threads_text()
                         : std::string(learner_.is_recorded() ? "CUDA graph" : "single kernels");
    return "libtorch " TORCH_VERSION ", " + device_.str() + ", " + precision_name(precision_) +
           ", " + launches + "; " + std::to_string(cost().parameters) + " parameters; " +
           architecture_;
  }

  const TrainConfig& config() const { return config_; }
  ProcessGroup& group() const { return *group_; }

  std::function<Flow(const StepReport&)> step_callback_;
  std::function<void(const SampleReport&)> sample_callback_;
  std::function<void(const ActivityReport&)> activity_callback_;
  std::function<void(const ValidationReport&)> validation_callback_;
  std::function<void(Checkpoint&)> checkpoint_callback_;

 private:
  static TrainConfig checked(const TrainConfig& config, const ProcessGroup& group) {
    config.validate();
    require_divisible(config, group.size());
    return config;
  }

  // Whether it holds in any of the processes.
  bool is_any(bool own) { return group_->sum({own ? 1.0 : 0.0})[0] > 0; }

  void share_bad_pictures(BatchLoader& loader) {
    if (is_any(loader.bad_pictures().size() > bad_pictures_.size())) {
      loader.learn_bad(gather_bad_pictures(*group_, loader.bad_pictures()));
    }
    bad_pictures_ = loader.bad_pictures();
  }

  at::Tensor to_photos(const at::Tensor& batch) const { return batch.to(device_).to(at::kFloat); }

  // Measures what the loss needs on the first photos of the run. In float32
  // whatever the precision: the numbers stay for good.
  void calibrate(const ImageSource& photos) {
    DataConfig data = config_.data;
    data.batch_size = kFirstPhotos;
    data.prefetch = 1;
    BatchLoader loader(photos, data);
    sample_photos_ = to_photos(loader.next());
    bad_pictures_ = loader.bad_pictures();
    loss_.calibrate(paintings_, sample_photos_);
    if (group_->size() > 1) loss_.calibrate(paintings_, mean_over(*group_, loss_.scales()));
    if (config_.loss.style_strength == StyleStrength::kAuto) choose_style_weight();
    calibrated_ = true;
  }

  void choose_style_weight() {
    const auto balance = balance_style(
        loss_, sample_photos_, choice_.in_turn(kFirstPhotos), config_.loss.style_multiple);
    const double weight =
        mean_over(*group_, {{"style_weight", balance.style_weight}}).at("style_weight");
    loss_.set_style_weight(weight);
    log_info("loss.style_weight: chosen as " + c10::str(weight) +
             ", where the style's gradient is " + c10::str(config_.loss.style_multiple) +
             " times the content's " + c10::str(balance.content_gradient) +
             "; pin it with loss.style_strength=fixed");
  }

  // An interval of 0 is never due.
  bool is_due(std::int64_t every, bool last) const {
    return every > 0 && (last || step_ % every == 0);
  }

  void show(bool last) const {
    if (!is_due(config_.run.sample_every, last)) return;
    const Autocast autocast(device_, precision_);
    if (sample_callback_) {
      sample_callback_(make_sample(learner_.result(), sample_photos_, choice_, step_));
    }
    if (activity_callback_) {
      activity_callback_(make_activity(learner_.result(), sample_photos_, choice_, step_));
    }
  }

  void check_photos(const ImageSource& photos) {
    const std::string found = Hash().add(photos.fingerprint()).add(photos.size()).text();
    if (!learned_from_.photos.empty() && learned_from_.photos != found) {
      throw ConfigError(
          "data.path: expected the photos that the run began with, found others: put "
          "them back, start a new run from its weights (init.from), or allow it to "
          "go on with changed photos");
    }
    learned_from_.photos = found;
  }

  std::string environment() const {
    std::string text = "impasto " IMPASTO_VERSION ", libtorch " TORCH_VERSION ", " + device_.str();
    if (group_->size() > 1) text += ", " + std::to_string(group_->size()) + " processes";
    if (!device_.is_cpu()) return text;
    return text.append(" ").append(instruction_set()).append(", ").append(compute_threads_text());
  }

  Checkpoint make_checkpoint(double seconds) {
    Checkpoint checkpoint{.config = config_,
                          .styles = styles_,
                          .step = step_,
                          .seconds = seconds,
                          .style_weight = loss_.config().style_weight,
                          .environment = environment(),
                          .photos = learned_from_.photos,
                          .paintings = learned_from_.paintings,
                          .loss_network = learned_from_.loss_network,
                          .loss_scales = loss_.scales(),
                          .bad_pictures = bad_pictures_};
    learner_.store(checkpoint);
    checkpoint.tensors["samples"] = to_host_tensor(sample_photos_.to(at::kByte));
    return checkpoint;
  }

  // With the style weight that was chosen as a fixed one.
  TrainConfig effective_config() const {
    TrainConfig config = config_;
    config.loss.style_weight = loss_.config().style_weight;
    config.loss.style_strength = StyleStrength::kFixed;
    return config;
  }

  StyleModel make_model() const {
    StyleModel model = make_style_model(learner_.result(), styles_);
    model.training = {
        {"config", to_json(with_bare_names(effective_config()))},
        {"library", std::string("impasto ") + IMPASTO_VERSION + ", libtorch " + TORCH_VERSION},
        {"loss_network", architecture_},
        {"loss_network_scales", nlohmann::json(loss_.scales()).dump()},
        {"losses", nlohmann::json(learner_.losses()).dump()},
        {"steps", std::to_string(step_)},
    };
    return model;
  }

  const std::shared_ptr<ProcessGroup> group_;
  const TrainConfig config_;
  const c10::Device device_;
  const c10::ScalarType precision_;
  const std::string architecture_;
  LearnedFrom learned_from_;
  PerceptualLoss loss_;
  const std::vector<at::Tensor> paintings_;
  const StyleChoice choice_;
  Learner learner_;

  std::vector<std::string> styles_;
  bool has_start_ = false;     // weights of a model or checkpoint
  std::int64_t step_ = 0;      // finished optimizer steps
  double seconds_before_ = 0;  // of this call of `fit`
  std::map<std::size_t, std::string> bad_pictures_;
  bool calibrated_ = false;
  at::Tensor sample_photos_;
};

Trainer::Trainer(const TrainConfig& config,
                 LossNetwork loss_network,
                 const std::vector<Image>& paintings,
                 std::shared_ptr<ProcessGroup> group) {
  try {
    impl_ = std::make_unique<Impl>(config, std::move(loss_network), paintings, std::move(group));
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

void Trainer::on_activity(std::function<void(const ActivityReport&)> callback) {
  impl_->activity_callback_ = std::move(callback);
}

void Trainer::on_validation(std::function<void(const ValidationReport&)> callback) {
  impl_->validation_callback_ = std::move(callback);
}

void Trainer::on_checkpoint(std::function<void(Checkpoint&)> callback) {
  impl_->checkpoint_callback_ = std::move(callback);
}

void Trainer::start_from(const StyleModel& model) { impl_->start_from(model); }

void Trainer::resume(const Checkpoint& checkpoint, bool allow_changed_photos) {
  try {
    impl_->resume(checkpoint, allow_changed_photos);
  } catch (...) {
    rethrow_for_user(impl_->config());
  }
}

StyleModel Trainer::fit(const ImageSource& photos) {
  try {
    return impl_->fit(photos);
  } catch (...) {
    try {
      std::rethrow_exception(impl_->group().explain(std::current_exception()));
    } catch (...) {
      rethrow_for_user(impl_->config());
    }
  }
}

TrainingCost Trainer::cost() const { return impl_->cost(); }

std::string Trainer::description() const { return impl_->description(); }

}  // namespace impasto
