#include "impasto/engine/engine.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/memory.h"
#include "impasto/engine/band_plan.h"
#include "impasto/engine/band_runner.h"
#include "impasto/engine/buffer.h"
#include "impasto/engine/executor.h"
#include "impasto/engine/network.h"
#include "impasto/engine/plan.h"
#include "impasto/engine/thread_pool.h"

namespace impasto {

namespace {

constexpr int kSmallestSide = 16;

int thread_count(int wanted) {
  if (wanted < 0) {
    throw ConfigError("engine.threads: expected 0 or more, found " + std::to_string(wanted));
  }
  return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

bool use_bfloat16(Precision precision, engine::Isa isa) {
  switch (precision) {
    case Precision::kAuto:
      return isa == engine::Isa::kAmx;
    case Precision::kFloat32:
      return false;
    case Precision::kBFloat16:
      return true;
    case Precision::kFloat16:
      break;
  }
  throw ConfigError("engine.precision: expected auto, float32 or bfloat16, found 'float16'");
}

void check_size(int width, int height, bool wrap) {
  if (wrap && (width % 4 != 0 || height % 4 != 0)) {
    throw ConfigError("picture: expected sides that are multiples of 4 to wrap around, found " +
                      std::to_string(width) + "x" + std::to_string(height));
  }
  if (width < kSmallestSide || height < kSmallestSide) {
    throw ConfigError("picture: expected sides of at least 16, found " + std::to_string(width) +
                      "x" + std::to_string(height));
  }
}

void check_channels(int channels) {
  if (channels != 3 && channels != 4) {
    throw ConfigError("picture: expected 3 or 4 channels, found " + std::to_string(channels));
  }
}

void check_count(const char* what, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw ConfigError(std::string(what) + ": expected " + std::to_string(expected) +
                    " values, found " + std::to_string(found));
}

const StyleModel& validated(const StyleModel& model) {
  model.validate("style model");
  return model;
}

}  // namespace

struct Engine::Impl {
  Impl(const StyleModel& model, const EngineOptions& options)
      : isa(engine::choose_isa(options.isa)),
        bfloat16(use_bfloat16(options.precision, isa)),
        kernels(engine::kernels_for(isa, bfloat16)),
        network(validated(model), kernels, options.winograd, options.wrap),
        wrap(options.wrap),
        pool(thread_count(options.threads)),
        first_style(static_cast<std::size_t>(network.styles)) {
    first_style[0] = 1.0f;
  }

  /// The memory of one run at a time, and the plan that it is laid out for.
  struct Workspace {
    Workspace(engine::Plan p, const engine::Network& network, const engine::Kernels& kernels)
        : plan(std::move(p)),
          arena(plan.arena_size),
          memory(engine::memory_of(plan, network, kernels, arena.data())) {}
    engine::Plan plan;
    engine::Buffer arena;
    std::vector<engine::StageMemory> memory;
  };
  using Workspaces = std::list<Workspace>;

  engine::Plan make_plan(int width, int height) const {
    check_size(width, height, wrap);
    return engine::Plan(network, kernels, {width, height}, pool.threads());
  }

  /// An idle workspace for this size, or a new one. Lists, so that handing one over and back
  /// allocates nothing.
  Workspaces take(int width, int height) {
    Workspaces taken;
    {
      const std::lock_guard lock(mutex);
      for (auto it = idle.begin(); it != idle.end(); ++it) {
        if (it->plan.canvas.picture != engine::Size{width, height}) continue;
        taken.splice(taken.begin(), idle, it);
        return taken;
      }
      // Another size: memory of the last one would only add to the peak.
      idle.clear();
    }
    taken.emplace_back(make_plan(width, height), network, kernels);
    return taken;
  }

  void give_back(Workspaces& taken) {
    const std::lock_guard lock(mutex);
    idle.splice(idle.begin(), taken);
  }

  bool run(engine::PictureSource source,
           engine::PictureTarget target,
           int width,
           int height,
           std::span<const float> style_weights,
           const engine::Progress& progress) {
    if (style_weights.empty()) style_weights = first_style;
    check_count("style weights", style_weights.size(), first_style.size());
    Workspaces taken = take(width, height);
    const Workspace& workspace = taken.front();
    const engine::RunContext context{network,
                                     kernels,
                                     workspace.plan.canvas,
                                     workspace.plan.stages,
                                     workspace.memory,
                                     source,
                                     target,
                                     style_weights};
    const bool finished =
        engine::execute(context, workspace.plan, workspace.arena.data(), pool, progress);
    give_back(taken);
    return finished;
  }

  struct Bands {
    engine::BandPlan plan;
    bool in_memory;  ///< The stores too.
  };

  engine::BandPlan plan_bands(
      int width, int height, int channels, int sample_bytes, int band) const {
    return engine::BandPlan(
        network, kernels, {width, height}, channels, pool.threads(), band, sample_bytes);
  }

  /// The highest bands that fit beside the stores, or, where none do, with the stores on disk.
  Bands choose_bands(
      int width, int height, int channels, int sample_bytes, std::uint64_t memory) const {
    check_size(width, height, wrap);
    if (wrap) {
      throw ConfigError(
          "picture: expected one that is run whole, as bands of rows cannot wrap around");
    }
    check_channels(channels);
    // In rows of a quarter of the resolution. Higher ones save nothing worth their memory.
    constexpr int kHeights[] = {64, 48, 32, 24, 16, 12, 8, 4};
    for (const bool in_memory : {true, false}) {
      for (const int band : kHeights) {
        engine::BandPlan plan = plan_bands(width, height, channels, sample_bytes, band);
        const std::uint64_t needed = plan.working_size() + (in_memory ? plan.stores_size() : 0);
        if (needed <= memory) return {std::move(plan), in_memory};
      }
    }
    const std::size_t least =
        plan_bands(width, height, channels, sample_bytes, kHeights[7]).working_size();
    throw ConfigError("memory: expected at least " + byte_text(least) + " for a picture of " +
                      std::to_string(width) + "x" + std::to_string(height) + ", found " +
                      byte_text(memory));
  }

