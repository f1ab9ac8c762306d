#include "impasto/train/run_watch.h"

#include <c10/core/GradMode.h>

#include <cstddef>
#include <utility>

#include "impasto/nn/evaluating.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/held_out.h"
#include "impasto/train/loss_values.h"

namespace impasto {
namespace {

std::vector<EvaluationPhoto> own_share(const ImageSource& photos,
                                       std::int64_t side,
                                       const ProcessGroup& group) {
  std::vector<std::size_t> numbers;
  for (auto i = static_cast<std::size_t>(group.rank()); i < photos.size();
       i += static_cast<std::size_t>(group.size())) {
    numbers.push_back(i);
  }
  if (numbers.empty()) return {};
  return evaluation_photos(Subset(photos, std::move(numbers)), side);
}

}  // namespace

SampleReport make_sample(Generator generator,
                         const at::Tensor& photos,
                         const StyleChoice& styles,
                         std::int64_t step) {
  const c10::NoGradGuard no_grad;
  const Evaluating evaluating(generator);
  SampleReport report;
  report.step = step;
  std::int64_t number = 0;
  for (const auto painting : styles.in_turn(photos.size(0))) {
    const auto photo = photos.narrow(0, number++, 1);
    report.photos.push_back(to_image(photo));
    report.results.push_back(to_image(generator->forward(photo, styles.weights({painting}))));
  }
  return report;
}

ActivityReport make_activity(const Generator& generator,
                             const at::Tensor& photos,
                             const StyleChoice& styles,
                             std::int64_t step) {
  const auto weights = styles.weights(styles.in_turn(photos.size(0)));
  return {.step = step, .layers = measure_activity(generator, photos, weights)};
}

Validation::Validation(const ImageSource& photos, std::int64_t side, const ProcessGroup& group)
    : photos_(own_share(photos, side, group)) {}

ValidationReport Validation::measure(Generator generator,
                                     PerceptualLoss& loss,
                                     const StyleChoice& styles,
                                     const c10::Device& device,
                                     ProcessGroup& group,
                                     std::int64_t step) const {
  const Evaluating evaluating(generator);
  LossValues mean;
  if (!photos_.empty()) {
    std::vector<LossValues> losses;
    for (std::int64_t painting = 0; painting < styles.paintings(); ++painting) {
      const auto restyle = [&](const at::Tensor& photo) {
        return generator->forward(photo, styles.weights({painting}));
      };
      losses.push_back(mean_losses(restyle, loss, photos_, device, painting));
    }
    mean = mean_of(losses);
  }
  const auto own = static_cast<double>(photos_.size());
  const auto sums =
      group.sum({own, own * mean.content, own * mean.style, own * mean.tv, own * mean.total});
  return {.step = step,
          .content = sums[1] / sums[0],
          .style = sums[2] / sums[0],
          .tv = sums[3] / sums[0],
          .loss = sums[4] / sums[0]};
}

}  // namespace impasto
