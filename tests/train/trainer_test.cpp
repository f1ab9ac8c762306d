#include "impasto/train/trainer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/safetensors.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/schedule.h"
#include "loss/random_vgg.h"
#include "support/catch.h"
#include "support/temporary_folder.h"
#include "train/memory_images.h"

using impasto::Flow;
using impasto::SampleReport;
using impasto::StepReport;
using impasto::StyleModel;
using impasto::TrainConfig;
using impasto::Trainer;

namespace {

// A network and a loss that take milliseconds a step.
TrainConfig small_config() {
  TrainConfig config;
  config.style.images = {"wave.jpg"};
  config.style.image_size = 32;
  config.data.path = "photos";
  config.data.image_size = 32;
  config.data.batch_size = 2;
  config.generator.base_channels = 4;
  config.generator.residual_blocks = 1;
  config.loss.content = {{"relu1_2", 1.0}};
  config.loss.style = {{"relu1_1", 1.0}, {"relu2_1", 1.0}};
  config.schedule.steps = 3;
  config.run.device = "cpu";
  config.run.threads = 1;  // more would wait for each other longer than they compute
  config.run.precision = impasto::Precision::kFloat32;
  config.output.dir = "out";
  return config;
}

impasto::LossNetwork network() {
  static const impasto::LossNetwork shared = random_vgg16(21);
  return shared;
}

std::vector<impasto::Image> paintings(int count = 1) {
  std::vector<impasto::Image> images;
  for (int i = 0; i < count; ++i) {
    images.push_back(noise_image(50, 40, 100 + static_cast<std::uint64_t>(i)));
  }
  return images;
}

const MemoryImages& photos() {
  static const MemoryImages source(noise_images(7, 60, 44));
  return source;
}

/// More bytes than an address space holds: the allocator's own failure.
class OutOfMemory : public MemoryImages {
 public:
  using MemoryImages::MemoryImages;
  impasto::Image load(std::size_t index) const override {
    at::empty({std::int64_t{1} << 60}, at::kByte);
    return MemoryImages::load(index);
  }
};

class WrongShapes : public MemoryImages {
 public:
  using MemoryImages::MemoryImages;
  impasto::Image load(std::size_t index) const override {
    at::zeros({2, 3}).matmul(at::zeros({2, 3}));
    return MemoryImages::load(index);
  }
};

struct Run {
  StyleModel model;
  std::vector<StepReport> reports;
};

Run train(const TrainConfig& config) {
  Run run;
  Trainer trainer(config, network(), paintings(config.generator.styles));
  trainer.on_step([&](const StepReport& report) {
    run.reports.push_back(report);
    return Flow::kContinue;
  });
  run.model = trainer.fit(photos());
  return run;
}

std::vector<std::byte> bytes_of(const StyleModel& model) {
  return impasto::serialize_safetensors({{}, model.tensors});
}

double largest_difference(const StyleModel& a, const StyleModel& b) {
  double largest = 0;
  for (const auto& [name, tensor] : a.tensors) {
    const auto difference = impasto::to_tensor(tensor) - impasto::to_tensor(b.tensors.at(name));
    largest = std::max(largest, difference.abs().max().item<double>());
  }
  return largest;
}

}  // namespace

TEST_CASE("The same seed gives the same model, bit for bit") {
  auto config = small_config();
  config.optimizer.accumulate = 2;
  const auto first = train(config);
  config.data.workers = 3;
  config.data.prefetch = 1;
  CHECK((bytes_of(train(config).model) == bytes_of(first.model)));
  config.data.seed = 43;
  CHECK((bytes_of(train(config).model) != bytes_of(first.model)));
}

TEST_CASE("A run that was stopped goes on as if it had not been") {
  auto config = small_config();
  config.schedule.steps = 5;
  config.optimizer.accumulate = 2;
  const auto expected = train(config);

  Trainer trainer(config, network(), paintings());
  std::vector<StepReport> reports;
  trainer.on_step([&](const StepReport& report) {
    reports.push_back(report);
    return report.step == 2 ? Flow::kStop : Flow::kContinue;
  });
  const auto early = trainer.fit(photos());
  REQUIRE(reports.size() == 2);
  CHECK(early.training.at("steps") == "2");
  const auto late = trainer.fit(photos());
  REQUIRE(reports.size() == 5);
  CHECK(late.training.at("steps") == "5");
  CHECK((bytes_of(late) == bytes_of(expected.model)));
  for (std::size_t i = 0; i < 5; ++i) CHECK(reports[i].loss == expected.reports[i].loss);
}

