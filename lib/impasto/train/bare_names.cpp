#include "impasto/train/bare_names.h"

namespace impasto {

TrainConfig with_bare_names(TrainConfig config) {
  for (auto& image : config.style.images) image = image.filename();
  for (auto* path : {&config.data.path,
                     &config.data.annotations,
                     &config.init.from,
                     &config.loss.network,
                     &config.output.dir}) {
    *path = path->filename();
  }
  return config;
}

}  // namespace impasto
