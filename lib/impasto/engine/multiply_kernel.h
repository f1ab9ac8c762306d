#pragma once

// Private: not installed.

// The float32 product, for whatever vector simd.h has: a block of pixels times two vectors of
// output channels stays in registers while k runs. Weights lie as [panel][r][k][channels of the
// panel], so that they stream.

#include "impasto/engine/kernels.h"
#include "impasto/engine/simd.h"

namespace impasto::engine {
namespace {

constexpr int kPanel = 2 * kLanes;

#if defined(__AVX512F__)
constexpr int kBlock = 8;  // 16 accumulators hide the latency of two units
#elif defined(__AVX2__)
constexpr int kBlock = 6;  // 12 accumulators, 2 weights, 1 pixel: the 16 registers there are
#elif defined(__aarch64__)
constexpr int kBlock = 8;
#else
constexpr int kBlock = 4;
#endif
constexpr int kHalf = kBlock / 2;

// Two base pointers with offsets of 0 to 3 strides are what x86 addressing does for nothing; left
// alone, compilers keep one pointer a pixel and spill them.
#if defined(__GNUC__) && defined(__x86_64__)
#define IMPASTO_OPAQUE(pointer) asm("" : "+r"(pointer))
#else
#define IMPASTO_OPAQUE(pointer) static_cast<void>(pointer)
#endif

template <int kPixels, int kVectors>
void multiply_block(const MultiplyArgs& args, int pixel, const float* weights, float* out) {
  Vec sum[kPixels][kVectors];
  for (int i = 0; i < kPixels; ++i) {
    for (int j = 0; j < kVectors; ++j) sum[i][j] = zero();
  }
  const std::ptrdiff_t stride = args.pixel_stride;
  for (int r = 0; r < args.row_count; ++r) {
    const float* a = static_cast<const float*>(args.rows[r]) + pixel * stride;
    const float* b = a + kHalf * stride;
    const float* const end = a + args.depth;
    for (; a != end; ++a, ++b) {
      IMPASTO_OPAQUE(a);
      IMPASTO_OPAQUE(b);
      Vec w[kVectors];
      for (int j = 0; j < kVectors; ++j) w[j] = load(weights + j * kLanes);
      weights += kVectors * kLanes;
      for (int i = 0; i < kPixels; ++i) {
        const Vec x = broadcast(i < kHalf ? a[i * stride] : b[(i - kHalf) * stride]);
        for (int j = 0; j < kVectors; ++j) sum[i][j] = fma(x, w[j], sum[i][j]);
      }
    }
  }
  for (int i = 0; i < kPixels; ++i) {
    for (int j = 0; j < kVectors; ++j) store(out + i * args.out_stride + j * kLanes, sum[i][j]);
  }
}

template <int kPixels>
void multiply_pixels(const MultiplyArgs& args, int pixel) {
  const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(args.row_count) * args.depth;
  const float* weights = static_cast<const float*>(args.weights);
  float* out = args.out + pixel * args.out_stride;
  int channel = 0;
  for (; channel + kPanel <= args.channels; channel += kPanel) {
    multiply_block<kPixels, 2>(args, pixel, weights + channel * rows, out + channel);
  }
  if constexpr (kPanel > kChannelBlock) {
    if (channel < args.channels) {
      multiply_block<kPixels, 1>(args, pixel, weights + channel * rows, out + channel);
    }
  }
}

template <int kPixels>
void multiply_rest(const MultiplyArgs& args, int pixel, int pixels) {
  if constexpr (kPixels > 0) {
    if (pixels == kPixels) {
      multiply_pixels<kPixels>(args, pixel);
    } else {
      multiply_rest<kPixels - 1>(args, pixel, pixels);
    }
  }
}

void multiply(const MultiplyArgs& args) {
  int pixel = 0;
  for (; pixel + kBlock <= args.pixels; pixel += kBlock) multiply_pixels<kBlock>(args, pixel);
  multiply_rest<kBlock - 1>(args, pixel, args.pixels - pixel);
}

std::size_t packed_size(int row_count, int depth, int channels) {
  return sizeof(float) * static_cast<std::size_t>(row_count) * depth * channels;
}

void pack(const float* weights, int row_count, int depth, int channels, void* out) {
  float* next = static_cast<float*>(out);
  const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(row_count) * depth;
  for (int first = 0; first < channels; first += kPanel) {
    const int width = channels - first < kPanel ? channels - first : kPanel;
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      for (int c = 0; c < width; ++c) *next++ = weights[row * channels + first + c];
    }
  }
}

}  // namespace
}  // namespace impasto::engine