TEST_CASE("Accumulated batches make the step of one larger batch") {
  auto config = small_config();
  config.data.batch_size = 4;
  config.schedule.steps = 2;
  const auto whole = train(config);
  config.data.batch_size = 2;
  config.optimizer.accumulate = 2;
  const auto parts = train(config);
  REQUIRE(parts.reports.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(parts.reports[i].content == Approx(whole.reports[i].content).epsilon(1e-3));
    CHECK(parts.reports[i].style == Approx(whole.reports[i].style).epsilon(1e-3));
    CHECK(parts.reports[i].tv == Approx(whole.reports[i].tv).epsilon(1e-3));
    CHECK(parts.reports[i].gradient_norm == Approx(whole.reports[i].gradient_norm).epsilon(1e-3));
  }
}

TEST_CASE("Training lowers the loss") {
  auto config = small_config();
  config.schedule.steps = 80;
  config.optimizer.learning_rate = 1e-2;
  const auto run = train(config);
  CHECK(run.reports.back().loss < 0.7 * run.reports.front().loss);
}

TEST_CASE("A report's figures fit together") {
  auto config = small_config();
  config.schedule.steps = 6;
  config.schedule.warmup_steps = 2;
  const auto run = train(config);
  REQUIRE(run.reports.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto& report = run.reports[i];
    CHECK(report.step == static_cast<std::int64_t>(i) + 1);
    CHECK(report.total == 6);
    CHECK(report.loss == report.content + report.style + report.tv);
    CHECK(report.content > 0);
    CHECK(report.style > 0);
    CHECK(report.tv > 0);
    CHECK(report.gradient_norm > 0);
    CHECK(report.learning_rate ==
          config.optimizer.learning_rate *
              impasto::schedule_factor(config.schedule, static_cast<std::int64_t>(i), 6));
    CHECK(report.pictures_per_second > 0);
    CHECK(report.loader_wait >= 0);
    CHECK(report.loader_wait <= 1);
    CHECK(report.eta >= 0);
    CHECK(report.bad_pictures == 0);
  }
  CHECK(run.reports.back().eta == 0);
}

TEST_CASE("Epochs count pictures, not batches") {
  auto config = small_config();
  config.schedule.steps = 0;
  config.schedule.epochs = 2;
  CHECK(train(config).reports.size() == 7);  // 14 pictures, 2 a step
}

TEST_CASE("Clipping changes the steps, not the reported norm") {
  auto config = small_config();
  const auto free = train(config);
  config.optimizer.clip_norm = 1e-6;
  const auto clipped = train(config);
  CHECK(clipped.reports[0].gradient_norm == free.reports[0].gradient_norm);
  CHECK(largest_difference(clipped.model, free.model) > 0);
}

TEST_CASE("bfloat16 training starts at the float32 loss and keeps float32 weights") {
  auto config = small_config();
  const auto full = train(config);
  config.run.precision = impasto::Precision::kBFloat16;
  const auto rounded = train(config);
  CHECK(rounded.reports[0].loss == Approx(full.reports[0].loss).epsilon(0.05));
  CHECK(rounded.reports[0].loss != full.reports[0].loss);
  for (const auto& [name, tensor] : rounded.model.tensors) {
    CHECK(tensor.dtype == impasto::DType::kFloat32);
  }
}

