#pragma once

// Private: not installed.

// The kernels that touch every value once, for whatever vector simd.h has.

#include "impasto/engine/kernels.h"
#include "impasto/engine/simd.h"

namespace impasto::engine {
namespace {

template <Curve kCurve>
inline Vec curve(Vec x, const float* slope) {
  if constexpr (kCurve == Curve::kRelu) return max(x, zero());
  if constexpr (kCurve == Curve::kRelu6) return min(max(x, zero()), broadcast(6.0f));
  if constexpr (kCurve == Curve::kSlope) {
    return fma(load(slope), min(x, zero()), max(x, zero()));
  }
  return x;
}

template <typename Storage, typename Compute, Curve kCurve, bool kResidual, bool kCopy>
void load_pixels(const LoadArgs& args) {
  const Storage* source = static_cast<const Storage*>(args.source);
  const Storage* residual = static_cast<const Storage*>(args.residual);
  Storage* copy = static_cast<Storage*>(args.copy);
  Compute* target = static_cast<Compute*>(args.target);
  for (int p = 0; p < args.pixels; ++p) {
    for (int c = 0; c < args.channels; c += kLanes) {
      Vec x = fma(load(source + c), load(args.scale + c), load(args.shift + c));
      x = curve<kCurve>(x, args.slope + c);
      if constexpr (kResidual) x = add(x, load(residual + c));
      if constexpr (kCopy) store(copy + c, x);
      store(target + c, x);
    }
    source += args.channels;
    if constexpr (kResidual) residual += args.channels;
    if constexpr (kCopy) copy += args.channels;
    target += args.target_stride;
  }
}

template <typename Storage, typename Compute, Curve kCurve>
void load_curve(const LoadArgs& args) {
  if (args.residual != nullptr && args.copy != nullptr) {
    load_pixels<Storage, Compute, kCurve, true, true>(args);
  } else if (args.residual != nullptr) {
    load_pixels<Storage, Compute, kCurve, true, false>(args);
  } else if (args.copy != nullptr) {
    load_pixels<Storage, Compute, kCurve, false, true>(args);
  } else {
    load_pixels<Storage, Compute, kCurve, false, false>(args);
  }
}

template <typename Storage, typename Compute>
void load_any(const LoadArgs& args) {
  switch (args.curve) {
    case Curve::kNone:
      return load_curve<Storage, Compute, Curve::kNone>(args);
    case Curve::kRelu:
      return load_curve<Storage, Compute, Curve::kRelu>(args);
    case Curve::kSlope:
      return load_curve<Storage, Compute, Curve::kSlope>(args);
    case Curve::kRelu6:
      return load_curve<Storage, Compute, Curve::kRelu6>(args);
  }
}

/// Sums of one vector of channels over the pixels of one call: few enough for float32.
struct VectorMoments {
  Vec pivot = zero();
  Vec sum = zero();
  Vec square = zero();

  void count(Vec x) {
    const Vec d = sub(x, pivot);
    sum = add(sum, d);
    square = fma(d, d, square);
  }

