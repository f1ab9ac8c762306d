#include "impasto/video/video_module.h"

#include "impasto/base/plugin.h"

namespace impasto {
namespace {

PluginModule<VideoModule> plugin(IMPASTO_VIDEO_LIBRARY, "what reads and writes films");

}  // namespace

void register_video(const VideoModule& functions) { plugin.set(functions); }

const VideoModule& video_module(const std::string& name) { return plugin.get(name); }

}  // namespace impasto
