#include "impasto/train/learner.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <optional>
#include <vector>

#include "impasto/base/log.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/ema.h"
#include "impasto/train/gradients.h"
#include "impasto/train/schedule.h"
#include "impasto/train/shared_run.h"
#include "impasto/train/training_setup.h"

namespace impasto {
namespace {

OptimizerConfig with_rate(OptimizerConfig optimizer, double rate) {
  optimizer.learning_rate = rate;
  return optimizer;
}

// Running statistics of batch norm, which a forward pass changes.
std::vector<at::Tensor> copies_of(const std::vector<at::Tensor>& buffers) {
  std::vector<at::Tensor> copies;
  for (const auto& buffer : buffers) copies.push_back(buffer.clone());
  return copies;
}

void put_back(std::vector<at::Tensor> buffers, const std::vector<at::Tensor>& copies) {
  for (std::size_t i = 0; i < buffers.size(); ++i) buffers[i].copy_(copies[i]);
}

}  // namespace

Learner::Learner(const TrainConfig& config,
                 const c10::Device& device,
                 c10::ScalarType precision,
                 ProcessGroup& group,
                 PerceptualLoss& loss,
                 const StyleChoice& choice)
    : config_(config),
      peak_rate_(peak_rate(config.optimizer, pictures_per_step(config))),
      device_(device),
      precision_(precision),
      group_(group),
      loss_(loss),
      choice_(choice),
      generator_(seeded_generator(config, device)),
      parameters_(trained_parameters(generator_, config.init.add_styles)),
      division_(divide_batch(config.generator.norm,
                             config.data.batch_size / group.size(),
                             device,
                             at::get_num_threads(),
                             group.size())),
      workers_(generator_, device, division_.workers),
      reducer_(group.make_reducer(parameters_.values())),
      optimizer_(parameters_,
                 with_rate(config.optimizer, peak_rate_),
                 config.generator.output == Output::kLinear ? kPixelGain : 1) {
  if (config.optimizer.ema > 0) average_ = copy_of(generator_, device);
  // Gradients that travel while others are being computed are no part of a recording.
  if (!device.is_cuda() || group.size() > 1 || !has_cuda_graphs()) return;
  const double share = 1.0 / config.optimizer.accumulate;
  recorded_.emplace(device, parameters_.values(), [this, share](const LearningBatch& batch) {
    const LossTerms terms = forward(generator_, batch);
    (terms.total * share).backward();
    return stacked(terms);
  });
  optimizer_.record_on(device);
}

void Learner::start_from(const std::map<std::string, HostTensor>& weights) {
  restore_module(*generator_, "", weights);
  if (average_) restore_module(*average_, "", weights);
}

void Learner::restore(const Checkpoint& checkpoint) {
  restore_module(*generator_, "generator.", checkpoint.tensors);
  if (average_) restore_module(*average_, "ema.", checkpoint.tensors);
  optimizer_.restore(checkpoint.tensors);
  skipped_ = checkpoint.skipped;
  skipped_in_a_row_ = checkpoint.skipped_in_a_row;
  averaged_ = checkpoint.averaged;
  last_ = {.content = checkpoint.losses.at("content"),
           .style = checkpoint.losses.at("style"),
           .tv = checkpoint.losses.at("tv"),
           .loss = checkpoint.losses.at("total")};
}

void Learner::store(Checkpoint& checkpoint) {
  checkpoint.tensors.merge(optimizer_.state());
  checkpoint.tensors.merge(module_tensors(*generator_, "generator."));
  if (average_) checkpoint.tensors.merge(module_tensors(*average_, "ema."));
  checkpoint.skipped = skipped_;
  checkpoint.skipped_in_a_row = skipped_in_a_row_;
  checkpoint.averaged = averaged_;
  checkpoint.losses = losses();
}

void Learner::share_weights() {
  impasto::share_weights(group_, generator_);
  if (average_) impasto::share_weights(group_, average_);
}

StepReport Learner::run_step(std::int64_t step,
                             std::int64_t total,
                             const std::function<at::Tensor()>& next_batch) {
  StepReport report{.step = step + 1, .total = total};
  const double factor = schedule_factor(config_.schedule, step, total);
  const double share = 1.0 / config_.optimizer.accumulate;
  const std::int64_t own_pictures = config_.data.batch_size / group_.size();
  std::int64_t first_sample = step * pictures_per_step(config_) + group_.rank() * own_pictures;
  const auto statistics = copies_of(generator_->buffers());
  optimizer_.zero_grad();
  for (int batch = 0; batch < config_.optimizer.accumulate; ++batch) {
    const bool last = batch == config_.optimizer.accumulate - 1;
    const LossValues values =
        add_gradient(next_batch(), static_cast<std::uint64_t>(first_sample), share, last);
    report.content += share * values.content;
    report.style += share * values.style;
    report.tv += share * values.tv;
    first_sample += config_.data.batch_size;
  }
  share_losses(report);
  report.gradient_norm = clip_gradients(parameters_.values(), config_.optimizer.clip_norm);
  report.learning_rate = peak_rate_ * factor;
  if (const auto fault = find_fault(report)) {
    put_back(generator_->buffers(), statistics);
    skip(report, *fault);
  } else {
    take_step(report, factor);
  }
  report.skipped_steps = skipped_;
  return report;
}

std::map<std::string, double> Learner::losses() const {
  return {
      {"content", last_.content}, {"style", last_.style}, {"tv", last_.tv}, {"total", last_.loss}};
}

// The losses of this process's part of a batch, and `share` times their gradient. After the last
// batch of a step the gradients are the mean over all processes.
LossValues Learner::add_gradient(const at::Tensor& photos,
                                 std::uint64_t first_sample,
                                 double share,
                                 bool last) {
  if (recorded_) return values_of(recorded_->add(batch_of(photos, first_sample)));
  const std::int64_t pictures = photos.size(0) / division_.parts;
  std::vector<LossValues> losses(static_cast<std::size_t>(division_.parts));
  workers_.run(division_.parts, [&](Generator& generator, std::int64_t part) {
    const std::int64_t first = part * pictures;
    const LossTerms terms = forward(generator,
                                    batch_of(photos.narrow(0, first, pictures),
                                             first_sample + static_cast<std::uint64_t>(first)));
    if (last && part == division_.parts - 1) reducer_->before_last_backward();
    (terms.total * (share / static_cast<double>(division_.parts))).backward();
    losses[static_cast<std::size_t>(part)] = values_of(terms);
  });
  return mean_of(losses);
}

LearningBatch Learner::batch_of(const at::Tensor& photos, std::uint64_t first_sample) const {
  const auto paintings = choice_.drawn(first_sample, photos.size(0));
  return {.photos = photos,
          .paintings = at::tensor(paintings, at::kLong).to(device_),
          .style_weights = choice_.weights(paintings)};
}

LossTerms Learner::forward(Generator& generator, const LearningBatch& batch) {
  const Autocast autocast(device_, precision_);
  const auto generated = generator->forward(batch.photos, batch.style_weights);
  return loss_.measure(generated, batch.photos, batch.paintings);
}

void Learner::share_losses(StepReport& report) {
  const auto means =
      mean_over(group_, {{"content", report.content}, {"style", report.style}, {"tv", report.tv}});
  report.content = means.at("content");
  report.style = means.at("style");
  report.tv = means.at("tv");
  report.loss = report.content + report.style + report.tv;
}

void Learner::take_step(const StepReport& report, double factor) {
  optimizer_.step(factor);
  if (average_) update_ema(average_, generator_, ema_decay(config_.optimizer.ema, averaged_++));
  skipped_in_a_row_ = 0;
  last_ = report;
}

void Learner::skip(const StepReport& report, const Fault& fault) {
  ++skipped_;
  if (++skipped_in_a_row_ > config_.optimizer.max_skipped) {
    throw too_many_skipped(report, fault, skipped_in_a_row_);
  }
  if (skipped_in_a_row_ == 1) {
    log_warning("step " + std::to_string(report.step) + " skipped: the " + fault.term);
  }
}

}  // namespace impasto
