#include "impasto/train/evaluation.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/nn/device.h"
#include "impasto/nn/generator.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/descent.h"
#include "impasto/train/lbfgs_cache.h"
#include "impasto/train/pictures.h"
#include "impasto/train/torch_faults.h"

namespace impasto {
namespace {

using nlohmann::json;

// Photos that feature scales are measured on where the model has none.
constexpr std::size_t kMeasuredPhotos = 4;

// Of the course that L-BFGS takes, where the program changes it.
constexpr int kCourseVersion = 1;

constexpr const char* kOutOfMemory = "out of memory: lower image_size";

at::Tensor on_device(const EvaluationPhoto& photo, const c10::Device& device) {
  return photo.picture.to(device).to(at::kFloat);
}

LossValues losses_of(const Restyle& restyle,
                     PerceptualLoss& loss,
                     const at::Tensor& photo,
                     std::int64_t painting) {
  const c10::NoGradGuard no_grad;
  return values_of(loss(restyle(photo), photo, {painting}));
}

// The layers that a loss looks at.
std::set<std::string> layers_of(const LossConfig& loss) {
  std::set<std::string> layers;
  for (const auto& [taps, factor] :
       {std::pair(&loss.content, loss.content_weight), std::pair(&loss.style, loss.style_weight)}) {
    for (const auto& [tap, weight] : *taps) {
      if (factor * weight != 0) layers.insert(tap);
    }
  }
  return layers;
}

// Those that the model's training measured; empty where they do not serve.
std::map<std::string, double> scales_of(const StyleModel& model,
                                        const LossNetworkImpl& network,
                                        const LossConfig& loss) {
  const auto text = model.training.find("loss_network_scales");
  const auto architecture = model.training.find("loss_network");
  if (text == model.training.end() || architecture == model.training.end() ||
      architecture->second != network.architecture()) {
    return {};
  }
  std::map<std::string, double> scales;
  try {
    scales = json::parse(text->second).get<std::map<std::string, double>>();
  } catch (const json::exception&) {
    throw FormatError(
        "style model: training 'loss_network_scales': expected numbers by layer, found " +
        text->second);
  }
  const auto layers = layers_of(loss);
  const bool all =
      std::ranges::all_of(layers, [&](const auto& tap) { return scales.contains(tap); });
  return all ? scales : std::map<std::string, double>();
}

json inputs_of_loss(const LossConfig& loss, const std::map<std::string, double>& scales) {
  return {{"pooling", static_cast<int>(loss.pooling)},
          {"padding", static_cast<int>(loss.padding)},
          {"content", loss.content},
          {"style", loss.style},
          {"content_weight", loss.content_weight},
          {"style_weight", loss.style_weight},
          {"tv_weight", loss.tv_weight},
          {"tv_kind", static_cast<int>(loss.tv_kind)},
          {"normalise_features", loss.normalise_features},
          {"scales", scales}};
}

std::string fingerprint_of(const LossNetworkImpl& network) {
  std::string all = network.architecture();
  for (const at::Tensor& buffer : network.buffers()) all.append(" ").append(fingerprint(buffer));
  return all;
}

}  // namespace

std::vector<EvaluationPhoto> evaluation_photos(const ImageSource& photos, std::int64_t side) {
  std::vector<EvaluationPhoto> result;
  std::string first_reason;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    try {
      const Image image = photos.load(i);
      if (std::min(image.width(), image.height()) < side) {
        throw FormatError(photos.name(i) + ": expected a short side of at least " +
                          std::to_string(side) + " pixels (image_size), found " +
                          std::to_string(image.width()) + "x" + std::to_string(image.height()));
      }
      const at::Tensor square = centre_square(image, side).round().clamp(0, 255).to(at::kByte);
      result.push_back({photos.name(i), square});
    } catch (const Error& error) {
      log_warning(std::string("skipped: ") + error.what());
      if (first_reason.empty()) first_reason = error.what();
    }
  }
  if (result.empty()) {
    throw IoError("photos: expected at least one that can be used, found none of " +
                  std::to_string(photos.size()) + "; first " + first_reason);
  }
  return result;
}

LossValues mean_losses(const Restyle& restyle,
                       PerceptualLoss& loss,
                       const std::vector<EvaluationPhoto>& photos,
                       const c10::Device& device,
                       std::int64_t painting) {
  std::vector<LossValues> losses;
  for (const EvaluationPhoto& photo : photos) {
    losses.push_back(losses_of(restyle, loss, on_device(photo, device), painting));
  }
  return mean_of(losses);
}