TEST_CASE("The model says how it was trained and can be loaded again") {
  const TemporaryFolder folder;
  const auto config = small_config();
  const auto run = train(config);
  run.model.save(folder / "wave.safetensors");
  const auto model = StyleModel::load(folder / "wave.safetensors");
  CHECK(model.styles == std::vector<std::string>{"wave"});
  CHECK(model.generator == config.generator);
  // The folders of the machine that trained it are nobody else's business.
  auto shared = config;
  shared.style.images = {config.style.images[0].filename()};
  shared.data.path = config.data.path.filename();
  shared.loss.network = config.loss.network.filename();
  shared.output.dir = config.output.dir.filename();
  CHECK(model.training.at("config") == impasto::to_json(shared));
  CHECK(model.training.at("steps") == "3");
  CHECK(model.training.at("loss_network") == "vgg16");
  CHECK_THAT(model.training.at("library"), ContainsSubstring("impasto "));
  const auto losses = nlohmann::json::parse(model.training.at("losses"));
  CHECK(losses["total"] == run.reports.back().loss);
  CHECK(losses["style"] == run.reports.back().style);
  const auto scales = nlohmann::json::parse(model.training.at("loss_network_scales"));
  CHECK(scales.size() == 3);
  CHECK(scales["relu2_1"] > 0);
}

TEST_CASE("Samples show the same photos at every interval and at the end") {
  auto config = small_config();
  config.schedule.steps = 5;
  config.run.sample_every = 2;
  config.data.batch_size = GENERATE(1, 6);
  Trainer trainer(config, network(), paintings());
  std::vector<SampleReport> samples;
  trainer.on_sample([&](const SampleReport& report) { samples.push_back(report); });
  const auto model = trainer.fit(photos());
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].step == 2);
  CHECK(samples[1].step == 4);
  CHECK(samples[2].step == 5);
  for (const auto& sample : samples) {
    REQUIRE(sample.photos.size() == 4);
    REQUIRE(sample.results.size() == 4);
    CHECK((sample.photos == samples[0].photos));
    CHECK(sample.results[0].width() == 32);
  }
  CHECK((samples[0].results != samples[2].results));

  // The last ones are what the saved model makes.
  auto generator = impasto::make_generator(model);
  const c10::InferenceMode inference;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto result = generator->forward(impasto::to_tensor(samples[2].photos[i]));
    const auto found = impasto::to_tensor(samples[2].results[i]);
    CHECK((result.clamp(0, 255) - found).abs().max().item<float>() < 0.51F);
  }
}

TEST_CASE("Taking samples does not change the training") {
  auto config = small_config();
  config.generator.norm = impasto::Norm::kBatch;  // which keeps statistics of what it sees
  const auto expected = train(config);
  config.run.sample_every = 1;
  Trainer trainer(config, network(), paintings());
  int samples = 0;
  trainer.on_sample([&](const SampleReport&) { ++samples; });
  CHECK((bytes_of(trainer.fit(photos())) == bytes_of(expected.model)));
  CHECK(samples == 3);
}

TEST_CASE("Every style of a network with several is trained") {
  auto config = small_config();
  config.style.images = {"wave.jpg", "night.jpg", "scream.jpg"};
  config.generator.norm = impasto::Norm::kConditionalInstance;
  config.generator.styles = 3;
  config.schedule.steps = 8;
  const auto run = train(config);
  CHECK(run.model.styles == std::vector<std::string>{"wave", "night", "scream"});
  const auto scale = impasto::to_tensor(run.model.tensors.at("encoder.0.norm.weight"));
  REQUIRE(scale.size(0) == 3);
  CHECK_FALSE(at::equal(scale[0], scale[1]));
  CHECK_FALSE(at::equal(scale[1], scale[2]));
  CHECK((bytes_of(train(config).model) == bytes_of(run.model)));
}

TEST_CASE("A bad picture is counted and the run goes on") {
  const MemoryImages source(noise_images(12, 60, 44), {5});
  auto config = small_config();
  config.schedule.steps = 0;
  config.schedule.epochs = 1;
  Trainer trainer(config, network(), paintings());
  std::int64_t bad = 0;
  trainer.on_step([&](const StepReport& report) {
    bad = report.bad_pictures;
    return Flow::kContinue;
  });
  trainer.fit(source);
  CHECK(bad == 1);
}

