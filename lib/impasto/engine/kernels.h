#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>

#include "impasto/base/generator_config.h"
#include "impasto/engine/isa.h"

namespace impasto::engine {

// What a processor has to do well. Each instruction set fills one table; the rest of the engine is
// plain C++.
//
// Pictures inside the engine are rows of pixels with interleaved channels, the channel count
// rounded up to kChannelBlock (the rest is zero). They lie in memory in the plan's storage type
// (float32 or bfloat16), and are multiplied in the compute type: bfloat16 with tile instructions,
// float32 everywhere else.

constexpr int kChannelBlock = 16;

/// Pixels that one call of `multiply` works on.
constexpr int kPixelBlock = 32;

constexpr int round_up(int value, int step) { return (value + step - 1) / step * step; }

/// A matrix product out[p][n] = sum over r and k of rows[r][p * pixel_stride + k] *
/// weights[r][k][n].
///
/// A convolution over interleaved pixels is this product: r counts the kernel's rows, and k runs
/// over kernel columns and channels at once, because they lie next to each other. Stride is only a
/// larger pixel_stride.
struct MultiplyArgs {
  const void* const* rows;  ///< `row_count` pointers to the first pixel, compute type.
  int row_count;
  std::ptrdiff_t pixel_stride;  ///< Elements from one pixel's window to the next.
  int depth;                    ///< k runs to here in each row.
  const void* weights;          ///< From `pack`.
  int pixels;    ///< At most kPixelBlock, but any number where a kernel has no tiles.
  int channels;  ///< A multiple of kChannelBlock.
  float* out;
  std::ptrdiff_t out_stride;  ///< Elements from one pixel to the next.
};

enum class Curve { kNone, kRelu, kSlope, kRelu6 };

/// Normalise, activate, add the residual, and convert, in one pass: curve(x * scale + shift) +
/// residual.
struct LoadArgs {
  const void* source;  ///< [pixels][channels], storage type.
  const float* scale;  ///< [channels]
  const float* shift;
  Curve curve;
  const float* slope;    ///< [channels]; factor of negative values, for kSlope.
  const void* residual;  ///< [pixels][channels], storage type, or null.
  void* copy;            ///< Where the result is kept for later, storage type, or null.
  void* target;          ///< Compute type.
  std::ptrdiff_t target_stride;
  int pixels;
  int channels;
};

/// Running sums for mean and variance, taken about a pivot near the mean so that nothing cancels.
struct Moments {
  const float* pivot;  ///< [channels]
  double* sum;         ///< of (x - pivot)
  double* square;      ///< of (x - pivot)^2
};

/// Adds the bias, counts the values into the moments, and converts.
struct StoreArgs {
  const float* source;
  std::ptrdiff_t source_stride;
  const float* bias;       ///< [channels], or null.
  const Moments* moments;  ///< or null.
  void* target;            ///< Storage type.
  std::ptrdiff_t target_stride;
  int pixels;
  int channels;
};

// Winograd's F(4x4, 3x3): 36 products instead of 144 for 16 pixels (Lavin, Gray 2016, "Fast
// Algorithms for Convolutional Neural Networks").
constexpr int kWinogradIn = 6;
constexpr int kWinogradOut = 4;
constexpr int kWinogradPoints = 36;

struct WinogradInputArgs {
  const float* const* rows;  ///< kWinogradIn rows, from the first tile's left column on.
  int tiles;                 ///< Side by side, kWinogradOut pixels apart.
  int channels;
  float* out;  ///< [36][..][channels]
  std::ptrdiff_t point_stride;
};

struct WinogradOutputArgs {
  const float* products;  ///< [36][..][channels]
  std::ptrdiff_t point_stride;
  int tiles;
  int channels;
  int rows;     ///< Rows of the tiles that lie inside the picture, 1 to kWinogradOut.
  int columns;  ///< Columns inside, 1 to kWinogradOut * tiles.
  const float* bias;
  const Moments* moments;
  bool set_pivot;  ///< Fill the moments' pivot from the first pixel.
  float* pivot;
  void* target;  ///< Storage type; first row, first column.
  std::ptrdiff_t row_stride;
  std::ptrdiff_t pixel_stride;
};

/// 3x3 per-channel filter for one row of pixels.
struct DepthwiseArgs {
  const void* const* rows;  ///< 3 rows, compute type.
  std::ptrdiff_t pixel_stride;
  const float* weights;  ///< [3][3][channels]
  const float* bias;     ///< or null.
  void* target;          ///< [pixels][channels], compute type.
  int pixels;
  int channels;
};

/// target = a * weight_a + b * weight_b, value by value, compute type: one direction of bilinear
/// upsampling.
struct BlendArgs {
  const void* a;  ///< [pixels][channels], as b.
  const void* b;
  float weight_a;
  float weight_b;
  void* target;
  int pixels;
  int channels;                  ///< A multiple of kChannelBlock.
  std::ptrdiff_t target_stride;  ///< Values from one pixel of the target to the next.
};

/// target[p][c] = bias[c] + sum over ky of rows[ky][p * pixel_stride + ky * 3 + c]: the vertical
/// half of the last convolution.
struct GatherArgs {
  const float* const* rows;  ///< 9 rows of products.
  std::ptrdiff_t pixel_stride;
  const float* bias;  ///< [3]
  float* target;      ///< [pixels][3]
  int pixels;
};

struct Kernels {
  const char* name;
  int storage_size;  ///< Bytes of a stored value.
  int compute_size;  ///< Bytes of a value that is multiplied.
  int panel;         ///< Output channels whose weights lie together.
  int depth_block;   ///< Products read up to the next multiple of it, past what they were asked to.

  /// Bytes that `pack` fills.
  std::size_t (*packed_size)(int row_count, int depth, int channels);
  /// `weights` is [row_count][depth][channels].
  void (*pack)(const float* weights, int row_count, int depth, int channels, void* out);
  void (*multiply)(const MultiplyArgs&);

  void (*load)(const LoadArgs&);
  void (*store)(const StoreArgs&);
  void (*winograd_input)(const WinogradInputArgs&);
  void (*winograd_output)(const WinogradOutputArgs&);
  void (*depthwise)(const DepthwiseArgs&);
  void (*blend)(const BlendArgs&);
  void (*gather)(const GatherArgs&);
  /// Brings what the last convolution wrote to pixel values, in place: tanh to 127.5 + 150 tanh(x),
  /// sigmoid to 255 sigmoid(x), within 1e-3. Values up to the next multiple of kChannelBlock are
  /// overwritten.
  void (*squash)(Output output, float* values, int count);
  /// Nearest whole numbers in [0,255], halves to even. Not a number becomes 0.
  void (*to_bytes)(const float* values, std::uint8_t* target, int count);

  /// A thread calls these before and after its share of a run.
  void (*enter)();
  void (*leave)();
};

/// The best table for the instruction set and storage type; `isa` must be available.
const Kernels& kernels_for(Isa isa, bool bfloat16);

}  // namespace impasto::engine
