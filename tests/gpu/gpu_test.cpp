// The CPU is the reference: its results are held against hand-made and Python's numbers elsewhere.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/infer/backend.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/autocast.h"
#include "impasto/nn/device.h"
#include "impasto/nn/generator.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/optimizer.h"
#include "impasto/train/trainer.h"
#include "loss/random_vgg.h"
#include "nn/generator_configs.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/tiny_model.h"
#include "train/memory_images.h"

using namespace impasto;

namespace {

/// The first GPU; nothing, and a word about it, where there is none.
std::optional<c10::Device> gpu() {
  static const std::optional<c10::Device> found = [] {
    try {
      // TensorFloat-32 would hide differences behind its 10 bits.
      const c10::Device device = resolve_device("cuda");
      at::globalContext().setAllowTF32CuDNN(false);
      at::globalContext().setAllowTF32CuBLAS(false);
      return std::optional(device);
    } catch (const IoError& error) {
      std::printf("no CUDA device: %s\n", error.what());
      return std::optional<c10::Device>();
    }
  }();
  return found;
}

double relative_error(const at::Tensor& found, const at::Tensor& expected) {
  const at::Tensor there = found.detach().to(at::kCPU, at::kDouble);
  const at::Tensor here = expected.detach().to(at::kCPU, at::kDouble);
  return (there - here).norm().item<double>() / (here.norm().item<double>() + 1e-12);
}

at::Tensor photos(std::int64_t count, std::int64_t side) {
  std::vector<at::Tensor> list;
  for (std::int64_t i = 0; i < count; ++i) {
    list.push_back(to_tensor(noise_image(
        static_cast<int>(side), static_cast<int>(side), static_cast<std::uint64_t>(i))));
  }
  return at::cat(list);
}

/// Output and gradients of a generator with seeded weights.
std::vector<at::Tensor> passes(const GeneratorConfig& config,
                               const c10::Device& device,
                               c10::ScalarType precision) {
  torch::manual_seed(3);
  Generator generator(config);
  generator->to(device);
  const Autocast autocast(device, precision);
  const at::Tensor styles =
      config.styles > 1 ? torch::rand({2, config.styles}).to(device) : at::Tensor();
  const at::Tensor y = generator->forward(photos(2, 37).to(device), styles);
  (y * torch::linspace(-1, 1, 37).to(device)).mean().backward();
  std::vector<at::Tensor> results = {y};
  for (const auto& parameter : generator->parameters()) results.push_back(parameter.grad());
  return results;
}

TrainConfig small_run(const std::string& device) {
  TrainConfig config;
  config.style.images = {"wave.jpg"};
  config.style.image_size = 64;
  config.data.path = "photos";
  config.data.image_size = 64;
  config.data.batch_size = 4;
  config.generator.base_channels = 8;
  config.generator.residual_blocks = 2;
  config.loss.content = {{"relu2_2", 1.0}};
  config.loss.style = {{"relu1_2", 1.0}, {"relu2_2", 1.0}, {"relu3_3", 1.0}};
  config.schedule.steps = 12;
  config.run.device = device;
  config.run.precision = Precision::kFloat32;
  config.output.dir = "out";
  return config;
}

struct Run {
  StyleModel model;
  std::string description;
  std::vector<double> losses;
  std::vector<Checkpoint> checkpoints;
};

Run train(const TrainConfig& config, const Checkpoint* start = nullptr) {
  static const MemoryImages source(noise_images(9, 120, 90));
  Run run;
  std::vector<Image> paintings;
  for (std::size_t i = 0; i < config.style.images.size(); ++i) {
    paintings.push_back(noise_image(90, 70, 100 + i));
  }
  Trainer trainer(config, random_vgg16(21), paintings);
  trainer.on_step([&](const StepReport& report) {
    run.losses.push_back(report.loss);
    return Flow::kContinue;
  });
  trainer.on_checkpoint([&](Checkpoint& checkpoint) { run.checkpoints.push_back(checkpoint); });
  run.description = trainer.description();
  if (start != nullptr) trainer.resume(*start);
  run.model = trainer.fit(source);
  return run;
}

}  // namespace

