#include "impasto/image/color_profile.h"

#include <lcms2.h>

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

#include "impasto/base/log.h"

namespace impasto {
namespace {

struct CloseContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct CloseProfile {
  void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
};
struct CloseTransform {
  void operator()(cmsHTRANSFORM transform) const { cmsDeleteTransform(transform); }
};
using Context = std::unique_ptr<std::remove_pointer_t<cmsContext>, CloseContext>;
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, CloseTransform>;

}  // namespace

struct ColorTransform::Impl {
  Context context;  // First: the transforms live in it.
  bool grey = false;
  Transform of_bytes;
  Transform of_words;

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
  auto impl = std::make_unique<Impl>();
  // A context of its own: errors stay silent, and threads do not meet in a global one.
  impl->context.reset(cmsCreateContext(nullptr, nullptr));
  const cmsContext context = impl->context.get();
  const Profile from(cmsOpenProfileFromMemTHR(
      context, profile.data(), static_cast<cmsUInt32Number>(profile.size())));
  const Profile to(cmsCreate_sRGBProfileTHR(context));
  const auto damaged = [&]() -> std::unique_ptr<ColorTransform> {
    log_warning(name + ": damaged colour profile; its colours are taken as sRGB");
    return nullptr;
  };
  if (from == nullptr || to == nullptr) return damaged();
  const cmsColorSpaceSignature space = cmsGetColorSpace(from.get());
  if (space != cmsSigRgbData && space != cmsSigGrayData) return nullptr;
  impl->grey = space == cmsSigGrayData;
  const cmsUInt32Number intent = cmsGetHeaderRenderingIntent(from.get());
  const auto make = [&](cmsUInt32Number in, cmsUInt32Number out) {
    return Transform(
        cmsCreateTransformTHR(context, from.get(), in, to.get(), out, intent, cmsFLAGS_NOCACHE));
  };
  impl->of_bytes = make(impl->grey ? TYPE_GRAY_8 : TYPE_RGB_8, TYPE_RGB_8);
  impl->of_words = make(impl->grey ? TYPE_GRAY_16 : TYPE_RGB_16, TYPE_RGB_16);
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
