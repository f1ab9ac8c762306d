#include "impasto/image/embedded_profile.h"

#include "impasto/base/log.h"

namespace impasto {

EmbeddedProfile::EmbeddedProfile(std::span<const std::byte> bytes)
    : context_(cmsCreateContext(nullptr, nullptr)),
      from_(cmsOpenProfileFromMemTHR(
          context_.get(), bytes.data(), static_cast<cmsUInt32Number>(bytes.size()))),
      to_(cmsCreate_sRGBProfileTHR(context_.get())) {}

Transform EmbeddedProfile::to_srgb(cmsUInt32Number in, cmsUInt32Number out) const {
  return Transform(cmsCreateTransformTHR(context_.get(),
                                         from_.get(),
                                         in,
                                         to_.get(),
                                         out,
                                         cmsGetHeaderRenderingIntent(from_.get()),
                                         cmsFLAGS_NOCACHE));
}

void report_damaged_profile(const std::string& name, const std::string& taken_as) {
  log_warning(name + ": damaged colour profile; its colours are taken as " + taken_as);
}

}  // namespace impasto