  bool run_bands(RowSource& source,
                 const engine::RowsDone& done,
                 const BandLimits& limits,
                 std::span<const float> style_weights,
                 const engine::Progress& progress) {
    if (style_weights.empty()) style_weights = first_style;
    check_count("style weights", style_weights.size(), first_style.size());
    const Bands bands = choose_bands(
        source.width(), source.height(), source.channels(), source.sample_bytes(), limits.memory);
    {
      const std::lock_guard lock(mutex);
      idle.clear();  // What a picture in one piece has left would only add to the peak.
    }
    const engine::BandPlan& plan = bands.plan;
    std::optional<engine::FeatureStores> stores;
    if (plan.stores_features && bands.in_memory) {
      stores.emplace(engine::FeatureStores{{plan.stored_row, plan.stored_rows},
                                           {plan.stored_row, plan.stored_rows}});
    } else if (plan.stores_features) {
      const auto file = std::make_shared<ScratchFile>(limits.scratch_folder, plan.stores_size());
      stores.emplace(engine::FeatureStores{{plan.stored_row, file, 0},
                                           {plan.stored_row, file, plan.stores_size() / 2}});
    }
    return engine::run_bands({.plan = plan,
                              .network = network,
                              .kernels = kernels,
                              .style_weights = style_weights,
                              .source = source,
                              .done = done,
                              .stores = stores ? &*stores : nullptr,
                              .pool = pool,
                              .progress = progress});
  }

  const engine::Isa isa;
  const bool bfloat16;
  const engine::Kernels& kernels;
  const engine::Network network;
  const bool wrap;
  engine::ThreadPool pool;
  std::vector<float> first_style;
  std::mutex mutex;  // guards `idle`
  Workspaces idle;
};

Engine::Engine(const StyleModel& model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Image Engine::run(const Image& image,
                  std::span<const float> style_weights,
                  const engine::Progress& progress) const {
  check_size(image.width(), image.height(), impl_->wrap);
  Image result(image.width(), image.height());
  const bool finished = impl_->run({.bytes = image.pixels().data(), .channels = image.channels()},
                                   {.bytes = result.pixels().data()},
                                   image.width(),
                                   image.height(),
                                   style_weights,
                                   progress);
  return finished ? result : Image();
}

Image16 Engine::run(const Image16& image,
                    std::span<const float> style_weights,
                    const engine::Progress& progress) const {
  check_size(image.width(), image.height(), impl_->wrap);
  Image16 result(image.width(), image.height());
  const bool finished = impl_->run({.words = image.pixels().data(), .channels = image.channels()},
                                   {.words = result.pixels().data()},
                                   image.width(),
                                   image.height(),
                                   style_weights,
                                   progress);
  return finished ? result : Image16();
}

bool Engine::run(std::span<const float> planes,
                 int width,
                 int height,
                 std::span<float> result,
                 std::span<const float> style_weights,
                 const engine::Progress& progress) const {
  check_size(width, height, impl_->wrap);
  const std::size_t values = std::size_t{3} * width * height;
  check_count("picture", planes.size(), values);
  check_count("result", result.size(), values);
  return impl_->run(
      {.planes = planes.data()}, {.planes = result.data()}, width, height, style_weights, progress);
}

bool Engine::run(std::span<const std::uint8_t> pixels,
                 int width,
                 int height,
                 int channels,
                 std::span<std::uint8_t> result,
                 std::span<const float> style_weights,
                 const engine::Progress& progress) const {
  check_size(width, height, impl_->wrap);
  check_channels(channels);
  const std::size_t count = static_cast<std::size_t>(width) * height;
  check_count("picture", pixels.size(), count * channels);
  check_count("result", result.size(), count * 3);
  return impl_->run({.bytes = pixels.data(), .channels = channels},
                    {.bytes = result.data()},
                    width,
                    height,
                    style_weights,
                    progress);
}

bool Engine::run(RowSource& source,
                 const engine::RowsDone& done,
                 const BandLimits& limits,
                 std::span<const float> style_weights,
                 const engine::Progress& progress) const {
  return impl_->run_bands(source, done, limits, style_weights, progress);
}

BandNeeds Engine::band_needs(
    int width, int height, int channels, const BandLimits& limits, int sample_bytes) const {
  const Impl::Bands bands =
      impl_->choose_bands(width, height, channels, sample_bytes, limits.memory);
  const std::uint64_t stores = bands.plan.stores_size();
  return {.memory = bands.plan.working_size() + (bands.in_memory ? stores : 0),
          .scratch = bands.in_memory ? 0 : stores};
}

void Engine::prepare(int width, int height) const {
  auto workspace = impl_->take(width, height);
  impl_->give_back(workspace);
}

std::string Engine::description() const {
  const int threads = impl_->pool.threads();
  return std::string("engine, cpu, ") + engine::name_of(impl_->isa) + ", " +
         (impl_->bfloat16 ? "bfloat16" : "float32") + ", " + std::to_string(threads) +
         (threads == 1 ? " thread" : " threads");
}

std::string Engine::describe_plan(int width, int height) const {
  return impl_->make_plan(width, height).description(impl_->network, impl_->kernels);
}

std::size_t Engine::workspace_bytes(int width, int height) const {
  return impl_->make_plan(width, height).arena_size;
}

}  // namespace impasto
