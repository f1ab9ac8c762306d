#include "impasto/engine/row_loader.h"

#include <algorithm>
#include <cstring>

#include "impasto/engine/bfloat16.h"

namespace impasto::engine {

namespace {

/// Where a coordinate outside [0, size) is read; -1: it is zero.
int padded_from(int i, int size, Padding padding) {
  if (i >= 0 && i < size) return i;
  switch (padding) {
    case Padding::kReflect:
      return mirrored(i, size);
    case Padding::kReplicate:
      return i < 0 ? 0 : size - 1;
    case Padding::kZero:
      return -1;
    case Padding::kWrap:
      return (i % size + size) % size;
  }
  return -1;
}

/// The two small pixels that bilinear x2 enlargement (half-pixel centres) mixes, 1/4 to 3/4.
struct Mix {
  int near;
  int far;

  Mix(int i, int size)
      : near(i / 2), far(std::clamp(i % 2 == 0 ? i / 2 - 1 : i / 2 + 1, 0, size - 1)) {}
};

}  // namespace

RowLoader::RowLoader(
    const RunContext& context, int stage, const Tile& tile, int columns, std::byte* scratch)
    : context_(context),
      stage_(context.network.stages[stage]),
      plan_(context.stages[stage]),
      number_(stage),
      tile_(tile),
      columns_(columns),
      scratch_(scratch),
      pad_after_(stage_.window - 1 - stage_.pad),
      virtual_{plan_.grid.width * stage_.stride, plan_.grid.height * stage_.stride},
      pixel_(static_cast<std::size_t>(stage_.in_channels) * context.kernels.compute_size) {}

void RowLoader::load(int row, std::byte* target) {
  // Winograd's last tiles reach past the padding: what they compute there is dropped.
  const int last_row = virtual_.height - 1 + pad_after_;
  const int y = padded_from(std::min(row - stage_.pad, last_row), virtual_.height, stage_.padding);
  if (y < 0) {
    std::memset(target, 0, columns_ * pixel_);
    return;
  }
  if (stage_.sources.empty()) return load_picture(y, target);

  // Each pixel is kept by the tile that owns it, and only when it comes by for itself.
  const bool own_row = row - stage_.pad == y && y >= tile_.y0 && y < tile_.y1;
  if (stage_.padding == Padding::kWrap) return load_wrapped(y, own_row, target);
  const int begin = tile_.x0 * stage_.stride - stage_.pad;
  const int first = std::max(begin, 0);
  const int end = std::min(begin + columns_, virtual_.width);
  load_columns(y, first, end, own_row, target + (first - begin) * pixel_);
  for (int i = 0; i < columns_; ++i) {
    if (begin + i >= first && begin + i < end) {
      i = end - begin - 1;
      continue;
    }
    const int last_column = virtual_.width - 1 + pad_after_;
    const int x = padded_from(std::min(begin + i, last_column), virtual_.width, stage_.padding);
    if (x < 0) {
      std::memset(target + i * pixel_, 0, pixel_);
    } else {
      std::memcpy(target + i * pixel_, target + (x - begin) * pixel_, pixel_);
    }
  }
}

void RowLoader::load_columns(int y, int x_begin, int x_end, bool keep, std::byte* target) {
  if (stage_.resample != Resample::kNone) return load_resampled(y, x_begin, x_end, target);
  std::size_t offset = 0;
  for (const Source& source : stage_.sources) {
    const int channels = context_.network.stages[source.stage].out_channels;
    std::byte* const part = target + offset;
    if (source.keep && keep) {
      load_source(source, y, x_begin, tile_.x0, false, part);
      load_source(source, y, tile_.x0, tile_.x1, true, part + (tile_.x0 - x_begin) * pixel_);
      load_source(source, y, tile_.x1, x_end, false, part + (tile_.x1 - x_begin) * pixel_);
    } else {
      load_source(source, y, x_begin, x_end, false, part);
    }
    offset += static_cast<std::size_t>(channels) * context_.kernels.compute_size;
  }
}

void RowLoader::load_wrapped(int y, bool keep, std::byte* target) {
  const int begin = tile_.x0 * stage_.stride - stage_.pad;
  const int end = begin + columns_;
  for (int x = begin; x < end;) {
    const int from = padded_from(x, virtual_.width, Padding::kWrap);
    const int count = std::min(virtual_.width - from, end - x);
    load_columns(y, from, from + count, keep && from == x, target + (x - begin) * pixel_);
    x += count;
  }
}

void RowLoader::load_source(
    const Source& source, int y, int x_begin, int x_end, bool keep, std::byte* target) const {
  if (x_begin >= x_end) return;
  const int channels = context_.network.stages[source.stage].out_channels;
  const std::size_t position =
      static_cast<std::size_t>(x_begin) * channels * context_.kernels.storage_size;
  const float* affine = context_.memory[source.stage].affine;
  LoadArgs args;
  args.source = context_.memory[source.stage].output[y] + position;
  args.scale = affine;
  args.shift = affine + channels;
  args.curve = source.curve;
  args.slope = source.slope.data();
  args.residual =
      source.residual >= 0 ? context_.memory[source.residual].kept[y] + position : nullptr;
  args.copy = keep ? context_.memory[number_].kept[y] + position : nullptr;
  args.target = target;
  args.target_stride = stage_.in_channels;
  args.pixels = x_end - x_begin;
  args.channels = channels;
  context_.kernels.load(args);
}

void RowLoader::load_small(int y, int x_begin, int x_end, std::byte* target) const {
  std::size_t offset = 0;
  for (const Source& source : stage_.sources) {
    load_source(source, y, x_begin, x_end, false, target + offset);
    offset += static_cast<std::size_t>(context_.network.stages[source.stage].out_channels) *
              context_.kernels.compute_size;
  }
}

const std::byte* RowLoader::small_row(int y, int x_begin, int x_end) {
  const std::size_t slot = y % 2;
  std::byte* const row = scratch_ + plan_.scratch.small[slot];
  if (held_[slot] != y) load_small(y, x_begin, x_end, row);
  held_[slot] = y;
  return row;
}

void RowLoader::load_resampled(int y, int x_begin, int x_end, std::byte* target) {
  const int small_begin = std::max(x_begin / 2 - 1, 0);
  const int small_end = std::min((x_end - 1) / 2 + 2, plan_.input.width);
  const Mix rows(y, plan_.input.height);
  const int channels = stage_.in_channels;
  std::byte* const blended = scratch_ + plan_.scratch.blended;
  context_.kernels.blend({small_row(rows.near, small_begin, small_end),
                          small_row(rows.far, small_begin, small_end),
                          0.75f,
                          0.25f,
                          blended,
                          small_end - small_begin,
                          channels,
                          channels});

  const auto small_pixel = [&](int x) { return blended + (x - small_begin) * pixel_; };
  const auto target_pixel = [&](int x) { return target + (x - x_begin) * pixel_; };
  // At the picture's borders the two pixels that are mixed are the same.
  const int last = virtual_.width - 1;
  if (x_begin == 0) std::memcpy(target_pixel(0), small_pixel(0), pixel_);
  if (x_end > last) std::memcpy(target_pixel(last), small_pixel(last / 2), pixel_);
  for (int x = std::max(x_begin, 1), turn = 0; turn < 2; ++x, ++turn) {
    const int end = std::min(x_end, last);
    if (x >= end) break;
    const Mix columns(x, plan_.input.width);
    context_.kernels.blend({small_pixel(columns.near),
                            small_pixel(columns.far),
                            0.75f,
                            0.25f,
                            target_pixel(x),
                            (end - x + 1) / 2,
                            channels,
                            std::ptrdiff_t{2} * channels});
  }
}

namespace {

/// `count` pixels from `from` on, `advance` values apart, whose channels are `plane` values apart.
template <typename Compute, typename Value>
void convert_values(const Value* from,
                    std::ptrdiff_t advance,
                    std::size_t plane,
                    float scale,
                    Compute* target,
                    int count) {
  for (int i = 0; i < count; ++i, from += advance, target += 3) {
    for (std::size_t c = 0; c < 3; ++c) {
      const float value = scale * static_cast<float>(from[c * plane]);
      if constexpr (sizeof(Compute) == sizeof(float)) {
        target[c] = value;
      } else {
        target[c] = to_bfloat16(value);
      }
    }
  }
}

template <typename Compute>
void convert_row(const PictureSource& source, Size size, int y, int x, Compute* target, int count) {
  const auto interleaved = [&](const auto* samples, float scale) {
    const std::size_t first =
        (static_cast<std::size_t>(y - source.first) * size.width + x) * source.channels;
    convert_values(samples + first, source.channels, 1, scale, target, count);
  };
  if (source.bytes != nullptr) {
    interleaved(source.bytes, 1.0F);
  } else if (source.words != nullptr) {
    interleaved(source.words, 1.0F / kWordStep);
  } else {
    const std::size_t plane = static_cast<std::size_t>(size.width) * size.height;
    const float* from = source.planes + static_cast<std::size_t>(y) * size.width + x;
    convert_values(from, 1, plane, 1.0F, target, count);
  }
}

}  // namespace

void RowLoader::load_picture(int y, std::byte* target) const {
  const Canvas& canvas = context_.canvas;
  const int source_y = canvas.picture_row(y);
  // `count` pixels of the picture from column x on, to the place `at` of the target.
  const auto put = [&](int x, int at, int count) {
    const auto convert = [&](auto* to) {
      convert_row(context_.source, canvas.picture, source_y, x, to, count);
    };
    std::byte* const to = target + at * pixel_;
    if (context_.kernels.compute_size == sizeof(float)) {
      convert(reinterpret_cast<float*>(to));
    } else {
      convert(reinterpret_cast<BFloat16*>(to));
    }
  };
  const int begin = tile_.x0 - stage_.pad;
  const int end = begin + columns_;
  const int last_column = virtual_.width - 1 + pad_after_;
  for (int x = begin; x < end;) {
    if (x >= canvas.margin && x < canvas.columns_end()) {
      const int inside = std::min(end, canvas.columns_end()) - x;
      put(x - canvas.margin, x - begin, inside);
      x += inside;
    } else {
      const int column = padded_from(std::min(x, last_column), virtual_.width, stage_.padding);
      put(canvas.picture_column(column), x - begin, 1);
      ++x;
    }
  }
}

}  // namespace impasto::engine