TEST_CASE("A generator computes values and gradients on a GPU as on the CPU") {
  if (!gpu()) return;
  const auto configs = every_generator_config();
  // A prime step takes every kind of part along.
  for (std::size_t i = 0; i < configs.size(); i += 47) {
    INFO(i << " of " << configs.size());
    const auto expected = passes(configs[i], c10::kCPU, c10::kFloat);
    const auto found = passes(configs[i], *gpu(), c10::kFloat);
    REQUIRE(found.size() == expected.size());
    CHECK(relative_error(found[0], expected[0]) < 1e-4);
    // Of the whole gradient: what has next to none, such as a scale behind which nothing lies above
    // a ReLU's kink, has rounding alone.
    std::vector<at::Tensor> all_found;
    std::vector<at::Tensor> all_expected;
    for (std::size_t k = 1; k < found.size(); ++k) {
      all_found.push_back(found[k].cpu().flatten());
      all_expected.push_back(expected[k].flatten());
    }
    CHECK(relative_error(at::cat(all_found), at::cat(all_expected)) < 2e-3);
  }
}

TEST_CASE("In bfloat16 a GPU's values are off by rounding alone") {
  if (!gpu()) return;
  const GeneratorConfig config;
  const auto expected = passes(config, c10::kCPU, c10::kFloat);
  const auto found = passes(config, *gpu(), c10::kBFloat16);
  CHECK(relative_error(found[0], expected[0]) < 2e-2);
  CHECK(relative_error(found[0], expected[0]) > 1e-6);
}

TEST_CASE("The loss and its gradient on a GPU are the CPU's") {
  if (!gpu()) return;
  LossConfig config;
  const at::Tensor painting = photos(1, 80);
  const at::Tensor content = photos(2, 64);
  const auto measure = [&](const c10::Device& device, c10::ScalarType precision) {
    LossNetwork network = random_vgg16(5);
    network->to(device);
    PerceptualLoss loss(network, config);
    loss.calibrate({painting.to(device)}, content.to(device));
    at::Tensor generated = content.flip(0).to(device).requires_grad_();
    const Autocast autocast(device, precision);
    const LossTerms terms = loss(generated, content.to(device), {0, 0});
    terms.total.backward();
    return std::vector<at::Tensor>{terms.content, terms.style, terms.tv, generated.grad()};
  };
  const auto expected = measure(c10::kCPU, c10::kFloat);
  const auto found = measure(*gpu(), c10::kFloat);
  const auto narrow = measure(*gpu(), c10::kBFloat16);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    CHECK(relative_error(found[i], expected[i]) < 1e-3);
    CHECK(relative_error(narrow[i], expected[i]) < 5e-2);
  }
}

TEST_CASE("The optimizers move weights on a GPU as on the CPU") {
  if (!gpu()) return;
  OptimizerConfig config;
  config.kind = GENERATE(OptimizerKind::kMuon, OptimizerKind::kAdam, OptimizerKind::kSgd);
  const auto moved = [&](const c10::Device& device) {
    torch::manual_seed(11);
    NamedTensors parameters;
    const auto add = [&](const char* name, at::IntArrayRef shape) {
      const at::Tensor values = torch::randn(shape).to(device).requires_grad_();
      parameters.insert(name, values);
    };
    add("residual.0.conv1.weight", {16, 16, 3, 3});
    add("residual.0.conv2.weight", {16, 16, 3, 3});
    add("residual.0.norm1.bias", {16});
    add("output.conv.weight", {3, 16, 9, 9});
    Optimizer optimizer(parameters, config, /*output_gain=*/150);
    for (int step = 0; step < 3; ++step) {
      optimizer.zero_grad();
      for (auto& parameter : parameters) {
        parameter.value().mutable_grad() = torch::randn(parameter.value().sizes()).to(device);
      }
      optimizer.step(0.5);
    }
    return parameters;
  };
  const auto expected = moved(c10::kCPU);
  for (const auto& parameter : moved(*gpu())) {
    INFO(parameter.key());
    CHECK(relative_error(parameter.value(), expected[parameter.key()]) < 1e-5);
  }
}