  void add_to(const Moments& moments, int channel) const {
    float s[kLanes], q[kLanes];
    engine::store(s, sum);
    engine::store(q, square);
    for (int i = 0; i < kLanes; ++i) {
      moments.sum[channel + i] += s[i];
      moments.square[channel + i] += q[i];
    }
  }
};

/// `kVectors` vectors of channels side by side: their sums do not wait for each other.
template <typename Storage, int kVectors>
void store_channels(const StoreArgs& args, int c) {
  Vec bias[kVectors];
  VectorMoments moments[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    bias[v] = args.bias != nullptr ? load(args.bias + c + v * kLanes) : zero();
    if (args.moments != nullptr) moments[v].pivot = load(args.moments->pivot + c + v * kLanes);
  }
  const float* source = args.source + c;
  Storage* target = static_cast<Storage*>(args.target) + c;
  for (int p = 0; p < args.pixels; ++p) {
    for (int v = 0; v < kVectors; ++v) {
      const Vec x = add(load(source + v * kLanes), bias[v]);
      moments[v].count(x);
      store(target + v * kLanes, x);
    }
    source += args.source_stride;
    target += args.target_stride;
  }
  if (args.moments == nullptr) return;
  for (int v = 0; v < kVectors; ++v) moments[v].add_to(*args.moments, c + v * kLanes);
}

template <typename Storage>
void store_pixels(const StoreArgs& args) {
  int c = 0;
  for (; c + 4 * kLanes <= args.channels; c += 4 * kLanes) store_channels<Storage, 4>(args, c);
  for (; c + 2 * kLanes <= args.channels; c += 2 * kLanes) store_channels<Storage, 2>(args, c);
  for (; c < args.channels; c += kLanes) store_channels<Storage, 1>(args, c);
}

template <typename Compute>
void filter_depthwise(const DepthwiseArgs& args) {
  Compute* const target = static_cast<Compute*>(args.target);
  for (int c = 0; c < args.channels; c += kLanes) {
    Vec weights[9];
    for (int k = 0; k < 9; ++k) weights[k] = load(args.weights + k * args.channels + c);
    const Vec bias = args.bias != nullptr ? load(args.bias + c) : zero();
    const Compute* rows[3];
    for (int r = 0; r < 3; ++r) rows[r] = static_cast<const Compute*>(args.rows[r]) + c;
    for (int p = 0; p < args.pixels; ++p) {
      Vec sum = bias;
      for (int r = 0; r < 3; ++r) {
        for (int k = 0; k < 3; ++k) {
          sum = fma(load(rows[r] + k * args.channels), weights[r * 3 + k], sum);
        }
        rows[r] += args.pixel_stride;
      }
      store(target + static_cast<std::ptrdiff_t>(p) * args.channels + c, sum);
    }
  }
}

template <typename Compute>
void blend(const BlendArgs& args) {
  const Vec weight_a = broadcast(args.weight_a);
  const Vec weight_b = broadcast(args.weight_b);
  const Compute* a = static_cast<const Compute*>(args.a);
  const Compute* b = static_cast<const Compute*>(args.b);
  Compute* target = static_cast<Compute*>(args.target);
  for (int p = 0; p < args.pixels; ++p) {
    for (int i = 0; i < args.channels; i += kLanes) {
      store(target + i, fma(load(a + i), weight_a, mul(load(b + i), weight_b)));
    }
    a += args.channels;
    b += args.channels;
    target += args.target_stride;
  }
}

#if defined(__SSE2__)

void gather(const GatherArgs& args) {
  const __m128 bias = _mm_setr_ps(args.bias[0], args.bias[1], args.bias[2], 0.0f);
  for (int p = 0; p < args.pixels; ++p) {
    __m128 sum = bias;
    for (int ky = 0; ky < 9; ++ky) {
      sum = _mm_add_ps(sum, _mm_loadu_ps(args.rows[ky] + p * args.pixel_stride + ky * 3));
    }
    float values[4];
    _mm_storeu_ps(values, sum);
    for (int c = 0; c < 3; ++c) args.target[p * 3 + c] = values[c];
  }
}

#else

void gather(const GatherArgs& args) {
  for (int p = 0; p < args.pixels; ++p) {
    for (int c = 0; c < 3; ++c) {
      float sum = args.bias[c];
      for (int ky = 0; ky < 9; ++ky) sum += args.rows[ky][p * args.pixel_stride + ky * 3 + c];
      args.target[p * 3 + c] = sum;
    }
  }
}

#endif

/// Within 1e-6. An eighth of the argument goes into Lambert's continued fraction, cut after seven
/// terms; then tanh(2y) = 2 tanh(y) / (1 + tanh(y)^2), three times. Not a number stays one.
inline Vec tanh(Vec x) {
  const Vec y = mul(max(broadcast(-10.0f), min(broadcast(10.0f), x)), broadcast(0.125f));
  const Vec square = mul(y, y);
  const Vec above =
      fma(square, fma(square, broadcast(21.0f), broadcast(1260.0f)), broadcast(10395.0f));
  const Vec below = fma(
      square, fma(square, add(square, broadcast(210.0f)), broadcast(4725.0f)), broadcast(10395.0f));
  Vec t = div(mul(y, above), below);
  for (int i = 0; i < 3; ++i) t = div(add(t, t), fma(t, t, broadcast(1.0f)));
  return t;
}

void squash(Output output, float* values, int count) {
  if (output == Output::kLinear) return;
  // sigmoid(x) = (1 + tanh(x / 2)) / 2
  const bool sigmoid = output == Output::kSigmoid;
  const Vec inner = broadcast(sigmoid ? 0.5f : 1.0f);
  const Vec scale = broadcast(sigmoid ? 127.5f : 150.0f);
  for (int i = 0; i < count; i += kLanes) {
    store(values + i, fma(tanh(mul(load(values + i), inner)), scale, broadcast(127.5f)));
  }
}

inline void store_bytes(std::uint8_t* target, Vec x) {
  // So large a float has no room for fractions: the number stands in its lowest bits, rounded.
  float rounded[kLanes];
  std::uint32_t bits[kLanes];
  store(rounded, add(min(max(x, zero()), broadcast(255.0f)), broadcast(8388608.0f)));
  std::memcpy(bits, rounded, sizeof(bits));
  for (int i = 0; i < kLanes; ++i) target[i] = static_cast<std::uint8_t>(bits[i]);
}

void to_bytes(const float* values, std::uint8_t* target, int count) {
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) store_bytes(target + i, load(values + i));
  if (i == count) return;
  float rest[kLanes] = {};
  std::uint8_t bytes[kLanes];
  std::memcpy(rest, values + i, (count - i) * sizeof(float));
  store_bytes(bytes, load(rest));
  std::memcpy(target + i, bytes, count - i);
}

}  // namespace
}  // namespace impasto::engine