PhotoScore mean_score(const std::vector<PhotoScore>& photos, std::int64_t evaluations) {
  const auto count = static_cast<std::size_t>(evaluations);
  std::vector<LossValues> of_photos;
  std::vector<LossValues> of_model;
  std::vector<std::vector<LossValues>> of_lbfgs(count);
  for (const PhotoScore& score : photos) {
    if (score.lbfgs.size() < count) continue;
    of_photos.push_back(score.photo);
    of_model.push_back(score.model);
    for (std::size_t i = 0; i < count; ++i) of_lbfgs[i].push_back(score.lbfgs[i]);
  }
  PhotoScore mean{
      .name = "mean", .photo = mean_of(of_photos), .model = mean_of(of_model), .lbfgs = {}};
  for (const auto& losses : of_lbfgs) mean.lbfgs.push_back(mean_of(losses));
  return mean;
}

std::optional<double> matching_evaluations(const std::vector<LossValues>& lbfgs, double total) {
  if (lbfgs.empty()) return {};
  if (total > lbfgs.front().total) return 0;
  for (std::size_t i = 0; i < lbfgs.size(); ++i) {
    if (lbfgs[i].total > total) continue;
    const auto after = static_cast<double>(i + 1);
    if (i == 0) return after;
    const double before = lbfgs[i - 1].total;
    return after - (total - lbfgs[i].total) / (before - lbfgs[i].total);
  }
  return {};
}

class Evaluator::Impl {
 public:
  Impl(const EvaluateConfig& config,
       const StyleModel& model,
       LossNetwork network,
       const Image& painting)
      : config_((config.validate(), config)),
        device_(resolve_device(config.device)),
        style_(model.style_index(config.style_name)),
        style_name_(model.styles.at(static_cast<std::size_t>(style_))),
        generator_(make_generator(model)),
        network_(on_device(std::move(network), config.threads)),
        loss_(network_, config.loss),
        painting_(with_short_side(painting, config.style_size).to(device_)),
        scales_(scales_of(model, *network_, config.loss)),
        cache_(config.cache) {
    generator_->to(device_);
  }

  Evaluation run(const ImageSource& source) {
    const auto photos = evaluation_photos(source, config_.image_size);
    calibrate(photos);
    Evaluation evaluation{.style = style_name_,
                          .image_size = config_.image_size,
                          .loss = config_.loss,
                          .loss_network = network_->architecture(),
                          .scales = loss_.scales(),
                          .scales_from_model = !scales_.empty(),
                          .comparisons = config_.lbfgs_evaluations(),
                          .long_evaluations = config_.lbfgs_long,
                          .photos = {}};
    for (const EvaluationPhoto& photo : photos) {
      const at::Tensor picture = on_device_float(photo);
      const auto same = [](const at::Tensor& x) { return x; };
      const auto restyled = [&](const at::Tensor& x) { return restyle(x); };
      evaluation.photos.push_back({.name = photo.name,
                                   .photo = losses_of(same, loss_, picture, 0),
                                   .model = losses_of(restyled, loss_, picture, 0),
                                   .lbfgs = {}});
    }
    if (!evaluation.comparisons.empty()) compare(photos, evaluation);
    return evaluation;
  }

  std::string description() const {
    return "libtorch " TORCH_VERSION ", " + device_.str() + ", float32, " + compute_threads_text() +
           "; " + network_->architecture();
  }

  std::function<Flow(const EvaluationProgress&)> callback_;

 private:
  LossNetwork on_device(LossNetwork network, int threads) const {
    set_compute_threads(threads);
    network->to(device_);
    return network;
  }

  at::Tensor on_device_float(const EvaluationPhoto& photo) const {
    return impasto::on_device(photo, device_);
  }

  void calibrate(const std::vector<EvaluationPhoto>& photos) {
    if (!config_.loss.normalise_features || !scales_.empty()) {
      loss_.calibrate({painting_}, scales_);
      return;
    }
    std::vector<at::Tensor> first;
    for (std::size_t i = 0; i < std::min(photos.size(), kMeasuredPhotos); ++i) {
      first.push_back(on_device_float(photos[i]));
    }
    loss_.calibrate({painting_}, at::cat(first));
  }

