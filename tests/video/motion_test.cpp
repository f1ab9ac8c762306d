// Motion and flicker on frames that are shifted by hand.

#include <cmath>
#include <cstdint>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/random.h"
#include "impasto/video/motion.h"
#include "impasto/video/temporal_filter.h"
#include "impasto/video/video_module.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"

namespace impasto {
namespace {

constexpr int kWidth = 96, kHeight = 64;

// A texture without repetition, moved to the right and down.
Image texture(int right = 0, int down = 0) {
  Image image(kWidth, kHeight);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const double u = x - right, v = y - down;
      const double value = 128 + 50 * std::sin(0.31 * u + 0.05 * v) + 40 * std::sin(0.23 * v) +
                           25 * std::sin(0.11 * u * std::cos(0.05 * v));
      for (int c = 0; c < 3; ++c) image.row(y)[3 * x + c] = static_cast<std::uint8_t>(value);
    }
  }
  return image;
}

FlowField uniform(float right, float down, int width = kWidth, int height = kHeight) {
  FlowField flow{.width = width, .height = height};
  for (int i = 0; i < width * height; ++i) flow.xy.insert(flow.xy.end(), {right, down});
  return flow;
}

Image plain(int value, int width = kWidth, int height = kHeight) {
  Image image(width, height);
  std::ranges::fill(image.pixels(), static_cast<std::uint8_t>(value));
  return image;
}

Motion at_rest() {
  return {.flow = uniform(0, 0),
          .visible = std::vector<std::uint8_t>(std::size_t{kWidth} * kHeight, 255)};
}

TEST_CASE("the optical flow of a shifted picture is the shift") {
  const FlowField flow = optical_flow(texture(), texture(3, 2));
  REQUIRE(flow.width == kWidth);
  REQUIRE(flow.xy.size() == std::size_t{kWidth} * kHeight * 2);
  for (int y = 12; y < kHeight - 12; ++y) {
    for (int x = 12; x < kWidth - 12; ++x) {
      const float* found = &flow.xy[2 * (static_cast<std::size_t>(y) * kWidth + x)];
      CAPTURE(x, y);
      REQUIRE(std::abs(found[0] - 3) < 0.5F);
      REQUIRE(std::abs(found[1] - 2) < 0.5F);
    }
  }
}

TEST_CASE("warping takes each pixel from where the flow leads, the border from outside") {
  const Image image = gradient(40, 30);
  const Image moved = warp(image, uniform(5, -2, 40, 30));
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 40; ++x) {
      CAPTURE(x, y);
      CHECK(pixel_at(moved, x, y) == pixel_at(image, std::min(x + 5, 39), std::max(y - 2, 0)));
    }
  }
  // Half way between pixels of a straight slope lies their mean.
  const Image half = warp(image, uniform(0.5F, 0, 40, 30));
  for (int x = 2; x < 36; ++x) {
    const double mean = (pixel_at(image, x, 9)[0] + pixel_at(image, x + 1, 9)[0]) / 2.0;
    CHECK(std::abs(pixel_at(half, x, 9)[0] - mean) <= 1);
  }
}

TEST_CASE("a square that moves hides what it comes to, and shows what it leaves") {
  // In the later frame a square of 20 pixels has moved 10 to the right, over a background at rest.
  FlowField backward = uniform(0, 0), forward = uniform(0, 0);
  const auto fill = [](FlowField& flow, int left, float right) {
    for (int y = 20; y < 40; ++y) {
      for (int x = left; x < left + 20; ++x) {
        flow.xy[2 * (static_cast<std::size_t>(y) * kWidth + x)] = right;
      }
    }
  };
  fill(forward, 30, 10);
  fill(backward, 40, -10);
  const std::vector<std::uint8_t> visible = visible_pixels(backward, forward);
  const auto at = [&](int x, int y) {
    return int{visible[static_cast<std::size_t>(y) * kWidth + x]};
  };
  CHECK(at(50, 30) == 255);  // On the square, before and after.
  CHECK(at(34, 30) == 0);    // What it has left was behind it.
  CHECK(at(70, 30) == 255);  // Far away.
  CHECK(at(35, 10) == 255);
  // The edge is soft.
  const int edge = at(28, 30);
  CHECK(edge > 0);
  CHECK(edge < 255);

  // What comes from outside was not to be seen either.
  const std::vector<std::uint8_t> pan = visible_pixels(uniform(-8, 0), uniform(8, 0));
  CHECK(pan[30 * kWidth + 3] == 0);
  CHECK(pan[30 * kWidth + 60] == 255);
}

TEST_CASE("where nothing moves, results are mixed by the shares, from the first frame on") {
  TemporalFilter filter({.input = 0.5, .output = 0.25});
  CHECK(filter.before(plain(100), Motion()) == plain(100));
  CHECK(filter.after(plain(40)) == plain(40));
  CHECK(filter.before(plain(200), at_rest()) == plain(150));  // 0.5 * 100 + 0.5 * 200
  CHECK(filter.after(plain(80)) == plain(70));                // 0.25 * 40 + 0.75 * 80
  CHECK(filter.before(plain(250), at_rest()) == plain(200));  // 0.5 * 150 + 0.5 * 250
  CHECK(filter.after(plain(110)) == plain(100));              // 0.25 * 70 + 0.75 * 110
}