TEST_CASE("A step whose loss is not finite is skipped and the run goes on") {
  auto config = small_config();
  config.generator.norm = impasto::Norm::kBatch;  // whose statistics a forward pass changes
  config.schedule.kind = impasto::ScheduleKind::kConstant;
  config.schedule.steps = 4;
  auto shared = random_vgg16(21);
  const auto weights = shared->buffers()[2];  // mean, std, and then the first convolution
  const auto kept = weights.clone();
  Trainer trainer(config, shared, paintings());
  std::vector<StepReport> reports;
  std::vector<std::string> warnings;
  impasto::set_log_sink(
      [&](impasto::LogLevel, std::string_view message) { warnings.emplace_back(message); });
  trainer.on_step([&](const StepReport& report) {
    reports.push_back(report);
    // Steps 2 and 3 meet a broken loss network.
    const c10::NoGradGuard no_grad;
    if (report.step == 1) weights.fill_(std::numeric_limits<float>::quiet_NaN());
    if (report.step == 3) weights.copy_(kept);
    return Flow::kContinue;
  });
  const auto model = trainer.fit(photos());
  impasto::set_log_sink(nullptr);
  REQUIRE(reports.size() == 4);
  CHECK(std::isnan(reports[1].content));
  CHECK(reports[0].skipped_steps == 0);
  CHECK(reports[2].skipped_steps == 2);
  CHECK(reports[3].skipped_steps == 2);
  CHECK(std::isfinite(reports[3].loss));
  CHECK(warnings == std::vector<std::string>{"step 2 skipped: the content loss is nan"});
  for (const auto& [name, tensor] : model.tensors) {
    CHECK(impasto::to_tensor(tensor).isfinite().all().item<bool>());
  }
}

TEST_CASE("Too many steps skipped in a row end the run with the term and what to try") {
  auto config = small_config();
  config.optimizer.learning_rate = 1e30;
  config.schedule.kind = impasto::ScheduleKind::kConstant;
  config.schedule.steps = 20;
  config.optimizer.max_skipped = 3;
  CHECK_THROWS_AS(train(config), impasto::Error);
  CHECK_THROWS_WITH(train(config),
                    ContainsSubstring("step 5: the content loss is ") &&
                        ContainsSubstring("4 steps in a row had to be skipped") &&
                        ContainsSubstring("lower optimizer.learning_rate"));
}

TEST_CASE("What is saved with averaging is the average of the weights") {
  auto config = small_config();
  config.schedule.steps = 2;
  config.schedule.kind = impasto::ScheduleKind::kConstant;
  const auto weights_after = [&](int steps) {
    auto plain = config;
    plain.optimizer.ema = 0;
    plain.schedule.steps = steps;
    return train(plain).model;
  };
  config.optimizer.ema = 0.15;
  const auto averaged = train(config).model;
  const auto first = weights_after(1), second = weights_after(2);
  // Decays 0.1 and then min(0.15, 2/11): a2 = 0.15 (0.1 w0 + 0.9 w1) + 0.85 w2. Scales begin at 1.
  const std::string name = "encoder.0.norm.weight";
  const auto expected = 0.15 * (0.1 + 0.9 * impasto::to_tensor(first.tensors.at(name))) +
                        0.85 * impasto::to_tensor(second.tensors.at(name));
  CHECK((impasto::to_tensor(averaged.tensors.at(name)) - expected).abs().max().item<float>() <
        1e-6F);
}

TEST_CASE("Another trainer goes on from a checkpoint to the same weights, bit for bit") {
  auto config = small_config();
  config.optimizer.kind = GENERATE(impasto::OptimizerKind::kMuon, impasto::OptimizerKind::kAdam);
  config.run.threads = GENERATE(1, 2);
  config.schedule.steps = 6;
  config.optimizer.ema = GENERATE(0.0, 0.9);
  config.generator.norm = GENERATE(impasto::Norm::kInstance, impasto::Norm::kBatch);
  config.run.checkpoint_every = 2;
  Trainer whole(config, network(), paintings());
  std::vector<impasto::Checkpoint> checkpoints;
  whole.on_checkpoint([&](impasto::Checkpoint& checkpoint) { checkpoints.push_back(checkpoint); });
  const auto expected = whole.fit(photos());
  REQUIRE(checkpoints.size() == 3);
  CHECK(checkpoints[1].step == 4);
  for (const std::size_t from : {0, 1, 2}) {
    Trainer trainer(config, network(), paintings());
    trainer.resume(checkpoints[from]);
    const auto model = trainer.fit(photos());
    CHECK((bytes_of(model) == bytes_of(expected)));
    CHECK(model.training == expected.training);
  }
}