TEST_CASE("A run on a GPU follows the CPU's, resumes, and gives a model for every backend") {
  if (!gpu()) return;
  const Run here = train(small_run("cpu"));
  TrainConfig config = small_run("cuda");
  config.run.checkpoint_every = 6;
  const Run there = train(config);
  REQUIRE(there.losses.size() == 12);
  CHECK_THAT(there.description, ContainsSubstring("cuda:0, float32, CUDA graph;"));
  CHECK(there.losses[0] == Approx(here.losses[0]).epsilon(1e-3));
  CHECK(there.losses[11] == Approx(here.losses[11]).epsilon(0.1));
  CHECK(there.losses[11] < 0.8 * there.losses[0]);

  REQUIRE(there.checkpoints.size() == 2);
  const Run resumed = train(config, &there.checkpoints[0]);
  REQUIRE(resumed.losses.size() == 6);
  CHECK(resumed.losses[0] == Approx(there.losses[6]).epsilon(1e-3));
  CHECK(resumed.losses[5] == Approx(there.losses[11]).epsilon(0.05));

  const Image photo = noise_image(75, 50, 3);
  const std::vector<float> one = {1.f};
  const auto run = [&](const BackendOptions& options) {
    return make_backend(there.model, options)->run(photo, one, {});
  };
  const Image engine = run({.device = "cpu", .precision = Precision::kFloat32});
  const Image float32 = run({.device = "cuda", .precision = Precision::kFloat32});
  const Image float16 = run({.device = "cuda", .precision = Precision::kFloat16});
  CHECK(largest_difference(float32, engine) <= 1);
  CHECK(largest_difference(float16, engine) <= 8);
}

TEST_CASE("Batches that are accumulated on a GPU count as one, of several styles too") {
  if (!gpu()) return;
  TrainConfig config = small_run("cpu");
  config.style.images = {"wave.jpg", "night.jpg"};
  config.generator.norm = Norm::kConditionalInstance;
  config.generator.styles = 2;
  config.data.batch_size = 2;
  config.optimizer.accumulate = 2;
  config.optimizer.ema = 0.9;
  config.schedule.steps = 5;
  const Run here = train(config);
  config.run.device = "cuda";
  const Run there = train(config);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(there.losses[i] == Approx(here.losses[i]).epsilon(5e-3));
  }
  CHECK(there.losses[4] == Approx(here.losses[4]).epsilon(0.05));
}

TEST_CASE("In bfloat16 a run on a GPU learns as well as in float32") {
  if (!gpu()) return;
  TrainConfig config = small_run("cuda");
  const Run wide = train(config);
  config.run.precision = Precision::kBFloat16;
  const Run narrow = train(config);
  CHECK(narrow.losses[0] == Approx(wide.losses[0]).epsilon(0.02));
  CHECK(narrow.losses[11] == Approx(wide.losses[11]).epsilon(0.2));
}

TEST_CASE("A picture that a GPU's memory cannot hold is an error that names both") {
  if (!gpu()) return;
  StyleModel model;
  model.generator.base_channels = 256;
  model.generator.residual_blocks = 1;
  torch::manual_seed(1);
  model = make_style_model(Generator(model.generator), {"wave"});
  const auto backend = make_backend(model, {.device = "cuda", .precision = Precision::kFloat32});
  const std::vector<float> one = {1.f};
  // 64 GiB for each of several feature maps.
  const Image photo(8192, 8192);
  try {
    backend->run(photo, one, {});
    FAIL("expected an error");
  } catch (const OutOfMemoryError& error) {
    CHECK_THAT(error.what(),
               ContainsSubstring("out of memory on cuda:0 for a picture of 8192x8192"));
  }
  // Nothing is lost: the next picture fits.
  CHECK(backend->run(Image(64, 48), one, {}).width() == 64);
}
