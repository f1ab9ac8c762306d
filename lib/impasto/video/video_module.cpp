#include "impasto/video/video_module.h"

#include <mutex>
#include <optional>

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"

namespace impasto {
namespace {

std::optional<VideoModule> registered;  // Written while the module is loaded, under the mutex.

}  // namespace

void register_video(const VideoModule& module) { registered = module; }

const VideoModule& video_module(const std::string& name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!registered) {
    try {
      load_plugin(beside_this_library(IMPASTO_VIDEO_LIBRARY));
    } catch (const IoError& error) {
      throw IoError(name + ": cannot load what reads and writes films: " + error.what() +
                    "; keep " IMPASTO_VIDEO_LIBRARY " beside libimpasto_core");
    }
  }
  if (!registered) throw IoError(name + ": " IMPASTO_VIDEO_LIBRARY " holds nothing for films");
  return *registered;
}

}  // namespace impasto