TEST_CASE("A checkpoint of other paintings, photos or weights is refused") {
  auto config = small_config();
  config.run.checkpoint_every = 1;
  Trainer first(config, network(), paintings());
  impasto::Checkpoint checkpoint;
  first.on_checkpoint([&](impasto::Checkpoint& found) { checkpoint = found; });
  first.on_step([](const StepReport&) { return Flow::kStop; });
  first.fit(photos());

  Trainer other_painting(config, network(), {noise_image(50, 40, 7)});
  CHECK_THROWS_AS(other_painting.resume(checkpoint), impasto::ConfigError);
  Trainer other_network(config, random_vgg16(22), paintings());
  CHECK_THROWS_WITH(other_network.resume(checkpoint), ContainsSubstring("loss.network: expected"));
  const MemoryImages fewer(noise_images(6, 60, 44));
  Trainer trainer(config, network(), paintings());
  trainer.resume(checkpoint);
  CHECK_THROWS_WITH(trainer.fit(fewer), ContainsSubstring("data.path: expected the photos"));
  trainer.resume(checkpoint, /*allow_changed_photos=*/true);
  trainer.fit(fewer);

  checkpoint.tensors.erase("adam.square.output.conv.bias");
  CHECK_THROWS_AS(trainer.resume(checkpoint), impasto::FormatError);
}

TEST_CASE("A style weight that is chosen is printed, kept by a resume and saved as fixed") {
  auto config = small_config();
  config.loss.style_strength = impasto::StyleStrength::kAuto;
  config.schedule.steps = 4;
  config.run.checkpoint_every = 2;
  std::vector<std::string> log;
  impasto::set_log_sink(
      [&](impasto::LogLevel, std::string_view message) { log.emplace_back(message); });
  std::vector<impasto::Checkpoint> checkpoints;
  const auto run = [&](const impasto::Checkpoint* from) {
    Trainer trainer(config, network(), paintings());
    trainer.on_checkpoint([&](impasto::Checkpoint& found) { checkpoints.push_back(found); });
    if (from != nullptr) trainer.resume(*from);
    return trainer.fit(photos());
  };
  const auto model = run(nullptr);
  impasto::set_log_sink(nullptr);
  REQUIRE(log.size() == 1);
  CHECK_THAT(log[0], ContainsSubstring("loss.style_weight: chosen as "));
  const double chosen = checkpoints.at(0).style_weight;
  CHECK(chosen > 0);
  CHECK(chosen != config.loss.style_weight);
  const impasto::Checkpoint first = checkpoints.at(0);
  CHECK((bytes_of(run(&first)) == bytes_of(model)));

  // Pinned, it makes the same model.
  const auto saved = nlohmann::json::parse(model.training.at("config"));
  CHECK(saved["loss"]["style_weight"] == chosen);
  CHECK(saved["loss"]["style_strength"] == "fixed");
  config.loss.style_weight = chosen;
  config.loss.style_strength = impasto::StyleStrength::kFixed;
  CHECK((bytes_of(run(nullptr)) == bytes_of(model)));
}

TEST_CASE("Held-out photos are scored at every interval and at the end, and never trained on") {
  auto config = small_config();
  config.schedule.steps = 0;
  config.schedule.epochs = 2;
  config.run.evaluate_every = 3;
  config.data.hold_out = 3;  // photos 0, 3 and 6 of 7
  Trainer trainer(config, network(), paintings());
  std::vector<impasto::ValidationReport> found;
  std::int64_t steps = 0;
  trainer.on_validation([&](const impasto::ValidationReport& report) { found.push_back(report); });
  trainer.on_step([&](const StepReport& report) {
    steps = report.total;
    return Flow::kContinue;
  });
  const auto model = trainer.fit(photos());
  CHECK(steps == 4);  // twice 4 pictures, 2 a step
  REQUIRE(found.size() == 2);
  CHECK(found[0].step == 3);
  CHECK(found[1].step == 4);
  CHECK(found[1].loss == Approx(found[1].content + found[1].style + found[1].tv));
  CHECK(found[0].loss != found[1].loss);

  // What a training on the other photos alone makes.
  const MemoryImages others({noise_image(60, 44, 1),
                             noise_image(60, 44, 2),
                             noise_image(60, 44, 4),
                             noise_image(60, 44, 5)});
  config.data.hold_out = 0;
  Trainer apart(config, network(), paintings());
  CHECK((bytes_of(apart.fit(others)) == bytes_of(model)));
}

