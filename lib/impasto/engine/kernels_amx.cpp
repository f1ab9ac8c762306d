#include <immintrin.h>

#include "impasto/engine/kernel_tables.h"
#include "impasto/engine/pixel_kernels.h"

// The bfloat16 product in tiles: two by two accumulators of 16 pixels and 16 channels. Weights lie
// as [panel of 16 channels][r][block of 32 k][pair of k][channel][2], one tile after the other.

namespace impasto::engine {
namespace {

constexpr int kTile = 16;       // rows of a tile, and float32 columns
constexpr int kTileDepth = 32;  // bfloat16 columns
constexpr int kTileValues = kTile * kTileDepth;

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

int depth_blocks(int depth) { return (depth + kTileDepth - 1) / kTileDepth; }

/// So many products in a row go into an accumulator at most, which is then stored and loaded again:
/// the store at the end of a longer chain was measured to stall for as long as 14 products
/// (Sapphire Rapids; not for want of cache, and with perfectly predicted branches too).
constexpr int kLongestChain = 24;

// Tiles 0 to 3 accumulate [pixels][channels], 4 and 5 hold pixels, 6 and 7 weights. Pixels past the
// end of the picture are multiplied too (the caller's buffers have room) and never read.
template <bool kTwoPixelTiles, bool kTwoChannelTiles>
struct Accumulators {
  float* out;
  std::ptrdiff_t stride;  ///< Values from one pixel to the next.

  void clear() const {
    _tile_zero(0);
    if constexpr (kTwoChannelTiles) _tile_zero(1);
    if constexpr (kTwoPixelTiles) _tile_zero(2);
    if constexpr (kTwoPixelTiles && kTwoChannelTiles) _tile_zero(3);
  }

  void store() const {
    const std::size_t bytes = static_cast<std::size_t>(stride) * sizeof(float);
    float* const below = out + kTile * stride;
    _tile_stored(0, out, bytes);
    if constexpr (kTwoChannelTiles) _tile_stored(1, out + kTile, bytes);
    if constexpr (kTwoPixelTiles) _tile_stored(2, below, bytes);
    if constexpr (kTwoPixelTiles && kTwoChannelTiles) _tile_stored(3, below + kTile, bytes);
  }

  void load() const {
    const std::size_t bytes = static_cast<std::size_t>(stride) * sizeof(float);
    float* const below = out + kTile * stride;
    _tile_loadd(0, out, bytes);
    if constexpr (kTwoChannelTiles) _tile_loadd(1, out + kTile, bytes);
    if constexpr (kTwoPixelTiles) _tile_loadd(2, below, bytes);
    if constexpr (kTwoPixelTiles && kTwoChannelTiles) _tile_loadd(3, below + kTile, bytes);
  }
};

template <bool kTwoPixelTiles, bool kTwoChannelTiles>
void multiply_tiles(const MultiplyArgs& args, int pixel, const BFloat16* weights, float* out) {
  const int blocks = depth_blocks(args.depth);
  const BFloat16* weights_2 =
      weights + static_cast<std::ptrdiff_t>(args.row_count) * blocks * kTileValues;
  const std::ptrdiff_t stride = args.pixel_stride;
  const std::size_t stride_bytes = static_cast<std::size_t>(stride) * sizeof(BFloat16);
  const Accumulators<kTwoPixelTiles, kTwoChannelTiles> sums{out, args.out_stride};
  sums.clear();
  int chain = 0;
  for (int r = 0; r < args.row_count; ++r) {
    const BFloat16* a = static_cast<const BFloat16*>(args.rows[r]) + pixel * stride;
    for (int k = 0; k < blocks; ++k) {
      if (chain++ == kLongestChain) {
        sums.store();
        sums.load();
        chain = 1;
      }
      _tile_loadd(4, a, stride_bytes);
      _tile_loadd(6, weights, 64);
      weights += kTileValues;
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (kTwoChannelTiles) {
        _tile_loadd(7, weights_2, 64);
        weights_2 += kTileValues;
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (kTwoPixelTiles) {
        _tile_loadd(5, a + kTile * stride, stride_bytes);
        _tile_dpbf16ps(2, 5, 6);
        if constexpr (kTwoChannelTiles) _tile_dpbf16ps(3, 5, 7);
      }
      a += kTileDepth;
    }
  }
  sums.store();
}

template <bool kTwoPixelTiles>
void multiply_channels(const MultiplyArgs& args, int pixel) {
  const BFloat16* weights = static_cast<const BFloat16*>(args.weights);
  const std::ptrdiff_t panel =
      static_cast<std::ptrdiff_t>(args.row_count) * depth_blocks(args.depth) * kTileValues;
  float* out = args.out + pixel * args.out_stride;
  int channel = 0;
  for (; channel + 2 * kTile <= args.channels; channel += 2 * kTile) {
    multiply_tiles<kTwoPixelTiles, true>(args, pixel, weights, out + channel);
    weights += 2 * panel;
  }
  if (channel < args.channels) {
    multiply_tiles<kTwoPixelTiles, false>(args, pixel, weights, out + channel);
  }
}

void multiply(const MultiplyArgs& args) {
  int pixel = 0;
  for (; pixel + kTile < args.pixels; pixel += 2 * kTile) multiply_channels<true>(args, pixel);
  if (pixel < args.pixels) multiply_channels<false>(args, pixel);
}

std::size_t packed_size(int row_count, int depth, int channels) {
  return sizeof(BFloat16) * static_cast<std::size_t>(row_count) * depth_blocks(depth) * kTileDepth *
         channels;
}

void pack(const float* weights, int row_count, int depth, int channels, void* out) {
  BFloat16* next = static_cast<BFloat16*>(out);
  for (int first = 0; first < channels; first += kTile) {
    for (int r = 0; r < row_count; ++r) {
      for (int k = 0; k < depth_blocks(depth) * kTileDepth; k += 2) {
        for (int c = first; c < first + kTile; ++c) {
          for (int i = k; i < k + 2; ++i) {
            const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(r) * depth + i;
            *next++ = to_bfloat16(i < depth ? weights[row * channels + c] : 0.0f);
          }
        }
      }
    }
  }
}

void enter() {
  // Static: some compilers believe that the instruction reads no more than a pointer's worth of it.
  static constinit const TileConfig config;
  _tile_loadconfig(&config);
}

void leave() { _tile_release(); }

}  // namespace

const Kernels& amx_kernels() {
  static constexpr Kernels kKernels = {.name = "amx",
                                       .storage_size = sizeof(BFloat16),
                                       .compute_size = sizeof(BFloat16),
                                       .panel = kTile,
                                       .depth_block = kTileDepth,
                                       .packed_size = packed_size,
                                       .pack = pack,
                                       .multiply = multiply,
                                       .load = load_any<BFloat16, BFloat16>,
                                       .store = store_pixels<BFloat16>,
                                       .winograd_input = nullptr,
                                       .winograd_output = nullptr,
                                       .depthwise = filter_depthwise<BFloat16>,
                                       .blend = blend<BFloat16>,
                                       .gather = gather,
                                       .squash = squash,
                                       .to_bytes = to_bytes,
                                       .enter = enter,
                                       .leave = leave};
  return kKernels;
}

}  // namespace impasto::engine
