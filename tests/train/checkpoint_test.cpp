#include "impasto/train/checkpoint.h"

#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/train/checkpoint_folder.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using impasto::Checkpoint;
using impasto::CheckpointFolder;
using impasto::HostTensor;

namespace {

Checkpoint example(std::int64_t step) {
  Checkpoint checkpoint{.styles = {"wave", "the scream"},
                        .step = step,
                        .skipped = 3,
                        .skipped_in_a_row = 1,
                        .averaged = 17,
                        .seconds = 0.1,
                        .metrics = 4096,
                        .style_weight = 0.1 + 0.2,
                        .environment = "libtorch, cpu",
                        .photos = "00ff",
                        .paintings = "01fe",
                        .loss_network = "02fd",
                        .losses = {{"content", 1.0 / 3}},
                        .loss_scales = {{"relu1_2", 1e-7}},
                        .bad_pictures = {{12, "p/12.jpg: not a \"picture\""}}};
  checkpoint.config.style.images = {"/p/wave.jpg"};
  checkpoint.config.data.path = "/p/photos";
  checkpoint.config.loss.network = "/p/vgg.safetensors";
  checkpoint.config.output.dir = "/p/out";
  checkpoint.config.optimizer.learning_rate = 0.1 + 0.2;  // not a short decimal
  checkpoint.tensors = {{"generator.a", HostTensor::from_floats({2}, {1.5F, -2.0F})}};
  return checkpoint;
}

std::vector<std::string> names(const CheckpointFolder& folder) {
  std::vector<std::string> list;
  for (const auto& file : folder.files()) list.push_back(file.filename().string());
  return list;
}

}  // namespace

TEST_CASE("A checkpoint comes back as it was saved") {
  const TemporaryFolder folder;
  const Checkpoint saved = example(500);
  saved.save(folder / "c.safetensors");
  const Checkpoint loaded = Checkpoint::load(folder / "c.safetensors");
  CHECK(loaded.config == saved.config);
  CHECK(loaded.styles == saved.styles);
  CHECK(loaded.step == 500);
  CHECK(loaded.skipped == 3);
  CHECK(loaded.skipped_in_a_row == 1);
  CHECK(loaded.averaged == 17);
  CHECK(loaded.seconds == saved.seconds);
  CHECK(loaded.metrics == 4096);
  CHECK(loaded.style_weight == saved.style_weight);
  CHECK(loaded.environment == saved.environment);
  CHECK(loaded.photos == "00ff");
  CHECK(loaded.paintings == "01fe");
  CHECK(loaded.loss_network == "02fd");
  CHECK(loaded.losses == saved.losses);
  CHECK(loaded.loss_scales == saved.loss_scales);
  CHECK(loaded.bad_pictures == saved.bad_pictures);
  CHECK((loaded.tensors == saved.tensors));
}

TEST_CASE("What is no checkpoint is refused by its place and what was expected") {
  const TemporaryFolder folder;
  const auto path = folder / "c.safetensors";
  const auto load = [&] { Checkpoint::load(path); };
  impasto::write_safetensors(path, {});
  CHECK_THROWS_AS(load(), impasto::FormatError);
  CHECK_THROWS_WITH(
      load(), ContainsSubstring("metadata 'format' to be 'impasto.checkpoint/1', found none"));

  example(1).save(path);
  auto file = impasto::read_safetensors(path);
  auto damaged = file;
  damaged.metadata["step"] = "\"many\"";
  impasto::write_safetensors(path, damaged);
  CHECK_THROWS_AS(load(), impasto::FormatError);
  damaged = file;
  damaged.metadata.erase("loss_scales");
  impasto::write_safetensors(path, damaged);
  CHECK_THROWS_WITH(load(), ContainsSubstring("expected 'loss_scales', found none"));
  damaged = file;
  damaged.metadata["config"] = "{\"data\": {\"pth\": 1}}";
  impasto::write_safetensors(path, damaged);
  CHECK_THROWS_AS(load(), impasto::FormatError);
}

TEST_CASE("The newest checkpoints stay, by step and not by when they were written") {
  const TemporaryFolder temporary;
  const CheckpointFolder folder(temporary / "checkpoints", 2);
  CHECK(folder.files().empty());
  CHECK_THROWS_AS(folder.load_newest(), impasto::IoError);
  for (const std::int64_t step : {9, 100, 1000}) folder.save(example(step));
  CHECK(names(folder) ==
        std::vector<std::string>{"step_00000100.safetensors", "step_00001000.safetensors"});
  CHECK(folder.load_newest().step == 1000);
  std::filesystem::resize_file(folder.files().back(), 40);
  CHECK(folder.load_newest().step == 100);
  std::filesystem::resize_file(folder.files().front(), 40);
  CHECK_THROWS_AS(folder.load_newest(), impasto::FormatError);
  folder.clear();
  CHECK(folder.files().empty());
}