TEST_CASE("results are carried along with the motion, and not where that hid them") {
  TemporalFilter filter({.input = 0, .output = 0.5});
  filter.before(texture(), Motion());
  Image dot = plain(0);
  for (int c = 0; c < 3; ++c) dot.row(30)[3 * 40 + c] = 200;
  filter.after(dot);
  Motion motion{.flow = uniform(-4, -3), .visible = at_rest().visible};  // To the right and down.
  motion.visible[33 * kWidth + 80] = 0;
  filter.before(texture(4, 3), motion);
  Image next = plain(0);
  for (int c = 0; c < 3; ++c) next.row(33)[3 * 80 + c] = 180;
  const Image result = filter.after(next);
  CHECK(pixel_at(result, 44, 33) == Pixel{100, 100, 100});
  CHECK(pixel_at(result, 80, 33) == Pixel{180, 180, 180});
  CHECK(pixel_at(result, 40, 30) == Pixel{0, 0, 0});
}

TEST_CASE("flicker on a moving picture is damped, and its motion is not delayed") {
  TemporalFilter filter({.input = 0.4, .output = 0.5});
  const auto flickering = [](const Image& image, int t) {
    Image result = image;
    CounterRandom random(5, static_cast<std::uint64_t>(t));
    for (auto& value : result.pixels())
      value = static_cast<std::uint8_t>(value / 2 + random.below(60));
    return result;
  };
  double before = 0, after = 0;
  Image last_styled, last;
  for (int t = 0; t < 8; ++t) {
    const Image frame = texture(2 * t, t);
    filter.before(frame);
    const Image styled = flickering(frame, t);
    const Image result = filter.after(styled);
    if (t > 0) {
      const FlowField back = uniform(-2, -1);
      before += mean_difference(styled, warp(last_styled, back));
      after += mean_difference(result, warp(last, back));
    }
    last_styled = styled;
    last = result;
  }
  CHECK(after < 0.65 * before);
  // Half of the noise is the most that can be left beside the picture as it is now.
  CHECK(mean_difference(last, flickering(texture(14, 7), 7)) < 20);
}

TEST_CASE("what was mixed gets the contrast of its details back, place by place") {
  // A checkerboard is detail of the finest band alone: the filter 1 2 1 leaves nothing of it.
  const auto boards = [](int left, int right) {
    Image image(kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const int amplitude = x < kWidth / 2 ? left : right;
        for (int c = 0; c < 3; ++c) {
          image.row(y)[3 * x + c] =
              static_cast<std::uint8_t>(128 + ((x + y) % 2 == 0 ? amplitude : -amplitude));
        }
      }
    }
    return image;
  };
  std::vector<std::uint8_t> visible(std::size_t{kWidth} * kHeight, 255);
  const auto restored = [&](Image mixed, const Image& styled) {
    video_module("test").restore_detail(mixed, styled, visible);
    return mixed;
  };
  const Image both = restored(boards(16, 40), boards(20, 40));
  CHECK(pixel_at(both, 20, 30) == Pixel{149, 149, 149});  // 128 + 16 + 1.15 * 4
  CHECK(pixel_at(both, 21, 30) == Pixel{107, 107, 107});
  CHECK(pixel_at(both, 80, 30) == Pixel{168, 168, 168});
  // At most three times as strong, and never weaker.
  CHECK(pixel_at(restored(boards(16, 16), boards(64, 4)), 20, 30) == Pixel{176, 176, 176});
  CHECK(pixel_at(restored(boards(16, 16), boards(64, 4)), 80, 30) == Pixel{144, 144, 144});
  // Not where nothing was mixed.
  visible[30 * kWidth + 20] = 0;
  const Image hidden = restored(boards(16, 40), boards(20, 40));
  CHECK(pixel_at(hidden, 20, 30) == Pixel{144, 144, 144});
  CHECK(pixel_at(hidden, 21, 30) == Pixel{107, 107, 107});
}

TEST_CASE("what looks different counts as hidden, as far as it does") {
  const auto visible_at = [](const Image& earlier, const Image& later) {
    return int{motion_between(earlier, later).visible[30 * kWidth + 40]};
  };
  CHECK(visible_at(plain(100), plain(100)) == 255);
  CHECK(visible_at(plain(100), plain(110)) == 120);  // 255 e^-(3 (10 / 20)^2), rounded
  CHECK(visible_at(plain(100), plain(160)) == 0);
}

TEST_CASE("a film of another size begins anew, and what makes no sense is refused") {
  TemporalFilter filter;
  filter.before(texture());
  CHECK_THAT(message_of<ConfigError>([&] { filter.after(Image(10, 10)); }),
             ContainsSubstring("temporal filter: expected the result of a frame"));
  filter.after(texture());
  CHECK(filter.before(gradient(40, 30)) == gradient(40, 30));
  CHECK(filter.after(plain(9, 40, 30)) == plain(9, 40, 30));
  CHECK_THAT(message_of<ConfigError>([] { TemporalFilter({.output = 1.5}); }),
             ContainsSubstring("temporal output: expected a share from 0 to 1, found 1.5"));
  CHECK_THAT(message_of<ConfigError>([] { optical_flow(Image(20, 20), Image(20, 21)); }),
             ContainsSubstring("optical flow: expected one size, found 20x20 and 20x21"));
  CHECK_THAT(message_of<ConfigError>([] { warp(Image(4, 4), FlowField()); }),
             ContainsSubstring("warp: expected one size"));
}

}  // namespace
}  // namespace impasto
