#pragma once

// Private: not installed.

#include <lcms2.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

namespace impasto {

struct DeleteTransform {
  void operator()(cmsHTRANSFORM transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, DeleteTransform>;

/// An embedded ICC profile. Its transforms must not outlive it.
class EmbeddedProfile {
 public:
  explicit EmbeddedProfile(std::span<const std::byte> bytes);

  /// Whether the bytes are a profile.
  bool is_valid() const { return from_ != nullptr && to_ != nullptr; }

  /// Of a valid one: what its colours are made of.
  cmsColorSpaceSignature space() const { return cmsGetColorSpace(from_.get()); }

  /// From pixels of lcms's format `in` to sRGB in `out`, with the profile's rendering intent. Null
  /// where a valid profile is damaged further in.
  Transform to_srgb(cmsUInt32Number in, cmsUInt32Number out) const;

 private:
  struct DeleteContext {
    void operator()(cmsContext context) const { cmsDeleteContext(context); }
  };
  struct CloseProfile {
    void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
  };

  // Of its own: errors stay silent, and threads do not meet in a global one. First: all else lives
  // in it.
  std::unique_ptr<std::remove_pointer_t<cmsContext>, DeleteContext> context_;
  std::unique_ptr<void, CloseProfile> from_, to_;
};

/// Says in the log that the profile of the picture `name` is damaged, and what its colours are
/// taken for.
void report_damaged_profile(const std::string& name, const std::string& taken_as);

}  // namespace impasto
