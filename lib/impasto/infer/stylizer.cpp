#include "impasto/infer/stylizer.h"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/memory.h"
#include "impasto/base/resize.h"

namespace impasto {
namespace {

/// How a picture goes on to the right and below, where a backend takes no such small one.
struct Extension {
  int (*length)(int side);          ///< Of the side then.
  int (*place)(int i, int length);  ///< Where position `i` lies in a row of `length`.
};

/// 0 1 2 1 0 1 ... for 3: the end is not doubled.
constexpr Extension kMirrored = {[](int side) { return std::max(side, Backend::kSmallestSide); },
                                 [](int i, int length) {
                                   if (length == 1) return 0;
                                   const int period = 2 * (length - 1);
                                   const int folded = i % period;
                                   return std::min(folded, period - folded);
                                 }};

/// Whole copies: only of these is what tiles a tile again.
constexpr Extension kRepeated = {[](int side) {
                                   const int copies = (Backend::kSmallestSide + side - 1) / side;
                                   return copies * side;
                                 },
                                 [](int i, int length) { return i % length; }};

// The top left `width` x `height` of the picture as it goes on.
template <class Sample>
BasicImage<Sample> region(const BasicImage<Sample>& image,
                          int width,
                          int height,
                          const Extension& extension) {
  BasicImage<Sample> result(width, height, image.channels());
  const auto channels = static_cast<std::size_t>(image.channels());
  for (int y = 0; y < height; ++y) {
    const Sample* in = image.row(extension.place(y, image.height()));
    Sample* out = result.row(y);
    for (int x = 0; x < width; ++x, out += channels) {
      const auto from = static_cast<std::size_t>(extension.place(x, image.width()));
      std::copy_n(in + channels * from, channels, out);
    }
  }
  return result;
}

/// The next number of pixels that is a whole one at the network's lowest resolution too: only then
/// do borders join there.
int multiple_of_step(int side) {
  constexpr int kStep = 4;
  return (side + kStep - 1) / kStep * kStep;
}

std::string size_of(const auto& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

/// Bytes of a picture.
std::uint64_t picture_bytes(int width, int height, int channels) {
  return std::uint64_t{1} * static_cast<unsigned>(width) * static_cast<unsigned>(height) *
         static_cast<unsigned>(channels);
}

/// A limit of 0 is half of what is free: the rest is for other programs, and for the system, which
/// keeps files in it that are read and written.
std::uint64_t limit_or_share(std::uint64_t limit) {
  return limit > 0 ? limit : available_memory() / 2;
}

std::uint64_t rest_of(std::uint64_t limit, std::uint64_t taken) {
  return limit > taken ? limit - taken : 0;
}

bool knows_bands(const Backend& backend) {
  return backend.memory_bytes(Backend::kSmallestSide, Backend::kSmallestSide) > 0;
}

}  // namespace

Stylizer Stylizer::load(const std::filesystem::path& model, const StylizerOptions& options) {
  return Stylizer(StyleModel::load(model), options);
}

Stylizer::Stylizer(StyleModel model, const StylizerOptions& options)
    : seam_free_(options.seam_free),
      memory_(options.memory),
      scratch_folder_(options.scratch_folder),
      model_(std::move(model)),
      backend_(make_backend(model_, options)) {
  if (knows_bands(*backend_)) model_.tensors.clear();
}

Stylizer::Stylizer(StyleModel model, std::unique_ptr<const Backend> backend)
    : model_(std::move(model)), backend_(std::move(backend)) {
  if (backend_ == nullptr) throw ConfigError("stylizer: expected a backend, found none");
  if (knows_bands(*backend_)) model_.tensors.clear();
}

std::vector<float> Stylizer::weights_of(const std::string& style) const {
  std::vector<float> weights(model_.styles.size(), 0.0F);
  weights.at(static_cast<std::size_t>(model_.style_index(style))) = 1.0F;
  return weights;
}

bool Stylizer::fits(int width, int height, int channels, int sample_bytes) const {
  // Nothing else can be done with these.
  if (seam_free_ || std::min(width, height) < Backend::kSmallestSide) return true;
  const std::uint64_t network = backend_->memory_bytes(width, height);
  if (network == 0) return true;
  // With alpha, both pictures have a copy without it.
  const int copies = channels == 4 ? 4 + 3 + 3 + 4 : 3 + 3;
  const std::uint64_t needed = network + picture_bytes(width, height, copies * sample_bytes);
  // Every machine has as much: not worth asking the system.
  constexpr std::uint64_t kLittle = std::uint64_t{64} << 20;
  return (memory_ == 0 && needed <= kLittle) || needed <= limit_or_share(memory_);
}

Image Stylizer::operator()(const Image& image,
                           const std::string& style,
                           const engine::Progress& progress) const {
  return (*this)(image, weights_of(style), progress);
}

// `work` with this Stylizer, or with one on the CPU where a device has too little memory.
template <class Work>
auto Stylizer::or_on_cpu(const Work& work) const {
  try {
    return work(*this);
  } catch (const OutOfMemoryError& error) {
    if (model_.tensors.empty()) throw;
    log_warning(std::string(error.what()) + ": it is computed on the CPU");
    return work(Stylizer(model_,
                         {.device = "cpu",
                          .backend = "engine",
                          .memory = memory_,
                          .scratch_folder = scratch_folder_}));
  }
}

Image Stylizer::operator()(const Image& image,
                           std::span<const float> style_weights,
                           const engine::Progress& progress) const {
  require_valid(image.empty(), style_weights);
  return or_on_cpu([&](const Stylizer& self) { return self.run(image, style_weights, progress); });
}

template <class Sample>
BasicImage<Sample> Stylizer::run(const BasicImage<Sample>& image,
                                 std::span<const float> style_weights,
                                 const engine::Progress& progress) const {
  if (fits(image.width(), image.height(), image.channels(), sizeof(Sample))) {
    return run_whole(image, style_weights, progress);
  }
  BasicImageRows<Sample> photo(image);
  BasicImageSink<Sample> result(image.width(), image.height(), image.channels());
  const bool finished = (*this)(photo, result, style_weights, progress);
  return finished ? result.take() : BasicImage<Sample>();
}

Image16 Stylizer::operator()(const Image16& image,
                             std::span<const float> style_weights,
                             const engine::Progress& progress) const {
  require_valid(image.empty(), style_weights);
  return or_on_cpu([&](const Stylizer& self) { return self.run(image, style_weights, progress); });
}

void Stylizer::require_valid(bool empty, std::span<const float> style_weights) const {
  if (empty) throw ConfigError("stylizer: expected a picture, found an empty one");
  if (style_weights.size() == model_.styles.size()) return;
  throw ConfigError("style weights: expected one a style, " + std::to_string(model_.styles.size()) +
                    ", found " + std::to_string(style_weights.size()));
}

template <class Sample>
BasicImage<Sample> Stylizer::run_whole(const BasicImage<Sample>& image,
                                       std::span<const float> style_weights,
                                       const engine::Progress& progress) const {
  using Picture = BasicImage<Sample>;
  const auto run = [&](const Picture& rgb) {
    Picture result;
    if constexpr (std::same_as<Sample, std::uint8_t>) {
      result = backend_->run(rgb, style_weights, progress);
    } else {
      result = backend_->run16(rgb, style_weights, progress);
    }
    const bool stopped = result.empty() && progress;
    if (!stopped && (size_of(result) != size_of(rgb) || result.has_alpha())) {
      throw Error("backend '" + backend_->description() + "': expected an RGB picture of " +
                  size_of(rgb) + ", found " + size_of(result));
    }
    return result;
  };
  const auto run_extended = [&](const Picture& rgb, const Extension& extension) {
    const int width = extension.length(rgb.width()), height = extension.length(rgb.height());
    if (width == rgb.width() && height == rgb.height()) return run(rgb);
    const Picture result = run(region(rgb, width, height, extension));
    return result.empty() ? result : region(result, rgb.width(), rgb.height(), extension);
  };
  // Copied only where something has to change.
  const Picture opaque = image.has_alpha() ? drop_alpha(image) : Picture();
  const Picture& rgb = image.has_alpha() ? opaque : image;
  Picture result;
  if (seam_free_) {
    result = run_extended(
        resize_tile(rgb, multiple_of_step(rgb.width()), multiple_of_step(rgb.height())), kRepeated);
    if (!result.empty()) result = resize_tile(result, rgb.width(), rgb.height());
  } else {
    result = run_extended(rgb, kMirrored);
  }
  return image.has_alpha() && !result.empty() ? with_alpha_of(result, image) : result;
}

bool Stylizer::operator()(RowSource& photo,
                          RowSink& result,
                          const std::string& style,
                          const engine::Progress& progress) const {
  return (*this)(photo, result, weights_of(style), progress);
}

bool Stylizer::operator()(RowSource& photo,
                          RowSink& result,
                          std::span<const float> style_weights,
                          const engine::Progress& progress) const {
  const auto text_of = [](const auto& rows) {
    return size_of(rows) + " with " + std::to_string(rows.channels()) + " channels of " +
           std::to_string(8 * rows.sample_bytes()) + " bits";
  };
  if (text_of(result) != text_of(photo)) {
    throw ConfigError("stylizer: expected a result of " + text_of(photo) + ", found " +
                      text_of(result));
  }
  const std::size_t rgb_bytes = std::size_t{3} * photo.sample_bytes();
  const std::size_t pixel_bytes = std::size_t{1} * photo.channels() * photo.sample_bytes();
  std::vector<std::uint8_t> rgba;
  const auto done = [&](std::span<const std::uint8_t> rgb, std::span<const std::uint8_t> rows) {
    if (pixel_bytes == rgb_bytes) return result.write(rgb);
    rgba.assign(rows.begin(), rows.end());
    for (std::size_t i = 0, j = 0; i < rgb.size(); i += rgb_bytes, j += pixel_bytes) {
      std::copy_n(rgb.data() + i, rgb_bytes, rgba.data() + j);
    }
    result.write(rgba);
  };
  if (!(*this)(photo, done, style_weights, progress, result.memory_bytes())) return false;
  result.finish();
  return true;
}

bool Stylizer::operator()(RowSource& photo,
                          const engine::RowsDone& done,
                          std::span<const float> style_weights,
                          const engine::Progress& progress,
                          std::uint64_t taken) const {
  require_valid(photo.width() < 1 || photo.height() < 1, style_weights);
  return or_on_cpu(
      [&](const Stylizer& self) { return self.run(photo, done, style_weights, progress, taken); });
}

bool Stylizer::run(RowSource& photo,
                   const engine::RowsDone& done,
                   std::span<const float> style_weights,
                   const engine::Progress& progress,
                   std::uint64_t taken) const {
  if (fits(photo.width(), photo.height(), photo.channels(), photo.sample_bytes())) {
    return photo.sample_bytes() == 1
               ? run_whole<std::uint8_t>(photo, done, style_weights, progress)
               : run_whole<std::uint16_t>(photo, done, style_weights, progress);
  }
  const BandLimits limits{.memory = rest_of(limit_or_share(memory_), photo.memory_bytes() + taken),
                          .scratch_folder = scratch_folder_};
  return backend_->run_in_bands(photo, done, limits, style_weights, progress);
}

template <class Sample>
bool Stylizer::run_whole(RowSource& photo,
                         const engine::RowsDone& done,
                         std::span<const float> style_weights,
                         const engine::Progress& progress) const {
  BasicImage<Sample> image(photo.width(), photo.height(), photo.channels());
  const auto bytes = [](auto& picture) {
    const auto pixels = picture.pixels();
    return std::span(reinterpret_cast<std::uint8_t*>(pixels.data()), pixels.size_bytes());
  };
  photo.rewind();
  photo.read(bytes(image));
  BasicImage<Sample> result = run_whole(drop_alpha(image), style_weights, progress);
  if (result.empty()) return false;
  done(bytes(result), bytes(image));
  return true;
}

}  // namespace impasto
