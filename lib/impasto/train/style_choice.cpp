#include "impasto/train/style_choice.h"

#include <ATen/ATen.h>

#include "impasto/train/random_streams.h"

namespace impasto {

StyleChoice::StyleChoice(const GeneratorConfig& generator,
                         std::int64_t paintings,
                         std::int64_t seed,
                         const c10::Device& device)
    : norm_(generator.norm),
      styles_(generator.styles),
      paintings_(paintings),
      seed_(seed),
      device_(device) {}

std::vector<std::int64_t> StyleChoice::drawn(std::uint64_t first, std::int64_t count) const {
  std::vector<std::int64_t> paintings;
  for (std::int64_t i = 0; i < count; ++i) {
    auto random = random_stream(seed_, RandomUse::kStyle, first + static_cast<std::uint64_t>(i));
    paintings.push_back(
        static_cast<std::int64_t>(random.below(static_cast<std::size_t>(paintings_))));
  }
  return paintings;
}

std::vector<std::int64_t> StyleChoice::in_turn(std::int64_t count) const {
  std::vector<std::int64_t> paintings;
  for (std::int64_t i = 0; i < count; ++i) paintings.push_back(i % paintings_);
  return paintings;
}

at::Tensor StyleChoice::weights(std::vector<std::int64_t> paintings) const {
  if (norm_ != Norm::kConditionalInstance) return {};
  for (auto& style : paintings) style += styles_ - paintings_;
  return at::one_hot(at::tensor(paintings, at::kLong), styles_).to(device_, at::kFloat);
}

}  // namespace impasto
