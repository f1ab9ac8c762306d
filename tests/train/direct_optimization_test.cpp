#include "impasto/train/direct_optimization.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/descent.h"
#include "impasto/train/pictures.h"
#include "loss/random_vgg.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "train/memory_images.h"

using namespace impasto;

namespace {

// A loss with a minimum that can be worked out: half the squared distance from `target`, each pixel
// with a weight of its own.
struct Quadratic {
  at::Tensor target;
  at::Tensor weights;

  LossTerms operator()(const at::Tensor& picture) const {
    const at::Tensor zero = at::zeros({});
    const at::Tensor total = ((picture - target).square() * weights).sum() / 2;
    return {.content = total, .style = zero, .tv = zero, .total = total};
  }
};

at::Tensor ramp(double from, double to) {
  return at::linspace(from, to, 3 * 4 * 5, at::kFloat).reshape({1, 3, 4, 5});
}

std::vector<DescentReport> reports_of(const at::Tensor& start,
                                      const std::function<LossTerms(const at::Tensor&)>& loss,
                                      const DescentOptions& options,
                                      at::Tensor* result = nullptr) {
  std::vector<DescentReport> reports;
  const at::Tensor best = descend(start, loss, options, [&](const DescentReport& report) {
    reports.push_back(report);
    return Flow::kContinue;
  });
  if (result != nullptr) *result = best;
  return reports;
}

// The loss of a small picture with the weights that are used.
std::function<LossTerms(const at::Tensor&)> real_loss(const Image& photo_image) {
  LossConfig config;
  const at::Tensor photo = to_tensor(photo_image);
  auto loss = std::make_shared<PerceptualLoss>(
      load_loss_network(project_file("data/vgg16.safetensors")), config);
  loss->calibrate({to_tensor(noise_image(64, 64, 5))}, photo);
  return [loss, photo](const at::Tensor& picture) { return (*loss)(picture, photo, {0}); };
}

OptimizeConfig small_config() {
  OptimizeConfig config;
  config.loss.content = {{"relu1_2", 1.0}};
  config.loss.style = {{"relu1_1", 1.0}, {"relu2_1", 1.0}};
  config.iterations = 12;
  config.max_side = 0;
  config.device = "cpu";
  config.threads = 1;
  return config;
}

}  // namespace

TEST_CASE("L-BFGS finds the minimum of an ill-conditioned quadratic, whatever its scale") {
  const double scale = GENERATE(1e-6, 1.0, 1e6);
  const Quadratic quadratic{ramp(20, 240), scale * at::pow(10.0, ramp(0, 3))};
  at::Tensor found;
  const auto reports =
      reports_of(at::full({1, 3, 4, 5}, 128.0F), quadratic, {.evaluations = 200}, &found);
  CHECK((found - quadratic.target).abs().max().item<double>() < 0.05);
  CHECK(reports.back().best.total < 1e-6 * reports.front().loss.total);
}

TEST_CASE("The first trial step changes pixel values by first_step in the mean") {
  const Quadratic quadratic{ramp(20, 240), at::ones({1, 3, 4, 5})};
  const at::Tensor start = at::full({1, 3, 4, 5}, 128.0F);
  std::vector<at::Tensor> tried;
  const auto loss = [&](const at::Tensor& picture) {
    tried.push_back(picture.detach().clone());
    return quadratic(picture);
  };
  reports_of(start, loss, {.evaluations = 2, .first_step = 2.5});
  REQUIRE(tried.size() == 2);
  CHECK(at::equal(tried[0], start));
  const at::Tensor moved = tried[1] - start;
  CHECK(moved.abs().mean().item<double>() == Approx(2.5).epsilon(1e-4));
  // Straight down: the gradient of this quadratic is start - target.
  const at::Tensor down = quadratic.target - start;
  CHECK((moved / down).std().item<double>() < 1e-5);
}

TEST_CASE("Adam moves every pixel by the learning rate at first and finds the minimum") {
  const Quadratic quadratic{ramp(100, 150), 1e-8 * at::ones({1, 3, 4, 5})};
  const at::Tensor start = at::full({1, 3, 4, 5}, 128.3F);
  std::vector<at::Tensor> tried;
  const auto loss = [&](const at::Tensor& picture) {
    tried.push_back(picture.detach().clone());
    return quadratic(picture);
  };
  at::Tensor found;
  reports_of(start,
             loss,
             {.method = DescentMethod::kAdam, .evaluations = 300, .learning_rate = 0.5},
             &found);
  REQUIRE(tried.size() == 300);
  CHECK(((tried[1] - start).abs() - 0.5).abs().max().item<double>() < 1e-3);
  CHECK((found - quadratic.target).abs().max().item<double>() < 0.1);
}

