// The engine's parts on their own.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>

#include "impasto/base/error.h"
#include "impasto/base/random.h"
#include "impasto/engine/arena.h"
#include "impasto/engine/bfloat16.h"
#include "impasto/engine/buffer.h"
#include "impasto/engine/filter.h"
#include "impasto/engine/kernels.h"
#include "impasto/engine/thread_pool.h"
#include "support/catch.h"

using namespace impasto;
using namespace impasto::engine;

namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  CounterRandom random(seed, 0);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(2 * random.uniform() - 1);
  return values;
}

}  // namespace

TEST_CASE("bfloat16 rounds to nearest even") {
  CHECK(to_float(to_bfloat16(1.0f)) == 1.0f);
  // 8 bits of significand: the step above 1 is 1/128.
  CHECK(to_float(to_bfloat16(1.0f + 1.0f / 256)) == 1.0f);
  CHECK(to_float(to_bfloat16(1.0f + 3.0f / 256)) == 1.0f + 1.0f / 64);
  CHECK(to_float(to_bfloat16(-255.0f)) == -255.0f);
}

TEST_CASE("buffers share memory only when their lives do not meet") {
  CounterRandom random(1, 0);
  ArenaLayout arena;
  struct Life {
    std::size_t bytes;
    int first, last;
  };
  std::vector<Life> lives;
  for (int i = 0; i < 60; ++i) {
    const int first = static_cast<int>(random.below(20));
    lives.push_back({1 + random.below(5000), first, first + static_cast<int>(random.below(4))});
    CHECK(arena.add(lives[i].bytes, lives[i].first, lives[i].last) == i);
  }
  const std::vector<std::size_t> offsets = arena.place();
  for (std::size_t a = 0; a < lives.size(); ++a) {
    CHECK(offsets[a] % kAlignment == 0);
    CHECK(offsets[a] + lives[a].bytes <= arena.size());
    for (std::size_t b = 0; b < a; ++b) {
      const bool meet = lives[a].first <= lives[b].last && lives[b].first <= lives[a].last;
      const bool overlap =
          offsets[a] < offsets[b] + lives[b].bytes && offsets[b] < offsets[a] + lives[a].bytes;
      REQUIRE(!(meet && overlap));
    }
  }
}

TEST_CASE("an arena of a chain is as large as its two largest neighbours") {
  ArenaLayout arena;
  arena.add(6400, 0, 1);
  arena.add(3200, 1, 2);
  arena.add(640, 2, 3);
  arena.add(3200, 3, 4);
  arena.add(6400, 4, 5);
  arena.place();
  CHECK(arena.size() == 9600);
}

TEST_CASE("every thread of a pool works once a job, the caller as number 0") {
  ThreadPool pool(4);
  const std::thread::id caller = std::this_thread::get_id();
  for (int job = 0; job < 100; ++job) {
    std::atomic<int> counts[4] = {};
    std::atomic<bool> caller_is_0{false};
    pool.run([&](int worker) {
      ++counts[worker];
      if (worker == 0) caller_is_0 = std::this_thread::get_id() == caller;
    });
    for (const std::atomic<int>& count : counts) REQUIRE(count == 1);
    REQUIRE(caller_is_0);
  }
}

TEST_CASE("products are those of plain sums, for every kernel and ragged shapes") {
  for (const Isa isa : available_isas()) {
    for (const bool bfloat16 : {false, true}) {
      const Kernels& kernels = kernels_for(isa, bfloat16);
      INFO(kernels.name << (bfloat16 ? " bfloat16" : " float32"));
      std::uint64_t seed = 1;
      for (const int channels : {16, 32, 48}) {
        for (const int pixels : {1, 7, 13, 16, 17, 32}) {
          for (const int depth : {3, 27, 48, 64}) {
            const int row_count = 1 + depth % 3;
            const int stride = depth / 3;
            const std::size_t row_values =
                static_cast<std::size_t>(kPixelBlock) * stride + depth + 64;
            const std::vector<float> a = random_values(row_count * row_values, seed++);
            const std::vector<float> w =
                random_values(static_cast<std::size_t>(row_count) * depth * channels, seed++);
            const bool narrow = kernels.compute_size == sizeof(BFloat16);
            std::vector<BFloat16> a_narrow;
            for (const float x : a) a_narrow.push_back(to_bfloat16(x));
            const void* rows[3];
            for (int r = 0; r < row_count; ++r) {
              rows[r] = narrow ? static_cast<const void*>(a_narrow.data() + r * row_values)
                               : static_cast<const void*>(a.data() + r * row_values);
            }
            const Buffer packed(kernels.packed_size(row_count, depth, channels));
            kernels.pack(w.data(), row_count, depth, channels, packed.data());
            std::vector<float> out(static_cast<std::size_t>(kPixelBlock) * channels);
            kernels.enter();
            kernels.multiply({rows,
                              row_count,
                              stride,
                              depth,
                              packed.data(),
                              pixels,
                              channels,
                              out.data(),
                              channels});
            kernels.leave();
            const auto seen = [narrow](float x) { return narrow ? to_float(to_bfloat16(x)) : x; };
            for (int p = 0; p < pixels; ++p) {
              for (int n = 0; n < channels; ++n) {
                double sum = 0;
                for (int r = 0; r < row_count; ++r) {
                  for (int k = 0; k < depth; ++k) {
                    sum +=
                        double{seen(a[r * row_values + static_cast<std::size_t>(p) * stride + k])} *
                        double{seen(w[(static_cast<std::size_t>(r) * depth + k) * channels + n])};
                  }
                }
                REQUIRE(std::abs(out[static_cast<std::size_t>(p) * channels + n] - sum) < 2e-5);
              }
            }
          }
        }
      }
    }
  }
}