TEST_CASE("The activity of the layers comes with the samples") {
  auto config = small_config();
  config.run.sample_every = 2;
  Trainer trainer(config, network(), paintings());
  std::vector<impasto::ActivityReport> found;
  trainer.on_activity([&](const impasto::ActivityReport& report) { found.push_back(report); });
  trainer.fit(photos());
  REQUIRE(found.size() == 2);
  CHECK(found[0].step == 2);
  CHECK(found[1].step == 3);
  REQUIRE(found[0].layers.size() == 6);
  CHECK(found[0].layers[0].layer == "encoder.0.activation");
  for (const auto& layer : found[0].layers) {
    CHECK(layer.share > 0);
    CHECK(layer.share < 1);
  }
}

TEST_CASE("Only the rows of an added style are trained") {
  auto config = small_config();
  config.generator.norm = impasto::Norm::kConditionalInstance;
  config.init = {.from = "one.safetensors", .add_styles = true};
  config.generator.styles = 2;
  Trainer trainer(config, network(), paintings());
  CHECK_THROWS_WITH(trainer.fit(photos()), ContainsSubstring("init.from: expected its model"));
  // 4 + 8 + 16 channels of the encoder, 2 * 16 of the block, 8 + 4 of the decoder; two styles, each
  // with scale and shift.
  CHECK(trainer.cost().trained_parameters == 2 * 2 * (4 + 8 + 16 + 2 * 16 + 8 + 4));
  CHECK(trainer.cost().parameters > trainer.cost().trained_parameters);
}

TEST_CASE("Out of memory names batch and picture size and suggests accumulation") {
  const auto config = small_config();
  const OutOfMemory source(noise_images(1, 60, 44));
  const auto run = [&] { Trainer(config, network(), paintings()).fit(source); };
  CHECK_THROWS_AS(run(), impasto::Error);
  CHECK_THROWS_WITH(
      run(),
      ContainsSubstring("out of memory at data.batch_size 2 and data.image_size 32: ") &&
          ContainsSubstring("raise optimizer.accumulate"));
}

TEST_CASE("An error of libtorch reaches the caller without its backtrace") {
  const WrongShapes source(noise_images(1, 60, 44));
  const auto run = [&] { Trainer(small_config(), network(), paintings()).fit(source); };
  CHECK_THROWS_AS(run(), impasto::Error);
  CHECK_THROWS_WITH(run(), ContainsSubstring("libtorch: ") && !ContainsSubstring("frame #0"));
}

TEST_CASE("Paintings and styles must be as many") {
  CHECK_THROWS_AS(Trainer(small_config(), network(), paintings(2)), impasto::ConfigError);
  CHECK_THROWS_WITH(Trainer(small_config(), network(), paintings(2)),
                    ContainsSubstring("style.images: expected a painting for each of 1, found 2"));
}

TEST_CASE("A config out of range is refused before anything is built") {
  auto config = small_config();
  config.optimizer.accumulate = 0;
  CHECK_THROWS_AS(Trainer(config, network(), paintings()), impasto::ConfigError);
  CHECK_THROWS_WITH(Trainer(config, network(), paintings()),
                    ContainsSubstring("optimizer.accumulate"));
}

TEST_CASE("A trainer describes what runs where") {
  const auto config = small_config();
  const Trainer trainer(config, network(), paintings());
  CHECK_THAT(trainer.description(),
             ContainsSubstring("libtorch ") && ContainsSubstring(", cpu, float32, 1 thread; ") &&
                 ContainsSubstring(" parameters; vgg16"));
}
