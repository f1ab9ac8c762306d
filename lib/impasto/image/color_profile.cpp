#include "impasto/image/color_profile.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "impasto/image/embedded_profile.h"

namespace impasto {

struct ColorTransform::Impl {
  EmbeddedProfile profile;  // First: the transforms live in it.
  bool grey = false;
  Transform of_bytes = {};
  Transform of_words = {};

  template <class Sample>
  void apply(cmsHTRANSFORM transform, std::span<Sample> pixels, int channels) const {
    // Of grey pictures, whose channels are alike, one channel goes in. What is not grey has no
    // place in a profile for grey, and stays. Alpha is not lcms's matter.
    const std::size_t inputs = grey ? 1 : 3, step = static_cast<std::size_t>(channels);
    const std::size_t count = pixels.size() / step;
    constexpr std::size_t kBlock = 1024;
    Sample in[3 * kBlock], out[3 * kBlock];
    for (std::size_t first = 0; first < count; first += kBlock) {
      const std::size_t block = std::min(kBlock, count - first);
      Sample* const begin = pixels.data() + first * step;
      for (std::size_t i = 0; i < block; ++i) {
        std::copy_n(begin + i * step, inputs, in + i * inputs);
      }
      cmsDoTransform(transform, in, out, static_cast<cmsUInt32Number>(block));
      for (std::size_t i = 0; i < block; ++i) {
        Sample* const pixel = begin + i * step;
        if (!grey || (pixel[0] == pixel[1] && pixel[1] == pixel[2])) {
          std::copy_n(out + 3 * i, 3, pixel);
        }
      }
    }
  }

  /// Whether colours come out as they go in, up to rounding.
  bool changes_nothing() const {
    std::vector<std::uint8_t> colours;
    constexpr int kSteps = 9;
    for (int i = 0; i < kSteps * kSteps * kSteps; ++i) {
      const int place[] = {i % kSteps, i / kSteps % kSteps, i / (kSteps * kSteps)};
      for (const int p : place) {
        colours.push_back(static_cast<std::uint8_t>(255 * (grey ? place[0] : p) / (kSteps - 1)));
      }
    }
    std::vector<std::uint8_t> converted = colours;
    apply<std::uint8_t>(of_bytes.get(), converted, 3);
    return std::ranges::equal(
        colours, converted, [](int a, int b) { return std::abs(a - b) <= 1; });
  }
};

ColorTransform::ColorTransform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ColorTransform::~ColorTransform() = default;

std::unique_ptr<ColorTransform> ColorTransform::from_profile(std::span<const std::byte> profile,
                                                             const std::string& name) {
  if (profile.empty()) return nullptr;
  auto impl = std::make_unique<Impl>(EmbeddedProfile(profile));
  const auto damaged = [&]() -> std::unique_ptr<ColorTransform> {
    report_damaged_profile(name, "sRGB");
    return nullptr;
  };
  if (!impl->profile.is_valid()) return damaged();
  const cmsColorSpaceSignature space = impl->profile.space();
  if (space != cmsSigRgbData && space != cmsSigGrayData) return nullptr;
  impl->grey = space == cmsSigGrayData;
  impl->of_bytes = impl->profile.to_srgb(impl->grey ? TYPE_GRAY_8 : TYPE_RGB_8, TYPE_RGB_8);
  impl->of_words = impl->profile.to_srgb(impl->grey ? TYPE_GRAY_16 : TYPE_RGB_16, TYPE_RGB_16);
  if (impl->of_bytes == nullptr || impl->of_words == nullptr) return damaged();
  if (impl->changes_nothing()) return nullptr;
  return std::unique_ptr<ColorTransform>(new ColorTransform(std::move(impl)));
}

void ColorTransform::apply(std::span<std::uint8_t> pixels, int channels) const {
  impl_->apply(impl_->of_bytes.get(), pixels, channels);
}

void ColorTransform::apply(std::span<std::uint16_t> pixels, int channels) const {
  impl_->apply(impl_->of_words.get(), pixels, channels);
}

}  // namespace impasto
