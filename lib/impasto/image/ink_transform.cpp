#include "impasto/image/ink_transform.h"

#include <limits>

#include "impasto/image/embedded_profile.h"

namespace impasto {
namespace {

/// Rounded to the nearest.
template <class Sample>
void let_through(std::span<const Sample> cmyk, Sample* rgb) {
  constexpr std::uint32_t kFull = std::numeric_limits<Sample>::max();
  for (std::size_t i = 0; i < cmyk.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c, ++rgb) {
      const std::uint32_t product = (kFull - cmyk[i + c]) * (kFull - cmyk[i + 3]);
      *rgb = static_cast<Sample>(product / kFull + (product % kFull > kFull / 2 ? 1 : 0));
    }
  }
}

}  // namespace

template <class Sample>
struct InkTransform<Sample>::Profiled {
  EmbeddedProfile profile;  // First: the transform lives in it.
  Transform transform = {};
};

template <class Sample>
InkTransform<Sample>::InkTransform(std::span<const std::byte> profile, const std::string& name) {
  if (profile.empty()) return;
  auto profiled = std::make_unique<Profiled>(EmbeddedProfile(profile));
  // What is no profile at all, or one for other colours, is ColorTransform's matter.
  if (!profiled->profile.is_valid() || profiled->profile.space() != cmsSigCmykData) return;
  profiled->transform = sizeof(Sample) == 1 ? profiled->profile.to_srgb(TYPE_CMYK_8, TYPE_RGB_8)
                                            : profiled->profile.to_srgb(TYPE_CMYK_16, TYPE_RGB_16);
  if (profiled->transform != nullptr) {
    profiled_ = std::move(profiled);
  } else {
    report_damaged_profile(name, "plain CMYK");
  }
}

template <class Sample>
InkTransform<Sample>::~InkTransform() = default;
template <class Sample>
InkTransform<Sample>::InkTransform(InkTransform&&) noexcept = default;

template <class Sample>
void InkTransform<Sample>::apply(std::span<const Sample> cmyk, Sample* rgb) const {
  if (profiled_ == nullptr) return let_through(cmyk, rgb);
  cmsDoTransform(
      profiled_->transform.get(), cmyk.data(), rgb, static_cast<cmsUInt32Number>(cmyk.size() / 4));
}

template class InkTransform<std::uint8_t>;
template class InkTransform<std::uint16_t>;

}  // namespace impasto