TEST_CASE("Evaluations are counted one by one, and the best is kept") {
  const auto method = GENERATE(DescentMethod::kLbfgs, DescentMethod::kAdam);
  const Quadratic quadratic{ramp(20, 240), at::pow(10.0, ramp(0, 2))};
  int calls = 0;
  const auto loss = [&](const at::Tensor& picture) {
    ++calls;
    return quadratic(picture);
  };
  at::Tensor found;
  const auto reports = reports_of(
      at::full({1, 3, 4, 5}, 128.0F), loss, {.method = method, .evaluations = 17}, &found);
  CHECK(calls == 17);
  REQUIRE(reports.size() == 17);
  double best = reports[0].loss.total;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    CHECK(reports[i].evaluation == static_cast<std::int64_t>(i) + 1);
    best = std::min(best, reports[i].loss.total);
    CHECK(reports[i].best.total == best);
  }
  CHECK(quadratic(found).total.item<double>() == Approx(best).epsilon(1e-6));
}

TEST_CASE("A first step that overshoots is caught by the line search") {
  const Image photo = noise_image(40, 32, 3);
  const auto loss = real_loss(photo);
  // 200 grey levels in the mean: the picture is far outside of what a photo holds.
  const auto reports = reports_of(to_tensor(photo), loss, {.evaluations = 14, .first_step = 200});
  REQUIRE(reports.size() == 14);
  const double start = reports[0].loss.total;
  CHECK(reports[1].loss.total > start);
  CHECK(reports.back().best.total < 0.8 * start);
  // And it goes on from where it is, not from the overshoot.
  CHECK(reports.back().loss.total < start);
}

TEST_CASE("A descent on a real loss never ends above its start") {
  const Image photo = noise_image(40, 32, 3);
  const auto loss = real_loss(photo);
  at::Tensor found;
  const auto reports = reports_of(to_tensor(photo), loss, {.evaluations = 10}, &found);
  CHECK(reports.back().best.total < 0.5 * reports.front().loss.total);
  CHECK(loss(found).total.item<double>() == Approx(reports.back().best.total).epsilon(1e-5));
}

TEST_CASE("A descent from the minimum stays there and ends by itself") {
  const Quadratic quadratic{ramp(20, 240), at::ones({1, 3, 4, 5})};
  at::Tensor found;
  const auto reports = reports_of(quadratic.target, quadratic, {.evaluations = 100}, &found);
  CHECK(at::equal(found, quadratic.target));
  CHECK(reports.size() < 100);
}

TEST_CASE("A callback stops a descent after its evaluation") {
  const Quadratic quadratic{ramp(20, 240), at::ones({1, 3, 4, 5})};
  int calls = 0;
  const auto method = GENERATE(DescentMethod::kLbfgs, DescentMethod::kAdam);
  descend(at::full({1, 3, 4, 5}, 128.0F),
          quadratic,
          {.method = method, .evaluations = 100},
          [&](const DescentReport&) { return ++calls == 2 ? Flow::kStop : Flow::kContinue; });
  CHECK(calls == 2);
}

TEST_CASE("A loss that is not finite names the evaluation and the term") {
  const Quadratic quadratic{ramp(20, 240), at::full({1, 3, 4, 5}, 1e38F)};
  CHECK_THAT(message_of<Error>([&] {
               reports_of(at::full({1, 3, 4, 5}, 128.0F), quadratic, {.evaluations = 3});
             }),
             ContainsSubstring("evaluation 1: expected a finite content loss, found inf: lower "
                               "loss.content_weight"));
}

TEST_CASE(
    "Direct optimisation is the same twice, keeps the size and comes nearer to the painting") {
  auto config = small_config();
  config.init = GENERATE(DescentStart::kContent, DescentStart::kNoise);
  const Image photo = gradient(40, 32);
  const Image painting = noise_image(60, 48, 9);
  const auto run = [&] {
    DirectOptimizer optimizer(config, random_vgg16(21));
    std::vector<OptimizeReport> reports;
    optimizer.on_evaluation([&](const OptimizeReport& report) {
      reports.push_back(report);
      return Flow::kContinue;
    });
    return std::pair(optimizer.run(photo, painting), reports);
  };
  const auto [picture, reports] = run();
  CHECK(picture.width() == 40);
  CHECK(picture.height() == 32);
  CHECK(picture != photo);
  REQUIRE(reports.size() == 12);
  CHECK(reports.back().best.total < 0.5 * reports.front().loss.total);
  if (config.init == DescentStart::kContent) CHECK(reports.front().loss.content == 0);
  CHECK(reports.back().total == 12);
  CHECK(reports.back().eta == 0);
  CHECK((run().first == picture));
}