TEST_CASE("moments about a pivot survive a mean of 1000 and a deviation of 0.1") {
  for (const Isa isa : available_isas()) {
    const Kernels& kernels = kernels_for(isa, false);
    const std::vector<float> noise = random_values(32 * 16, 3);
    std::vector<float> x(noise.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1000.0f + 0.1f * noise[i];
    std::vector<double> sum(16), square(16);
    const Moments moments{x.data(), sum.data(), square.data()};
    std::vector<float> target(x.size());
    kernels.store({x.data(), 16, nullptr, &moments, target.data(), 16, 32, 16});
    CHECK(target == x);
    for (int c = 0; c < 16; ++c) {
      double mean = 0;
      double deviation = 0;
      for (int p = 0; p < 32; ++p) mean += x[p * 16 + c] / 32.0;
      for (int p = 0; p < 32; ++p) deviation += (x[p * 16 + c] - mean) * (x[p * 16 + c] - mean);
      CHECK(x[c] + sum[c] / 32 == Approx(mean).epsilon(1e-9));
      CHECK(square[c] - sum[c] * sum[c] / 32 == Approx(deviation).epsilon(1e-4));
    }
  }
}

TEST_CASE("output activations and bytes are those of the standard library, for every kernel") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> inputs = {kNan, kInfinity, -kInfinity, 0.0f, 1e-8f, -1e30f};
  for (float x = -12; x < 12; x += 0.01f) inputs.push_back(x);
  for (const Isa isa : available_isas()) {
    for (const bool bfloat16 : {false, true}) {
      const Kernels& kernels = kernels_for(isa, bfloat16);
      INFO(kernels.name);
      for (const int count : {static_cast<int>(inputs.size()), 17, 16, 3}) {
        std::vector<float> tanh = inputs;
        std::vector<float> sigmoid = inputs;
        tanh.resize(inputs.size() + kChannelBlock);
        sigmoid.resize(inputs.size() + kChannelBlock);
        kernels.squash(Output::kTanh, tanh.data(), count);
        kernels.squash(Output::kSigmoid, sigmoid.data(), count);
        REQUIRE(std::isnan(tanh[0]));
        for (int i = 1; i < count; ++i) {
          INFO(inputs[i]);
          REQUIRE(tanh[i] == Approx(127.5 + 150 * std::tanh(inputs[i])).margin(1e-3));
          REQUIRE(sigmoid[i] == Approx(255 / (1 + std::exp(-double{inputs[i]}))).margin(1e-3));
        }
      }
      // Halves, the ends, beyond them, and a tail that must not be written past.
      const std::vector<float> values = {0.5f,
                                         1.5f,
                                         253.5f,
                                         254.5f,
                                         254.51f,
                                         -0.49f,
                                         -3.0f,
                                         300.0f,
                                         kInfinity,
                                         kNan,
                                         254.49f,
                                         127.4999f,
                                         -1e30f,
                                         kInfinity,
                                         -kInfinity,
                                         0.0f,
                                         2.5f,
                                         3.5f};
      const std::vector<int> expected = {
          0, 2, 254, 254, 255, 0, 0, 255, 255, 0, 254, 127, 0, 255, 0, 0, 2, 4};
      std::vector<std::uint8_t> bytes(values.size() + 1, 77);
      kernels.to_bytes(values.data(), bytes.data(), static_cast<int>(values.size()));
      for (std::size_t i = 0; i < values.size(); ++i) {
        INFO(values[i]);
        CHECK(bytes[i] == expected[i]);
      }
      CHECK(bytes.back() == 77);
    }
  }
}

TEST_CASE("nearest enlargement and a 3x3 filter come to four 2x2 filters") {
  Filter filter(1, 1, 3, 3);
  for (int k = 0; k < 9; ++k) filter.values[k] = static_cast<float>(1 << k);
  // Even rows and columns see the pixel before through tap 0, and themselves through taps 1 and 2.
  const Filter even = nearest_phase(filter, 0, 0);
  CHECK(even.values == std::vector<float>{1, 2 + 4, 8 + 64, 16 + 32 + 128 + 256});
  const Filter odd = nearest_phase(filter, 1, 1);
  CHECK(odd.values == std::vector<float>{1 + 2 + 8 + 16, 4 + 32, 64 + 128, 256});
}

TEST_CASE("the transposed filter's taps are shared out among the parities") {
  Filter filter(1, 1, 3, 3);
  for (int k = 0; k < 9; ++k) filter.values[k] = static_cast<float>(k);
  CHECK(transposed_phase(filter, 0, 0).values == std::vector<float>{4});
  CHECK(transposed_phase(filter, 0, 1).values == std::vector<float>{5, 3});
  CHECK(transposed_phase(filter, 1, 0).values == std::vector<float>{7, 1});
  CHECK(transposed_phase(filter, 1, 1).values == std::vector<float>{8, 6, 2, 0});
}

TEST_CASE("the instruction set is the caller's, the environment's, or the best") {
  const char* const variable = "IMPASTO_ISA";
  unsetenv(variable);
  CHECK(choose_isa("auto") == available_isas().back());
  CHECK(choose_isa("portable") == Isa::kPortable);
  setenv(variable, "portable", 1);
  CHECK(choose_isa("") == Isa::kPortable);
  setenv(variable, "abacus", 1);
  CHECK_THROWS_WITH(choose_isa("auto"),
                    "environment variable IMPASTO_ISA: expected auto, portable, avx2, avx512, amx, "
                    "found 'abacus'");
  CHECK(choose_isa("portable") == Isa::kPortable);
  unsetenv(variable);
}
