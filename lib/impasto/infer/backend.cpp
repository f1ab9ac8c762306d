#include "impasto/infer/backend.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"
#include "impasto/base/text.h"
#include "impasto/infer/engine_backend.h"

namespace impasto {
namespace {

constexpr const char* kEngine = "engine";
constexpr const char* kTorch = "torch";

class Registry {
 public:
  static Registry& instance() {
    static Registry registry;
    return registry;
  }

  void add(const std::string& name, BackendFactory factory) {
    const std::lock_guard lock(mutex_);
    factories_[name] = std::move(factory);
  }

  /// Empty when there is none.
  BackendFactory find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = factories_.find(name);
    return found == factories_.end() ? BackendFactory() : found->second;
  }

  std::vector<std::string> names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, factory] : factories_) names.push_back(name);
    return names;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, BackendFactory> factories_ = {{kEngine, make_engine_backend}};
};

std::string backend_for(const BackendOptions& options) {
  if (options.backend != "auto") return options.backend;
  return options.device.starts_with("cuda") ? kTorch : kEngine;
}

void load_torch_half() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (Registry::instance().find(kTorch)) return;
  const auto library = beside_this_library(IMPASTO_TORCH_LIBRARY);
  const std::string advice = "; build Impasto with its torch half and keep " IMPASTO_TORCH_LIBRARY
                             " beside libimpasto_core";
  try {
    load_plugin(library);
  } catch (const IoError& error) {
    throw IoError(std::string("cannot load the libtorch backend: ") + error.what() + advice);
  }
  if (!Registry::instance().find(kTorch)) {
    throw IoError(library.string() + ": holds no libtorch backend" + advice);
  }
}

}  // namespace

std::uint64_t Backend::memory_bytes(int, int) const { return 0; }

bool Backend::run_in_bands(RowSource&,
                           const engine::RowsDone&,
                           const BandLimits&,
                           std::span<const float>,
                           const engine::Progress&) const {
  throw ConfigError("backend: expected one that runs in bands, found '" + description() + "'");
}

Image16 Backend::run16(const Image16& rgb,
                       std::span<const float> style_weights,
                       const engine::Progress& progress) const {
  return to_16_bits(run(to_8_bits(rgb), style_weights, progress));
}

void register_backend(const std::string& name, BackendFactory factory) {
  Registry::instance().add(name, std::move(factory));
}

std::unique_ptr<Backend> make_backend(const StyleModel& model, const BackendOptions& options) {
  const std::string name = backend_for(options);
  if (options.seam_free && name != kEngine) {
    throw ConfigError("seam_free: expected the backend engine, found '" + name + "'");
  }
  if (name == kTorch) load_torch_half();
  const BackendFactory factory = Registry::instance().find(name);
  if (!factory) {
    const std::vector<std::string> names = Registry::instance().names();
    throw ConfigError("backend: expected auto or one of " + join(names) + ", found '" + name + "'" +
                      did_you_mean(name, names));
  }
  return factory(model, options);
}

}  // namespace impasto