TEST_CASE("The seed decides the noise") {
  CHECK(at::equal(noise_picture(4, 5, 1), noise_picture(4, 5, 1)));
  CHECK_FALSE(at::equal(noise_picture(4, 5, 1), noise_picture(4, 5, 2)));
  const at::Tensor noise = noise_picture(64, 64, 3);
  CHECK(noise.min().item<double>() >= 0);
  CHECK(noise.max().item<double>() <= 255);
  CHECK(noise.mean().item<double>() == Approx(127.5).margin(3));
}

TEST_CASE("Coarse to fine works from small to full size") {
  auto config = small_config();
  config.levels = 2;
  config.iterations = 5;
  DirectOptimizer optimizer(config, random_vgg16(21));
  std::vector<int> levels;
  optimizer.on_evaluation([&](const OptimizeReport& report) {
    levels.push_back(report.level);
    CHECK(report.evaluation == static_cast<std::int64_t>(levels.size()));
    CHECK(report.total == 10);
    return Flow::kContinue;
  });
  const Image picture = optimizer.run(gradient(41, 35), noise_image(60, 48, 9));
  CHECK(levels == std::vector<int>{1, 1, 1, 1, 1, 2, 2, 2, 2, 2});
  CHECK(picture.width() == 41);
  CHECK(picture.height() == 35);
}

TEST_CASE("A run that is stopped at a coarse level returns a picture of full size") {
  auto config = small_config();
  config.levels = 2;
  DirectOptimizer optimizer(config, random_vgg16(21));
  int calls = 0;
  optimizer.on_evaluation(
      [&](const OptimizeReport&) { return ++calls == 3 ? Flow::kStop : Flow::kContinue; });
  const Image picture = optimizer.run(gradient(41, 35), noise_image(60, 48, 9));
  CHECK(calls == 3);
  CHECK(picture.width() == 41);
  CHECK(picture.height() == 35);
}

TEST_CASE("Direct optimisation says what is wrong") {
  auto config = small_config();
  const auto run = [&](const Image& photo) {
    DirectOptimizer(config, random_vgg16(21)).run(photo, gradient(40, 40));
  };
  CHECK(message_of<ConfigError>([&] { run(gradient(40, 12)); }) ==
        "photo: expected sides of at least 16 pixels, found 40x12");
  config.levels = 3;
  CHECK(message_of<ConfigError>([&] { run(gradient(40, 32)); }) ==
        "levels: expected fewer than 3 for a photo of 40x32: the coarsest would have a side of 8 "
        "pixels, at least 16 are needed");
  config.levels = 0;
  CHECK_THAT(message_of<ConfigError>([&] { run(gradient(40, 40)); }),
             ContainsSubstring("levels: "));
  config = small_config();
  config.loss.style = {{"relu9_1", 1.0}};
  CHECK_THAT(message_of<ConfigError>([&] { DirectOptimizer(config, random_vgg16(21)); }),
             ContainsSubstring("loss.style.relu9_1: vgg16 has no such layer"));
}

TEST_CASE("Squares are the middle of the picture, and sizes keep proportions") {
  const Image image = gradient(64, 32);
  const at::Tensor square = centre_square(image, 16);
  CHECK(square.sizes() == at::IntArrayRef({1, 3, 16, 16}));
  // Red rises from left to right: the middle half of it is left.
  CHECK(square[0][0].mean().item<double>() == Approx(127.5).margin(1));
  CHECK(square[0][0][0][0].item<double>() == Approx(255.0 * 16.5 / 63).margin(4));
  CHECK(at::equal(centre_square(gradient(20, 20), 20), to_tensor(gradient(20, 20))));
  CHECK(with_short_side(image, 8).sizes() == at::IntArrayRef({1, 3, 8, 16}));
  CHECK(with_short_side(gradient(30, 45), 60).sizes() == at::IntArrayRef({1, 3, 90, 60}));
}