  at::Tensor restyle(const at::Tensor& photo) {
    const GeneratorConfig& shape = generator_->config();
    if (shape.norm != Norm::kConditionalInstance) return generator_->forward(photo);
    const auto weights = at::one_hot(at::tensor({style_}, at::kLong), shape.styles);
    return generator_->forward(photo, weights.to(device_, at::kFloat));
  }

  // Fills in `lbfgs` of each photo, from the cache where it is there.
  void compare(const std::vector<EvaluationPhoto>& photos, Evaluation& evaluation) {
    const std::string common = inputs_of_all();
    const auto evaluations_for = [&](std::size_t i) {
      const bool is_long =
          config_.lbfgs_long > 0 && i < static_cast<std::size_t>(config_.long_photos);
      return is_long ? config_.lbfgs_long : evaluation.comparisons.back();
    };
    EvaluationProgress progress;
    for (std::size_t i = 0; i < photos.size(); ++i) progress.total += evaluations_for(i);

    const auto start = std::chrono::steady_clock::now();
    std::int64_t computed = 0;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const auto count = evaluations_for(i);
      const std::string inputs = common + " photo " + fingerprint(photos[i].picture);
      PhotoScore& score = evaluation.photos[i];
      if (auto kept = cache_.find(inputs, static_cast<std::size_t>(count))) {
        score.lbfgs = std::move(*kept);
        progress.done += count;
        continue;
      }
      progress.photo = photos[i].name;
      std::vector<LossValues> course;
      const auto report = [&](const DescentReport& step) {
        course.push_back(step.best);
        ++progress.done;
        ++computed;
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        progress.evaluations_per_second = static_cast<double>(computed) / spent.count();
        progress.eta =
            static_cast<double>(progress.total - progress.done) / progress.evaluations_per_second;
        evaluation.stopped = callback_ && callback_(progress) == Flow::kStop;
        return evaluation.stopped ? Flow::kStop : Flow::kContinue;
      };
      const at::Tensor photo = on_device_float(photos[i]);
      descend(
          photo,
          [&](const at::Tensor& picture) { return loss_(picture, photo, {0}); },
          {.method = DescentMethod::kLbfgs, .evaluations = count},
          report);
      const bool finished = course.size() == static_cast<std::size_t>(count);
      if (evaluation.stopped && !finished) return;
      // Where it could go no further, it stays.
      progress.done += count - static_cast<std::int64_t>(course.size());
      course.resize(static_cast<std::size_t>(count), course.back());
      cache_.store(inputs, course);
      score.lbfgs = std::move(course);
      if (evaluation.stopped) return;
    }
  }

  // Everything but the photo that L-BFGS depends on.
  std::string inputs_of_all() const {
    const json inputs = {
        {"course", kCourseVersion},
        {"library", std::string("impasto ") + IMPASTO_VERSION + ", libtorch " + TORCH_VERSION},
        {"device", device_.str()},
        {"loss", inputs_of_loss(config_.loss, loss_.scales())},
        {"loss_network", fingerprint_of(*network_)},
        {"painting", fingerprint(painting_)}};
    return inputs.dump();
  }

  const EvaluateConfig config_;
  const c10::Device device_;
  const std::int64_t style_;
  const std::string style_name_;
  Generator generator_;
  LossNetwork network_;
  PerceptualLoss loss_;
  const at::Tensor painting_;
  const std::map<std::string, double> scales_;  // the model's; empty where they do not serve
  const LbfgsCache cache_;
};

Evaluator::Evaluator(const EvaluateConfig& config,
                     const StyleModel& model,
                     LossNetwork loss_network,
                     const Image& painting) {
  try {
    impl_ = std::make_unique<Impl>(config, model, std::move(loss_network), painting);
  } catch (...) {
    rethrow_for_user(kOutOfMemory);
  }
}

Evaluator::~Evaluator() = default;

void Evaluator::on_progress(std::function<Flow(const EvaluationProgress&)> callback) {
  impl_->callback_ = std::move(callback);
}

Evaluation Evaluator::run(const ImageSource& photos) {
  try {
    return impl_->run(photos);
  } catch (...) {
    rethrow_for_user(kOutOfMemory);
  }
}

std::string Evaluator::description() const { return impl_->description(); }

}  // namespace impasto
